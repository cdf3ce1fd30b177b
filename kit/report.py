"""A cohort as a table, as CSV, as JSON: text from records, all with one signature.

    render(cohort, page) -> str
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from kit.cohort import Cohort
from kit.fork import Fork


@dataclass(frozen=True, slots=True)
class Page:
    """What a report is written for: columns of a terminal, and whether it shows colours."""

    width: int = 100
    colour: bool = False


Renderer = Callable[[Cohort, Page], str]
COLUMNS = ("name", "source", "status", "reason", "tip", "last_commit_at")
CHAPTER_COLUMNS = ("chapter", "total", "ticked", "filled", "verified", "flags")


def instant(moment: datetime | None) -> str | None:
    """A time in UTC as ISO 8601: `2026-03-02T18:04:05Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def to_json(cohort: Cohort, page: Page) -> str:
    """The cohort as JSON; `filled` and `verified` count exercises, `total` and `ticked` count items."""
    course = [{"id": o.id, "title": o.title, "exercises": len(o.exercises)} for o in cohort.outlines]
    forks = [
        {
            "name": fork.name,
            "source": fork.source,
            "status": fork.status,
            "reason": fork.reason,
            "tip": fork.tip.oid if fork.tip else None,
            "last_commit_at": instant(fork.tip.committed_at) if fork.tip else None,
            "chapters": {
                id: {
                    "total": progress.total,
                    "ticked": len(progress.ticked),
                    "filled": len(progress.filled),
                    "verified": None if progress.verified is None else len(progress.verified),
                    "flags": [str(flag) for flag in progress.flags],
                }
                for id, progress in fork.chapters.items()
            },
        }
        | ({"extra": dict(fork.extra)} if fork.extra else {})
        for fork in cohort.forks
    ]
    report = {"generated_at": instant(cohort.generated_at), "course": {"chapters": course}, "forks": forks}
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"
