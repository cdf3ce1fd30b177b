"""How far every student is: forks in, a table, CSV or JSON out.

    python scripts/progress.py FOLDER             a folder of clones, or one clone
    python scripts/progress.py roster.csv         a CSV with the columns name and url
    python scripts/progress.py https://host/student/workshop.git
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.command import guarded

FORMATS = ("table", "csv", "json")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="+", metavar="SOURCE", help="a folder of clones, an address, or a CSV roster")
    parser.add_argument("--format", choices=FORMATS, default="table")
    args = parser.parse_args(argv)

    def body() -> int:
        from kit.cohort import read_cohort
        from kit.course import Course
        from kit.report import Page, to_json
        from kit.source import find_forks
        sys.stdout.write(to_json(read_cohort(Course(), find_forks(args.source)), Page()))
        return 0
    return guarded(body)


if __name__ == "__main__":
    sys.exit(main())
