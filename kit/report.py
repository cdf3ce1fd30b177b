"""A cohort as a table, as CSV, as JSON: text from records, all with one signature.

render(cohort, page) -> str
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

from kit.cohort import Cohort
from kit.fork import ChapterProgress, Fork
from kit.table import Page, to_table

Renderer = Callable[[Cohort, Page], str]
COLUMNS = ("name", "source", "status", "reason", "tip", "last_commit_at")
CHAPTER_COLUMNS = ("chapter", "total", "ticked", "filled", "verified", "failed", "sandbox", "flags")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def instant(moment: datetime | None) -> str | None:
    """A time in UTC as ISO 8601: `2026-03-02T18:04:05Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def to_json(cohort: Cohort, page: Page) -> str:
    """The cohort as JSON; `filled` and `verified` count exercises, `total` and `ticked` count items."""
    course = [{"id": o.id, "title": o.title, "exercises": len(o.exercises)} for o in cohort.outlines]
    head = json.dumps({"chapters": course}, ensure_ascii=False)
    forks = ",\n  ".join(json.dumps(as_json(fork), ensure_ascii=False) for fork in cohort.forks)
    return (
        f'{{\n "generated_at": "{instant(cohort.generated_at)}",\n "course": {head},\n "forks": [\n  {forks}\n ]\n}}\n'
    )


def as_json(fork: Fork) -> dict[str, object]:
    """A fork as the JSON has it; `extra` is there when the roster has other columns, `sandbox` and why exercises have
    `failed` when it was verified.
    """
    chapters = {
        id: {
            "total": progress.total,
            "ticked": len(progress.ticked),
            "filled": len(progress.filled),
            "verified": None if progress.verified is None else len(progress.verified),
            "flags": [str(flag) for flag in progress.flags],
        }
        | ({} if progress.verified is None else {"failed": dict(progress.failed)})
        for id, progress in fork.chapters.items()
    }
    row: dict[str, object] = {
        "name": fork.name,
        "source": fork.source,
        "status": fork.status,
        "reason": fork.reason,
        "tip": fork.tip.oid if fork.tip else None,
        "last_commit_at": instant(fork.tip.committed_at) if fork.tip else None,
        "chapters": chapters,
    }
    if fork.sandbox:
        row["sandbox"] = fork.sandbox
    return row | ({"extra": dict(fork.extra)} if fork.extra else {})


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def to_csv(cohort: Cohort, page: Page) -> str:
    """The cohort as CSV: a line for each fork and chapter, one for a fork without; then the roster's columns."""
    extra = list(dict.fromkeys(title for fork in cohort.forks for title in fork.extra))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(harmless, [*COLUMNS, *CHAPTER_COLUMNS, *extra]))
    for fork in cohort.forks:
        tip = [fork.tip.oid, instant(fork.tip.committed_at) or ""] if fork.tip else ["", ""]
        head = [fork.name, fork.source, fork.status, fork.reason, *tip]
        tail = [fork.extra.get(title, "") for title in extra]
        chapters = [chapter_cells(id, progress, fork.sandbox) for id, progress in fork.chapters.items()]
        for cells in chapters or [[""] * len(CHAPTER_COLUMNS)]:
            writer.writerow(map(harmless, [*head, *cells, *tail]))
    return text.getvalue()


def chapter_cells(id: str, progress: ChapterProgress, sandbox: str) -> list[str]:
    """A chapter's cells of the CSV."""
    verified = "" if progress.verified is None else str(len(progress.verified))
    counts = [str(progress.total), str(len(progress.ticked)), str(len(progress.filled)), verified]
    return [id, *counts, " ".join(progress.failed), sandbox, "; ".join(map(str, progress.flags))]


RENDERERS: dict[str, Renderer] = {"table": to_table, "csv": to_csv, "json": to_json}
