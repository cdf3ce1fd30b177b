"""Where am I? `python scripts/status.py`: the chapters, the next exercise, the time spent. Nothing is run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.terminal import guarded


def run(language: str) -> int:
    """Print a line for each chapter, what comes next, and what to look at again."""
    from kit.course.course import Course, find_root, unknown_id
    from kit.judge.show import print_folded, terminal_width
    from kit.learner.locate import shown
    from kit.learner.status import rows, status

    course = Course(find_root(Path.cwd()))
    if language not in course.languages:
        raise unknown_id(language, list(course.languages))
    found = status(course, language)
    for line in rows(found, terminal_width()):
        print_folded(line)
    filled, total = sum(p.filled for p in found.places), sum(p.exercises for p in found.places)
    ticked = sum(len(p.ticked) for p in found.places)
    print_folded(f"in all {filled} of {total} filled, {ticked} ticked")
    if found.spent is not None:
        minutes = round(found.spent.total_seconds() / 60)
        print_folded(f"time spent, by your commits: about {minutes // 60} h {minutes % 60:02d} min")
    promised = [id for place in found.places for id in place.promised]
    if promised:
        more = f" and {len(promised) - 8} more" if len(promised) > 8 else ""
        print_folded(f"ticked, and not passing: {', '.join(promised[:8])}{more}")
        print(f"  python scripts/check.py {promised[0]} says why")
    if found.place is not None:
        print_folded(f"next: {found.next}, {shown(found.place.file)}:{found.line}")
    else:
        print("every exercise is filled and ticked")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(prog="status.py", description="Show where you are and what comes next.")
    parser.add_argument("--lang", default="en", metavar="LANG", help="language of your files (default: en)")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.lang))


if __name__ == "__main__":
    sys.exit(main())
