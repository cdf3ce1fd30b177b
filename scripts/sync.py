"""Make the two files of each chapter say the same: `python scripts/sync.py [FILE ...]` (default: all of them).

With `--normalise`, the named files are also put into the form that is committed. The commit hook runs this.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    __import__("environment")

from kit.i18n import told
from kit.terminal import INTERRUPTED, guarded

if TYPE_CHECKING:
    from kit.course.course import Course
    from kit.pairs.pair import Pair


def run(files: list[str], normalising: bool = False) -> int:
    """Sync one pair after the other; 1 if you have to choose between two versions of a cell, 2 if a pair is unusable.

    With `normalising`, 1 also if a file wasn't in the committed form.
    """
    from kit.course.course import Course, find_root
    from kit.learner.told import use_language
    from kit.pairs.pair import list_pairs, pair_of

    course = Course(find_root(Path.cwd()))
    use_language(course, words=files)
    code = 0
    for pair in dict.fromkeys(pair_of(course, Path(file)) for file in files) if files else list_pairs(course):
        copied = pair.stem not in course.stems and (pair.script.exists() or pair.notebook.exists())
        if copied:  # to commit it is their choice, so the hook says so and lets it pass
            print(told(f"{pair.name}: no chapter of the course; work in it is not counted"))
            continue
        code = max(code, guarded(partial(run_one, course, pair)))
        if code == INTERRUPTED:
            return code
    for file in files if normalising else ():
        code = max(code, guarded(partial(normalise_one, course, Path(file))))
    return code


def run_one(course: Course, pair: Pair) -> int:
    """Sync a pair and say what was done, if anything; 1 if two versions of a cell were kept."""
    from kit.pairs.sync import describe, sync

    hook = os.environ.get("PRE_COMMIT") == "1"
    done = sync(course, pair, hook=hook)
    if done.wrote:
        print(told(describe(done)))
        if hook:
            print(told(f"this has to go into the commit. Next: git add {' '.join(pair.paths)}, then commit again"))
    return 1 if done.clashes else 0


def normalise_one(course: Course, path: Path) -> int:
    """Put a file into the committed form; 1 if that changed it."""
    from kit.pairs.normalise import normalise_file

    changed = normalise_file(path.absolute(), course.root)
    if changed:
        print(told(f"{path}: normalised (outputs, line endings, metadata)"))
    return 1 if changed else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="sync.py", description="Make the .py and the .ipynb of each chapter say the same."
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="either file of a pair, such as workshop/en/ch00_start.py (default: all pairs)",
    )
    parser.add_argument(
        "--normalise", action="store_true", help="also clean up the files named: no outputs, plain line endings"
    )
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.files, given.normalise))


if __name__ == "__main__":
    sys.exit(main())
