"""See the whole thing work: `python scripts/demo.py`. It judges every exercise and reads a cohort of students."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded


def run() -> int:
    """Show the demo on the course that this package belongs to."""
    from kit.course.course import Course
    from kit.instructor.demo import show

    show(Course())
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    argparse.ArgumentParser(
        prog="demo.py", description="Try everything: check every exercise, then read a made-up class."
    ).parse_args(argv)
    return guarded(run)


if __name__ == "__main__":
    sys.exit(main())
