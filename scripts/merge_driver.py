"""Merge a chapter's file exercise by exercise. Git runs it as .gitattributes says: `merge_driver.py %O %A %B %P`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.terminal import guarded


def run(base: str, ours: str, theirs: str, path: str) -> int:
    """Write the merged file into `ours`, as git wants it; what a person should know goes to stderr."""
    from kit.learner.update.merge_driver import describe, drive, read

    done = drive(path, read(base), read(ours), read(theirs))
    Path(ours).write_bytes(done.data)
    for line in describe(path, done.revision):
        print(line, file=sys.stderr)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """The command line's door."""
    parser = argparse.ArgumentParser(prog="merge_driver.py", description="Merge a chapter's file, for git.")
    parser.add_argument("base", help="a file with the version that both come from (%%O)")
    parser.add_argument("ours", help="a file with the version here, which is overwritten (%%A)")
    parser.add_argument("theirs", help="a file with the other version (%%B)")
    parser.add_argument("path", help="the chapter's file (%%P)")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.base, given.ours, given.theirs, given.path))


if __name__ == "__main__":
    sys.exit(main())
