"""Merge a chapter's file exercise by exercise: `merge_driver.py %O %A %B %P`. Git runs it, see .gitattributes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded


def run(base: str, ours: str, theirs: str, path: str) -> int:
    """Write the merged file to `ours`, as git expects; what the person should know goes to stderr."""
    from kit.learner.update.merge_driver import describe, merge_file, read

    done = merge_file(path, read(base), read(ours), read(theirs))
    Path(ours).write_bytes(done.data)
    for line in describe(path, done.revision):
        print(line, file=sys.stderr)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="merge_driver.py", description="Merge a chapter exercise by exercise. Git runs this."
    )
    parser.add_argument("base", help="the version both sides started from (%%O)")
    parser.add_argument("ours", help="our version; the result is written here (%%A)")
    parser.add_argument("theirs", help="their version (%%B)")
    parser.add_argument("path", help="the chapter's path in the repository (%%P)")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.base, given.ours, given.theirs, given.path))


if __name__ == "__main__":
    sys.exit(main())
