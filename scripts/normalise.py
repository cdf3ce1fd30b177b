"""Bring files to the form that is committed: `python scripts/normalise.py [--check] FILE ...`.

Notebooks lose outputs and editors' metadata, `.py` files get plain line ends. Exit 1 if a file was not in that form.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from kit.terminal import INTERRUPTED, guarded


def run(files: list[str], check: bool) -> int:
    """Normalise one file after the other; 1 when one was not normal, 2 when one is unusable."""
    code = 0
    for file in files:
        code = max(code, guarded(partial(run_one, Path(file), check)))
        if code == INTERRUPTED:
            break
    return code


def run_one(path: Path, check: bool) -> int:
    """Normalise a file, or only look; 1 when it is not normal."""
    from kit.course.course import find_root
    from kit.pairs.normalise import normalise_file

    changed = normalise_file(path.absolute(), find_root(path.absolute().parent), check)
    if changed:
        print(f"{path}: {'not in the form that is committed' if check else 'brought to the form that is committed'}")
    return 1 if changed else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="normalise.py",
        description="Clean files up for a commit: no outputs, plain line ends. Exits with 1 if any needed it.",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="notebooks and .py files to clean up")
    parser.add_argument("--check", action="store_true", help="only report, write nothing")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.files, given.check))


if __name__ == "__main__":
    sys.exit(main())
