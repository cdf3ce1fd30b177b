"""Make the repository that a new cohort forks: `python scripts/release.py DIR`.

It has one commit, every chapter as a todo, and nothing of an earlier cohort. A fresh clone of it must pass `make test`,
which first sets up an environment and so takes minutes; --no-test skips that.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.terminal import guarded


def run(folder: Path, test: bool) -> int:
    """Make it, and say what to do next."""
    from kit.course.course import Course, find_root
    from kit.instructor.release import BRANCH, passes, release

    done = release(Course(find_root(Path.cwd())), folder, passes if test else None)
    print(f"{done.folder} has one commit, {done.commit[:10]}, with {done.files} files")
    print("a fresh clone passes make test" if test else "make test was skipped")
    print(f"next: git -C {shlex.quote(str(done.folder))} push URL {BRANCH}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="release.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder, outside this one")
    parser.add_argument("--no-test", action="store_true", help="don't run make test in a fresh clone")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.folder, not given.no_test))


if __name__ == "__main__":
    sys.exit(main())
