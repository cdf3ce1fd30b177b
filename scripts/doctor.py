"""Something odd? `python scripts/doctor.py` checks everything the workshop needs, one line each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.i18n import told
from kit.terminal import guarded


def run() -> int:
    """Print a line for each check; 1 if any of them found a problem."""
    from kit.course.course import Course, find_root
    from kit.judge.show import print_folded
    from kit.learner.doctor import examine
    from kit.learner.told import use_language

    problems = 0
    course = Course(find_root(Path.cwd()))
    use_language(course)
    for check in examine(course):
        print_folded(f"{told('ok ') if check.ok else told('fix')} {told(check.name)}: {told(check.found)}")
        if not check.ok:
            print(told(f"      {check.fix}"))
            problems += 1
    if problems:
        print_folded("1 problem" if problems == 1 else f"{problems} problems; fix them in order")
    else:
        print(told("all is well"))
    return 1 if problems else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="doctor.py", description="Find out what's wrong: check everything the workshop needs."
    )
    parser.parse_args(argv)
    return guarded(run)


if __name__ == "__main__":
    sys.exit(main())
