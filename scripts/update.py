"""Get the newest version of the course: `python scripts/update.py [SOURCE]`. Your answers and ticks stay.

SOURCE is a git remote, an address or a folder; the default is the remote `upstream`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.errors import KitError
from kit.terminal import guarded


def run(source: str) -> int:
    """Update, and say what happened; 1 if you have to choose between two versions of a cell."""
    try:
        from kit.course.course import Course, find_root
        from kit.judge.show import print_folded
        from kit.learner.told import use_language
        from kit.learner.update.update import describe, update
    except ImportError as error:  # a killed update may have left some modules newer than others
        advice = "if an update was interrupted: git checkout HEAD -- kit scripts, then run this again; else: make setup"
        raise KitError(f"the kit won't start: {error}", "", advice) from error
    course = Course(find_root(Path.cwd()))
    use_language(course)
    done = update(course, source)
    for line in describe(done):
        print_folded(line)
    return 1 if done.clashes else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="update.py", description="Get the instructor's latest version of the course. Your answers and ticks stay."
    )
    parser.add_argument(
        "source",
        nargs="?",
        default="",
        metavar="SOURCE",
        help="a git remote, a URL or a folder (default: the remote upstream)",
    )
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.source))


if __name__ == "__main__":
    sys.exit(main())
