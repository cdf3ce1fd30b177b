"""Measure what the kit promises: `python scripts/bench.py [PART ...]`. Exit 1 when a bar is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from kit.command import guarded

PARTS = ("judging", "learning", "notebooks", "training", "forks", "verification", "page")


def run(parts: Sequence[str]) -> int:
    """Measure the parts and print them as one table."""
    from importlib import import_module

    from rich.console import Console
    from rich.table import Table

    table = Table("what", "measured", "bar", "", "how", title="What the kit promises, measured here and now")
    missed = False
    for part in parts:
        for row in import_module(f"kit.bench.{part}").measure():
            missed = missed or row.ok is False
            table.add_row(row.what, row.measured, row.bar, {True: "ok", False: "MISSED", None: ""}[row.ok], row.how)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    return 1 if missed else 0


def main(argv: Sequence[str] | None = None) -> int:
    """The command line's door."""
    parser = argparse.ArgumentParser(prog="bench.py", description="Measure what the kit promises.")
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"of {', '.join(PARTS)}; all without"
    )
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.parts or PARTS))


if __name__ == "__main__":
    sys.exit(main())
