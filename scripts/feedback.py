"""Write feedback for each student, and post it on GitHub once you've read it.

python scripts/feedback.py roster.csv --verify --output feedback/week3   a Markdown file for each student
python scripts/feedback.py --post feedback/week3                         say what would be posted, and where
python scripts/feedback.py --post feedback/week3 --send                  post it

SOURCE is what scripts/progress.py takes. Edit the files as you like: what you've edited is never written over.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    __import__("environment")

from kit.instructor.options import ReportOptions
from kit.terminal import guarded

VALUES: tuple[tuple[str, str, type, object, str], ...] = (
    ("--output", "FOLDER", Path, None, "write the files into FOLDER"),
    ("--until", "DATE", str, "", "as of DATE, such as 2026-03-01 or 2026-03-01T18:00"),
    ("--marks", "FILE", Path, None, "a CSV with marks that people gave: name,item,points,of,comment"),
    ("--snapshot", "FILE", Path, None, "as of the commits in FILE; if it isn't there, it's made"),
    ("--jobs", "N", int, None, "run N fetches (default: 8) or N processes (default: one per core) at once"),
    ("--cache", "FOLDER", Path, None, "where fetched forks are kept (default: .workshop/forks)"),
    ("--post", "FOLDER", Path, None, "go through the files in FOLDER, and say what would be posted"),
)
SWITCHES = (
    ("--verify", "also check the answers, in a sandbox"),
    ("--unsafe", "with --verify: if there's no sandbox, run the code anyway; only if you trust every fork"),
    ("--send", "with --post: post it"),
    ("--public", "with --post: also in forks that everybody can read"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="feedback.py", description=__doc__, formatter_class=layout)
    parser.add_argument("source", nargs="*", metavar="SOURCE", help="a folder, a URL, a roster, github:OWNER/REPO")
    for name, metavar, kind, default, text in VALUES:
        parser.add_argument(name, metavar=metavar, type=kind, default=default, help=text)
    for name, text in SWITCHES:
        parser.add_argument(name, action="store_true", help=text)
    given = parser.parse_args(argv)
    if bool(given.post) == bool(given.source and given.output):
        parser.error("give SOURCE and --output FOLDER to write feedback, or --post FOLDER to post it")
    if (given.send or given.public) and not given.post:
        parser.error("--send and --public need --post")

    def body() -> int:
        from kit.course.course import Course, find_root
        from kit.instructor.letters import post, write

        if given.post:
            return post(given.post, send=given.send, public=given.public)
        options = ReportOptions(
            words=given.source,
            jobs=given.jobs or 0,
            cache=given.cache,
            verify=given.verify,
            unsafe=given.unsafe,
            until=given.until,
            snapshot=given.snapshot,
            marks=given.marks,
        )
        write(Course(find_root(Path.cwd())), options, given.output)
        return 0

    return guarded(body)


if __name__ == "__main__":
    sys.exit(main())
