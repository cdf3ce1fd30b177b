"""Learn in another language: `python scripts/language.py LANG` takes your work there; without LANG it lists them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded


def run_list() -> int:
    """Print a line for each language, and mark the learner's."""
    from kit.course.course import Course, find_root
    from kit.judge.show import print_folded
    from kit.learner.move.offer import exercises, lines, offers
    from kit.learner.told import use_language

    course = Course(find_root(Path.cwd()))
    use_language(course)
    for line in lines(offers(course), exercises(course)):
        print_folded(line)
    return 0


def run(language: str) -> int:
    """Move the learner, and say how to undo it; 1 if they have to choose between two versions of a cell."""
    from kit.course.course import Course, find_root
    from kit.judge.show import print_folded
    from kit.learner.move.move import describe, move
    from kit.learner.told import speak, use_language

    course = Course(find_root(Path.cwd()))
    use_language(course)
    done = move(course, language)
    speak(course.root, language)
    for line in describe(done):
        print_folded(line)
    return 1 if done.clashes else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="language.py",
        description="Learn in another language. Your answers, own cells and ticks come along. Makes a backup first.",
    )
    parser.add_argument(
        "language", nargs="?", default="", metavar="LANG", help="its code, such as ja (default: list them all)"
    )
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.language) if given.language else run_list())


if __name__ == "__main__":
    sys.exit(main())
