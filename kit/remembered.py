"""Verdicts that were given here before, by the very cell they were about, so that a table can show them in a moment.

Nothing is judged by it: it only says what the judge last said about the same cell of the same course.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress

from kit import disk
from kit.course import Course
from kit.errors import KitError
from kit.outline import fingerprint
from kit.verdict import Verdict

FILE = "verdicts.json"


def name_of(id: str, source: str) -> str:
    """What a cell is remembered by; space at the ends of lines does not count."""
    text = "\n".join(line.rstrip() for line in source.strip().split("\n"))
    return hashlib.sha256(f"{id}\n{text}".encode("utf-8", "replace")).hexdigest()[:32]


def outcomes(course: Course) -> dict[str, str]:
    """What is remembered for this very course: the outcome by `name_of` a cell."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        known = json.loads((course.root / disk.OWN / FILE).read_bytes())
        if known["of"] == fingerprint(course):
            return dict(known["outcomes"])
    return {}


def keep(course: Course, verdicts: Iterable[tuple[Verdict, str]]) -> None:
    """Remember verdicts with the cells that they are about. Where that cannot be written, nothing is remembered."""
    fresh = {name_of(verdict.id, source): verdict.outcome for verdict, source in verdicts}
    if not fresh:
        return
    known = outcomes(course)
    if known | fresh != known:
        with suppress(KitError):
            text = json.dumps({"of": fingerprint(course), "outcomes": known | fresh})
            disk.write(course.root / disk.OWN / FILE, text.encode(), course.root)


def failing(known: Mapping[str, str], id: str, source: str) -> bool:
    """Whether this very cell failed when it was last judged."""
    return known.get(name_of(id, source)) in ("failed", "error")
