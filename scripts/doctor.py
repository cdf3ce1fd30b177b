"""What is wrong here? `python scripts/doctor.py` looks at everything that the workshop needs, a line each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.terminal import guarded


def run() -> int:
    """Print a line for each check; 1 when one of them has something to mend."""
    from kit.course.course import Course, find_root
    from kit.judge.show import print_folded
    from kit.learner.doctor import examine

    ill = 0
    for check in examine(Course(find_root(Path.cwd()))):
        print_folded(f"{'ok  ' if check.ok else 'mend'} {check.name}: {check.said}")
        if not check.ok:
            print(f"      {check.mend}")
            ill += 1
    print_folded("all is well" if not ill else f"{ill} to mend, from the top")
    return 1 if ill else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="doctor.py", description="Find out what's wrong: look at everything the workshop needs."
    )
    parser.parse_args(argv)
    return guarded(run)


if __name__ == "__main__":
    sys.exit(main())
