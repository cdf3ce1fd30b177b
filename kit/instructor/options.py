"""The options of scripts/progress.py: how they are typed, in tables, and the record they end up in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.report.options import Count, Points

VALUES: tuple[tuple[str, str, type, object, str], ...] = (  # an option, its value's name, type and default, its help
    ("--output", "FILE", Path, None, "write to FILE instead of printing"),
    ("--jobs", "N", int, None, "run N fetches (default: 8) or N processes (default: one per core) at once"),
    ("--cache", "FOLDER", Path, None, "where fetched forks are kept (default: .workshop/forks)"),
    ("--timeout", "SECONDS", float, 120.0, "give up on a fetch after this long (default: 120)"),
    ("--key", "FILE", Path, None, "file that keeps pseudonyms the same from run to run; keep it secret"),
    ("--until", "DATE", str, "", "count what was there on DATE, such as 2026-03-01 or 2026-03-01T18:00; flag the rest"),
    ("--marks", "FILE", Path, None, "a CSV with marks that people gave: name,item,points,of,comment"),
    ("--snapshot", "FILE", Path, None, "keep in FILE which commits were counted; if it's there, count those again"),
    (
        "--similar",
        "FILE",
        Path,
        None,
        "write to FILE which students' answers are alike in ways that the class's aren't",
    ),
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
CHOICES = (  # an option, what it may be, its default, its help
    (
        "--format",
        ("table", "csv", "json", "html", "md", "canvas", "moodle"),
        "",
        "what to make (default: what FILE's name ends with, or else a table)",
    ),
    ("--points", ("chapter", "exercise"), "chapter", "what a column of a gradebook is for (default: chapter)"),
    ("--count", ("verified", "filled", "ticked"), "verified", "what a gradebook gives points for (default: verified)"),
)
ENDINGS = {".csv": "csv", ".html": "html", ".htm": "html", ".json": "json", ".md": "md"}


def form_for(output: Path | None) -> str:
    """The form that a file's name asks for: `class.html` is a page. Anything else is a table."""
    return ENDINGS.get(output.suffix.lower(), "table") if output else "table"


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Which forks, which report, and how to get it.

    `jobs` is how many fetches run at a time, and how many processes read or judge; 0 leaves it to us. `seconds` is the
    time limit for one fetch. `pseudonymous` makes a report without names; `key` keeps its pseudonyms between runs. With
    `watch`, the report is made again every so many seconds. With `history`, each fork's commits are read. With
    `verify`, filled cells are judged in a sandbox (without one, only if `unsafe` allows it), on the Dask cluster at
    `scheduler` if one is named; with `again`, also those that were judged before. A gradebook gives its `points` for
    each chapter or exercise; what they're for is `count`. With `until` or a `snapshot`, forks are read as they were
    then; a snapshot that isn't there yet is made. `marks` is a file with marks that people gave. Answers that are alike
    are written to `similar`.
    """

    words: Sequence[str]
    form: str = "table"
    output: Path | None = None
    jobs: int = 0
    cache: Path | None = None
    seconds: float = 120.0
    pseudonymous: bool = False
    key: Path | None = None
    watch: float = 0.0
    history: bool = False
    verify: bool = False
    unsafe: bool = False
    scheduler: str = ""
    points: Points = "chapter"
    count: Count = "verified"
    until: str = ""
    snapshot: Path | None = None
    marks: Path | None = None
    similar: Path | None = None
    again: bool = False
