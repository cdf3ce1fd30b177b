"""A hint: `python scripts/hint.py [EXERCISE|FILE:LINE]`, a stronger one each time; by default for the next exercise."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded


def run(word: str, rung: int | None, language: str) -> int:
    """Print the next hint for an exercise."""
    from kit.course.course import Course, find_root
    from kit.errors import KitError
    from kit.learner import hints
    from kit.learner.locate import exercise_at
    from kit.learner.status import status
    from kit.learner.told import exercise_in, use_language

    course = Course(find_root(Path.cwd()))
    language = use_language(course, language, [word])
    exercise_id = exercise_at(word, or_next=True) if word else status(course, language).to_solve
    if not exercise_id:
        raise KitError("no exercise is left that needs a hint", "", "name one, such as 06.03")
    exercise = exercise_in(course, exercise_id, language)
    print(hints.to_text(exercise, hints.next_rung(course.root, exercise.id, hints.RUNGS, rung)))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    from kit.learner.hints import RUNGS

    parser = argparse.ArgumentParser(
        prog="hint.py", description="Give a hint. Each call says more, up to the full answer."
    )
    parser.add_argument(
        "word",
        nargs="?",
        default="",
        metavar="EXERCISE|FILE:LINE",
        help="the exercise, such as 06.03 (default: the next one)",
    )
    parser.add_argument("--rung", type=int, choices=range(1, RUNGS + 1), help="give this step instead of the next one")
    parser.add_argument("--lang", default="", metavar="LANG", help="language of your files (default: the one you use)")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.word, given.rung, given.lang))


if __name__ == "__main__":
    sys.exit(main())
