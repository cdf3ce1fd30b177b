"""Start at a chapter: `python scripts/checkpoint.py 06` finishes everything before it. Your passing answers stay."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded

if TYPE_CHECKING:
    from kit.course.chapter import Chapter, Exercise


def run(word: str, language: str) -> int:
    """Finish the chapters before this one, and say how to undo it."""
    from kit.course.course import Course, find_root
    from kit.judge.judge import Judge
    from kit.judge.show import print_folded
    from kit.judge.trials.runners import shared_runner
    from kit.learner.checkpoint import describe, finish_before
    from kit.learner.told import use_language

    course = Course(find_root(Path.cwd()))

    def passes(cells: list[tuple[Chapter, Exercise, str]]) -> list[bool]:
        judge = Judge(shared_runner(course.root))  # imports torch, which takes a second, so not before it's needed
        try:
            return [verdict.outcome == "passed" for verdict in judge.judge_all(cells)]
        finally:
            judge.runner.close()

    for line in describe(finish_before(course, word, use_language(course, language), passes)):
        print_folded(line)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="checkpoint.py", description="Start at a chapter: finish everything before it. A backup is made first."
    )
    parser.add_argument("chapter", metavar="CHAPTER", help="the chapter to start at, such as 06")
    parser.add_argument("--lang", default="", metavar="LANG", help="language of your files (default: the one you use)")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.chapter, given.lang))


if __name__ == "__main__":
    sys.exit(main())
