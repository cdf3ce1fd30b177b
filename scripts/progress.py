"""Show how far every student is: as a table, CSV, JSON, a web page or Markdown.

python scripts/progress.py ../clones              a folder of clones or bare repositories, or just one
python scripts/progress.py roster.csv             a CSV with the columns name and url (and branch, optionally)
python scripts/progress.py https://host/student-01/workshop.git
python scripts/progress.py ../clones --verify     also check the answers
python scripts/progress.py ../clones roster.csv   the students on the roster, read from the clones
python scripts/progress.py github:OWNER/REPO      every fork on GitHub; add a roster to match accounts to names
python scripts/progress.py github-org:ORG/PREFIX  an organisation's repositories whose names start with PREFIX
python scripts/progress.py gitlab:GROUP/PROJECT   every fork on GitLab; gitea:HOST/OWNER/REPO on Gitea or Forgejo
python scripts/progress.py roster.csv --output class.html --watch 60   a page that keeps up with the class
python scripts/progress.py canvas.csv ../clones --verify --format canvas --output grades.csv   for Canvas to import
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.instructor.options import CHOICES, SWITCHES, VALUES, ReportOptions, form_for
from kit.terminal import guarded


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="progress.py", description=__doc__, formatter_class=layout)
    sources = "a folder, a URL, a roster, github:OWNER/REPO or github-org:ORG/PREFIX"
    parser.add_argument("source", nargs="+", metavar="SOURCE", help=sources)
    for name, choices, usual, text in CHOICES:
        parser.add_argument(name, choices=choices, default=usual, help=text)
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
        from kit.instructor.progress import report

        options = ReportOptions(
            words=given.source,
            form=given.format or form_for(given.output),
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
            points=given.points,
            count=given.count,
            until=given.until,
            snapshot=given.snapshot,
            marks=given.marks,
            similar=given.similar,
            again=given.again,
        )
        report(Course(find_root(Path.cwd())), options)
        return 0

    return guarded(body)


if __name__ == "__main__":
    sys.exit(main())
