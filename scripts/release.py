"""Make the repository that a new cohort forks: `python scripts/release.py DIR`.

It has one commit, every chapter is empty again, and nothing is left from an earlier cohort. `make test` must pass in a
fresh clone of it; this sets up a new environment, so it takes minutes. --no-test skips it.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.terminal import guarded


def run(folder: Path, test: bool) -> int:
    """Make it, and say what comes next."""
    from kit.course.course import Course, find_root
    from kit.instructor.release import BRANCH, passes, release

    done = release(Course(find_root(Path.cwd())), folder, passes if test else None)
    print(f"{done.folder} has one commit, {done.commit[:10]}, with {done.files} files")
    print("a fresh clone passes make test" if test else "make test was skipped")
    print(f"next: git -C {shlex.quote(str(done.folder))} push URL {BRANCH}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="release.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder outside this repository")
    parser.add_argument("--no-test", action="store_true", help="skip make test in a fresh clone")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.folder, not given.no_test))


if __name__ == "__main__":
    sys.exit(main())
