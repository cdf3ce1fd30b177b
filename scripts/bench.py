"""Measure what the kit promises: `python scripts/bench.py [PART ...]`. Exits with 1 if a limit is missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

if __name__ == "__main__":
    __import__("environment")

from kit.terminal import guarded

PARTS = ("judging", "learning", "notebooks", "training", "forks", "verification", "page")


def run(parts: Sequence[str]) -> int:
    """Measure the parts, and print each row as soon as it has been measured."""
    from importlib import import_module

    missed = False
    for part in parts:
        for row in import_module(f"benchmarks.{part}").measure():
            missed = missed or row.ok is False
            verdict = {True: "ok", False: "MISSED", None: ""}[row.ok]
            print(f"{row.what:<42} {row.measured:<28} {row.bar:<14} {verdict:<7} {row.how}", flush=True)
    return 1 if missed else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(
        prog="bench.py", description="Measure what the kit promises. Exits with 1 if a limit is missed."
    )
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"{', '.join(PARTS)} (default: all)"
    )
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.parts or PARTS))


if __name__ == "__main__":
    sys.exit(main())
