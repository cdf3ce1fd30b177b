"""A cohort as a table, CSV, JSON, a page or Markdown: `RENDERERS`, all with one signature.

render(cohort, options) -> str
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from kit.forks.cohort import Cohort
from kit.forks.records import Fork, History
from kit.pairs.progress import ChapterProgress, Flag
from kit.report.counts import roster_titles, why_unread
from kit.report.options import RenderOptions
from kit.report.table import to_table

Renderer = Callable[[Cohort, RenderOptions], str]
COLUMNS = ("name", "source", "status", "reason", "tip", "last_commit_at")
CHAPTER_COLUMNS = ("chapter", "total", "ticked", "filled", "verified", "failed", "sandbox", "flags")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@lru_cache(maxsize=4096)
def instant(moment: datetime | None) -> str | None:
    """A time in UTC as ISO 8601: `2026-03-02T18:04:05Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def to_json(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as JSON; `filled` and `verified` count exercises, challenges included, `total` and `ticked` items."""
    course = [
        {"id": o.id, "title": o.title, "exercises": len(o.exercises)}
        | ({"challenge": o.challenge} if o.challenge else {})
        | ({"bonus": True} if o.bonus else {})
        for o in cohort.outlines
    ]
    head = json.dumps({"chapters": course}, ensure_ascii=False)
    forks = ",\n  ".join(json.dumps(as_json(fork), ensure_ascii=False) for fork in cohort.forks)
    when = f' "generated_at": "{instant(cohort.generated_at)}",\n'
    when += f' "until": "{instant(cohort.until)}",\n' if cohort.until else ""
    return f'{{\n{when} "course": {head},\n "forks": [\n  {forks}\n ]\n}}\n'


def as_json(fork: Fork) -> dict[str, object]:
    """A fork as an object of the JSON.

    It has `extra` if the roster has more columns; if it was verified, `sandbox`, and `failed` with the reasons.
    """
    chapters = {chapter_id: chapter_as_json(progress) for chapter_id, progress in fork.chapters.items()}
    row: dict[str, object] = {
        "name": fork.name,
        "source": fork.source,
        "status": fork.status,
        "reason": fork.reason,
        "tip": (fork.tip.oid or None) if fork.tip else None,
        "last_commit_at": instant(fork.tip.committed_at) if fork.tip else None,
        "chapters": chapters,
    }
    row |= {"sandbox": fork.sandbox} if fork.sandbox else {}
    row |= {"extra": dict(fork.extra)} if fork.extra else {}
    if fork.marks:
        row["marks"] = [{"item": m.item, "points": m.points, "of": m.of, "comment": m.comment} for m in fork.marks]
    return row | ({"history": history_as_json(fork.history)} if fork.history else {})


def chapter_as_json(progress: ChapterProgress) -> dict[str, object]:
    """A chapter of a fork; one that couldn't be read has no numbers, and `unread` says why."""
    ticked, filled, verified = numbers_of(progress)
    row: dict[str, object] = {"total": progress.total, "ticked": ticked, "filled": filled, "verified": verified}
    row["flags"] = [str(flag) for flag in progress.flags]
    row |= places(progress)
    if unread := why_unread(progress):
        return row | {"unread": unread}
    return row if progress.verified is None else row | {"failed": dict(progress.failed)}


def numbers_of(progress: ChapterProgress) -> tuple[int | None, int | None, int | None]:
    """How many are ticked, filled and verified; None for what isn't known."""
    if why_unread(progress):
        return None, None, None
    verified = None if progress.verified is None else len(progress.verified)
    return len(progress.ticked), len(progress.filled), verified


def places(progress: ChapterProgress) -> dict[str, object]:
    """Where flags are in the fork's files at its tip, for those that have a place."""
    found = [{"flag": str(f), "path": f.path, "line": f.line or None} for f in progress.flags if f.path]
    return {"places": found} if found else {}


def history_as_json(history: History) -> dict[str, object]:
    """A fork's history as an object of the JSON: its events are a time series, oldest first."""
    return {
        "commits": history.commits,
        "note": history.note,
        "events": [{"id": e.id, "kind": e.kind, "at": instant(e.at), "commit": e.commit} for e in history.events],
        "attempted": {
            exercise_id: {
                "commits": each.commits,
                "sittings": each.sittings,
                "first": instant(each.first),
                "last": instant(each.last),
                "now": each.now,
            }
            for exercise_id, each in history.attempted.items()
        },
        "stuck": [{"id": s.id, "since": instant(s.since), "evidence": s.evidence} for s in history.stuck],
    }


def harmless(cell: str) -> str:
    """The cell, with an apostrophe in front if a spreadsheet would mistake it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def to_csv(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as CSV: a line for each fork and chapter, one line for a fork without chapters."""
    extra = roster_titles(cohort)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(harmless, [*COLUMNS, *CHAPTER_COLUMNS, *extra]))
    for fork in cohort.forks:
        tip = [fork.tip.oid, instant(fork.tip.committed_at) or ""] if fork.tip else ["", ""]
        head = [fork.name, fork.source, fork.status, fork.reason, *tip]
        tail = [fork.extra.get(title, "") for title in extra]
        chapters = [chapter_cells(chapter_id, progress, fork.sandbox) for chapter_id, progress in fork.chapters.items()]
        for cells in chapters or [[""] * len(CHAPTER_COLUMNS)]:
            writer.writerow(map(harmless, [*head, *cells, *tail]))
    return text.getvalue()


def chapter_cells(chapter_id: str, progress: ChapterProgress, sandbox: str) -> list[str]:
    """A chapter's cells in the CSV; a number that isn't known is an empty one, and `flags` says why."""
    counts = [str(progress.total), *("" if number is None else str(number) for number in numbers_of(progress))]
    return [chapter_id, *counts, " ".join(progress.failed), sandbox, "; ".join(map(with_place, progress.flags))]


def with_place(flag: Flag) -> str:
    """`ticked but blank 01.02 (workshop/en/ch01_first.py:12)`."""
    place = f"{flag.path}:{flag.line}" if flag.line else flag.path
    return f"{flag} ({place})" if place else str(flag)


def to_html(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as a page for a browser."""
    from kit.report import html

    return html.to_html(cohort, options)


def to_markdown(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as Markdown, for an issue or a chat."""
    from kit.report import markdown

    return markdown.to_markdown(cohort, options)


def to_canvas(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort's points, for Canvas to import."""
    from kit.report import gradebook

    return gradebook.to_canvas(cohort, options)


def to_moodle(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort's points, for Moodle to import."""
    from kit.report import gradebook

    return gradebook.to_moodle(cohort, options)


RENDERERS: dict[str, Renderer] = {
    "table": to_table,
    "csv": to_csv,
    "json": to_json,
    "html": to_html,
    "md": to_markdown,
    "canvas": to_canvas,
    "moodle": to_moodle,
}
