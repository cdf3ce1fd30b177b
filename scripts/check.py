"""Judge exercises: `python scripts/check.py [CHAPTER|EXERCISE|FILE[:LINE] ...]` (default: all); `--watch` keeps on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded, terminal_width


def run_watch(language: str, form: str) -> int:
    """Judge each exercise as its file is saved, until the person quits."""
    from kit.course.course import Course, find_root
    from kit.learner.told import use_language
    from kit.learner.watch_terminal import run as watch

    course = Course(find_root(Path.cwd()))
    language = use_language(course, language)
    course.require_language(language)
    return watch(course, language, form)


def run(words: list[str], language: str, answers: bool, form: str, seed: int | None) -> int:
    """Print the findings; 0 if all have passed, else 1."""
    from kit.errors import KitError
    from kit.files import find_root
    from kit.judge.resident.client import Client, Unavailable

    root = find_root(Path.cwd())
    asked: dict[str, Any] = {"words": words, "lang": language, "answers": answers, "form": form, "seed": seed}
    asked |= {"cwd": str(Path.cwd()), "width": terminal_width()}
    try:
        found = Client(root).ask("check", **asked)
    except KitError:
        from kit.course.course import Course
        from kit.learner.told import use_language

        use_language(Course(root), language, words)
        raise
    except Unavailable:
        from kit.learner.service import Service

        service = Service(root)
        try:
            found = service.methods()["check"](**asked)
        finally:
            service.close()
    sys.stdout.write(found["output"])
    return 0 if found["passed"] else 1


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
    parser.add_argument("--lang", default="", metavar="LANG", help="language of your files (default: the one you use)")
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
