"""Make the two files of each chapter say the same: `python scripts/sync.py [FILE ...]`. Without a file, all of them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.command import guarded


def run(files: list[str]) -> int:
    """Sync, and say what was done; 1 when a person must look at two versions, 2 when a pair is unusable."""
    from kit.course import Course, find_root
    from kit.errors import KitError
    from kit.pair import pair_of, pairs, sync
    from kit.show_sync import line

    course = Course(find_root(Path.cwd()))
    chosen = dict.fromkeys(pair_of(course, Path(file)) for file in files) if files else pairs(course)
    code = 0
    for pair in chosen:
        try:
            done = sync(course, pair, hook=os.environ.get("PRE_COMMIT") == "1")
        except KitError as error:
            print(error, file=sys.stderr)
            code = 2
            continue
        if done.wrote:
            print(line(done))
        code = max(code, 1) if done.clashes else code
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """The command line's door."""
    parser = argparse.ArgumentParser(prog="sync.py", description="Make the two files of each chapter say the same.")
    parser.add_argument("files", nargs="*", metavar="FILE", help="either file of a pair, such as workshop/en/ch00_start.py")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.files))


if __name__ == "__main__":
    sys.exit(main())
