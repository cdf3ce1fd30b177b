"""Where am I? `python scripts/status.py`: the chapters, the next exercise, the time spent. Nothing is run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.command import guarded


def run(language: str) -> int:
    """Print a line for each chapter, what comes next, and what to look at again."""
    from kit.course import Course, find_root, unknown
    from kit.show import room, say
    from kit.spot import shown
    from kit.standing import rows, standing

    course = Course(find_root(Path.cwd()))
    if language not in course.languages:
        raise unknown(language, list(course.languages))
    found = standing(course, language)
    for line in rows(found, room()):
        say(line)
    filled, total = sum(p.filled for p in found.places), sum(p.exercises for p in found.places)
    ticked = sum(len(p.ticked) for p in found.places)
    say(f"in all {filled} of {total} filled, {ticked} ticked")
    if found.spent is not None:
        minutes = round(found.spent.total_seconds() / 60)
        say(f"time spent, by your commits: about {minutes // 60} h {minutes % 60:02d} min")
    promised = [id for place in found.places for id in place.promised]
    if promised:
        more = f" and {len(promised) - 8} more" if len(promised) > 8 else ""
        say(f"ticked, and not passing: {', '.join(promised[:8])}{more}")
        print(f"  python scripts/check.py {promised[0]} says why")
    if found.place is not None:
        say(f"next: {found.next}, {shown(found.place.file)}:{found.line}")
    else:
        print("every exercise is filled and ticked")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """The command line's door."""
    parser = argparse.ArgumentParser(prog="status.py", description="Where am I, and what comes next?")
    parser.add_argument("--lang", default="en", metavar="LANG", help="the language of your files (en)")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.lang))


if __name__ == "__main__":
    sys.exit(main())
