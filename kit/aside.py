"""What a person at a terminal is told beside a report: on stderr, so that the report stays clean in a pipe."""

from __future__ import annotations

import sys

MINUTE = 60.0


def say(text: str) -> None:
    """Tell what is going on."""
    print(text, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """`45 s`, `12 min`."""
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} min"
