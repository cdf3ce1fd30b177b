"""The options of scripts/progress.py, in tables."""

from __future__ import annotations

from pathlib import Path

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
CHOICES = (
    ("--format", ("table", "csv", "json", "html", "md", "canvas", "moodle"), "what to make (default: table)"),
    ("--points", ("chapter", "exercise"), "what a column of a gradebook is for (default: chapter)"),
    ("--count", ("verified", "filled", "ticked"), "what a gradebook gives points for (default: verified)"),
)
