"""A cohort with hostile text in every field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from kit.forks.cohort import Cohort
from kit.forks.records import Event, Fork, History, Stuck, Tip
from kit.pairs.progress import ChapterProgress, Flag

OID = "0123456789abcdef0123456789abcdef01234567"
AT = datetime(2026, 3, 20, 18, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style></title><b>",
    "\u202eevil\u2066",
    '" onmouseover="alert(1)',
    "{{ 7*7 }}",
    "\x1b[31mred",
    "javascript:alert(1)",
)


def hostile(cohort: Cohort) -> Cohort:
    """A student for each hostile text, which is in every field."""
    ids = cohort.outlines[0].exercises
    forks = []
    for text in HOSTILE:
        flag = Flag(text, (text,), text, 3)
        progress = ChapterProgress(3, ids, ids, (), (flag,), dict.fromkeys(ids, text))
        history = History((Event(ids[0], "filled", AT, text),), 1, text, (Stuck(ids[0], AT, text),))
        tip = Tip(OID, text, AT)
        forks.append(Fork(text, text, "ok", text, tip, {cohort.outlines[0].id: progress}, {text: text}, history, text))
        forks.append(Fork(text, "https://github.com/o/r", "unreadable", text, tip))
    return replace(cohort, forks=tuple(forks))
