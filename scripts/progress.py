"""Show how far every student is: as a table, CSV, JSON, a web page or Markdown.

python scripts/progress.py ../clones              a folder of clones or bare repositories, or just one
python scripts/progress.py roster.csv             a CSV with the columns name and url (and branch, optionally)
python scripts/progress.py https://host/student-01/workshop.git
python scripts/progress.py ../clones --verify     also check the answers
python scripts/progress.py ../clones roster.csv   the students on the roster, read from the clones
python scripts/progress.py github:OWNER/REPO      every fork on GitHub; add a roster to match accounts to names
python scripts/progress.py github-org:ORG/PREFIX  an organisation's repositories whose names start with PREFIX
python scripts/progress.py roster.csv --format html --output class.html --watch 60   a page that keeps up with the class
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.terminal import guarded

VALUES: tuple[tuple[str, str, type, object, str], ...] = (  # an option, its value's name, type and default, its help
    ("--output", "FILE", Path, None, "write to FILE instead of printing"),
    ("--jobs", "N", int, None, "run N fetches (default: 8) or N processes (default: one per core) at once"),
    ("--cache", "FOLDER", Path, None, "where fetched forks are kept (default: .workshop/forks)"),
    ("--timeout", "SECONDS", float, 120.0, "give up on a fetch after this long (default: 120)"),
    ("--key", "FILE", Path, None, "file that keeps pseudonyms the same from run to run; keep it secret"),
    ("--watch", "SECONDS", float, 0.0, "read again every SECONDS seconds, until you press Ctrl+C"),
    ("--scheduler", "ADDRESS", str, "", "with --verify: use a Dask cluster, such as tcp://host:8786"),
)
SWITCHES = (
    ("--history", "read all commits, to show when work was done and who is stuck"),
    ("--pseudonymous", "leave names, logins, addresses and commits out of the report"),
    ("--verify", "also check the answers, in a sandbox"),
    ("--again", "with --verify: check every answer anew, also those that earlier runs have checked"),
    ("--unsafe", "with --verify: if there's no sandbox, run the code anyway; only if you trust every fork"),
)
FORMATS = ("table", "csv", "json", "html", "md")


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="progress.py", description=__doc__, formatter_class=layout)
    sources = "a folder, a URL, a roster, github:OWNER/REPO or github-org:ORG/PREFIX"
    parser.add_argument("source", nargs="+", metavar="SOURCE", help=sources)
    parser.add_argument("--format", choices=FORMATS, default="table", help="(default: table)")
    for name, metavar, kind, default, text in VALUES:
        parser.add_argument(name, metavar=metavar, type=kind, default=default, help=text)
    for name, text in SWITCHES:
        parser.add_argument(name, action="store_true", help=text)
    given = parser.parse_args(argv)
    if given.key and not given.pseudonymous:
        parser.error("--key needs --pseudonymous")
    if given.watch and not 1 <= given.watch <= 86400:
        parser.error("--watch takes 1 to 86400 seconds")
    if (given.jobs is not None and given.jobs < 1) or given.timeout <= 0:
        parser.error("--jobs and --timeout must be above 0")

    def body() -> int:
        from kit.course.course import Course, find_root
        from kit.instructor.progress import ReportOptions, report

        options = ReportOptions(
            words=given.source,
            form=given.format,
            output=given.output,
            jobs=given.jobs or 0,
            cache=given.cache,
            seconds=given.timeout,
            pseudonymous=given.pseudonymous,
            key=given.key,
            watch=given.watch,
            history=given.history,
            verify=given.verify,
            unsafe=given.unsafe,
            scheduler=given.scheduler,
            again=given.again,
        )
        report(Course(find_root(Path.cwd())), options)
        return 0

    return guarded(body)


if __name__ == "__main__":
    sys.exit(main())
