"""How far every student is, from the tips of their forks: a table, CSV or JSON.

python scripts/progress.py ../clones              a folder of clones or bare repositories, or one of them
python scripts/progress.py roster.csv             a CSV with the columns name and url (and branch, if need be)
python scripts/progress.py https://host/student-01/workshop.git
python scripts/progress.py ../clones --verify     judge what is filled, too
python scripts/progress.py ../clones roster.csv   both: who is on the roster, read from the clones
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.command import guarded


def main(argv: Sequence[str] | None = None) -> int:
    """The command line's door."""
    parser = argparse.ArgumentParser(
        prog="progress.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", nargs="+", metavar="SOURCE", help="a folder, an address, or a roster")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead of printing")
    parser.add_argument("--jobs", type=int, metavar="N", help="fetches at a time (8), processes that read, or judge")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where fetched forks stay (.workshop/forks)")
    parser.add_argument("--timeout", type=float, default=120.0, metavar="SECONDS", help="for one fetch (120)")
    parser.add_argument("--verify", action="store_true", help="judge what is filled, in a sandbox")
    parser.add_argument("--unsafe", action="store_true", help="judge even where there is no sandbox: trust every fork")
    parser.add_argument("--scheduler", default="", metavar="ADDRESS", help="judge on a Dask cluster: tcp://host:8786")
    given = parser.parse_args(argv)
    if (given.jobs is not None and given.jobs < 1) or given.timeout <= 0:
        parser.error("--jobs and --timeout must be above 0")

    def body() -> int:
        from dataclasses import replace

        from kit.course import Course, find_root
        from kit.desk import Wish, report

        course = Course(find_root(Path.cwd()))
        basis = Wish(given.source, given.format, given.output, given.jobs or 0, given.cache, given.timeout)
        report(course, replace(basis, verify=given.verify, unsafe=given.unsafe, scheduler=given.scheduler))
        return 0

    return guarded(body)


if __name__ == "__main__":
    sys.exit(main())
