"""Judge exercises: `python scripts/check.py [CHAPTER|EXERCISE|FILE[:LINE] ...]` (default: all); `--watch` keeps on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.terminal import guarded


def run_watch(language: str, form: str) -> int:
    """Judge each exercise as its file is saved, until the person quits."""
    from kit.course.course import Course, find_root, unknown_id
    from kit.learner.watch_terminal import run as watch

    course = Course(find_root(Path.cwd()))
    if language not in course.languages:
        raise unknown_id(language, list(course.languages))
    return watch(course, language, form)


def run(words: list[str], language: str, answers: bool, form: str, seed: int | None) -> int:
    """Print the findings; 0 if all have passed, else 1."""
    from kit.course.course import Course, find_root
    from kit.judge.trials.runners import shared_runner

    course = Course(find_root(Path.cwd()))
    shared_runner(course.root)  # starts importing torch while we import the rest and read the files
    from kit.judge.judge import PAGE, Judge
    from kit.judge.show import fold, terminal_width
    from kit.learner.check import FORMATS, find, gather

    judge = Judge(shared_runner(course.root), () if seed is None else (PAGE, seed))
    try:
        findings = find(judge, gather(course, words, language, answers), None if answers else course)
    finally:
        judge.runner.close()
    text = FORMATS[form](findings)
    sys.stdout.write(fold(text, terminal_width()) if form == "text" else text)
    return 0 if all(finding.verdict.outcome == "passed" for finding in findings) else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="check.py", description="Check your exercises. Exits with 1 if any doesn't pass."
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="CHAPTER|EXERCISE|FILE[:LINE]",
        help="what to check, such as 01, 01.05, a chapter's file, or a line in it (default: everything)",
    )
    parser.add_argument("--lang", default="en", metavar="LANG", help="language of your files (default: en)")
    parser.add_argument("--answers", action="store_true", help="check the finished chapters instead of your files")
    parser.add_argument(
        "--format",
        choices=["text", "problems", "json"],
        default="text",
        help="text for you, problems for an editor, json for a program (default: text)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="check on the inputs that this seed draws, as the JSON of an earlier check names it (default: new ones)",
    )
    parser.add_argument(
        "--watch", action="store_true", help="keep running, and check each exercise as you save its file"
    )
    given = parser.parse_args(argv)
    if given.watch:
        if given.words or given.answers or given.format == "json" or given.seed is not None:
            parser.error("--watch checks all your files as you save them: only --lang and --format problems go with it")
        return guarded(lambda: run_watch(given.lang, given.format))
    return guarded(lambda: run(given.words, given.lang, given.answers, given.format, given.seed))


if __name__ == "__main__":
    sys.exit(main())
