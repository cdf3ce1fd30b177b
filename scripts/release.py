"""Make the repository that a new cohort forks: `python scripts/release.py DIR`.

It has one commit, every chapter is empty again, and nothing is left from an earlier cohort. `make test` must pass in a
fresh clone of it; this sets up a new environment, so it takes minutes. --no-test skips it. With --repository, the
badges and the notebooks opened alone, as on Colab, lead to the new repository.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded


def run(folder: Path, test: bool, repository: str, tag: str) -> int:
    """Make it, and say what comes next."""
    from kit.course.course import Course, find_root
    from kit.course.home import checked
    from kit.instructor.release import BRANCH, passes, release

    course = Course(find_root(Path.cwd()))
    home = (
        checked(repository.removesuffix("/").removesuffix(".git"), tag, "--repository or --tag") if repository else None
    )
    done = release(course, folder, passes if test else None, home)
    print(f"{done.folder} has one commit, {done.commit[:10]}, with {done.files} files")
    print("a fresh clone passes make test" if test else "make test was skipped")
    if home is None:
        print(f"its links lead to {course.home.repository or 'nowhere'}; --repository URL makes them lead to URL")
    address, what = (home.repository, f"{BRANCH} {home.version}") if home else ("URL", BRANCH)
    print(f"next: git -C {shlex.quote(str(done.folder))} push {address} {what}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="release.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder outside this repository")
    parser.add_argument("--no-test", action="store_true", help="skip make test in a fresh clone")
    parser.add_argument(
        "--repository", default="", metavar="URL", help="where it will be: https://github.com/OWNER/REPO"
    )
    parser.add_argument(
        "--tag", default=time.strftime("%Y-%m-%d"), help="the tag of its commit (default: today's date)"
    )
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.folder, not given.no_test, given.repository, given.tag))


if __name__ == "__main__":
    sys.exit(main())
