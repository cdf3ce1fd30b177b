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
from kit.fork import ChapterProgress, Fork
from kit.label import label
from kit.outline import Outline
from kit.progress import EQUAL, UNREADABLE


@dataclass(frozen=True, slots=True)
class Page:
    """What a report is written for: columns of a terminal, and whether it shows colours."""

    width: int = 100
    colour: bool = False


Renderer = Callable[[Cohort, Page], str]
COLUMNS = ("name", "source", "status", "reason", "tip", "last_commit_at")
CHAPTER_COLUMNS = ("chapter", "total", "ticked", "filled", "verified", "flags")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
URGENT = ("conflict", EQUAL, "ticked but blank", "pair differs", "missing")  # shown first where room is short
NARROW_CELL, DATE, FLAGS, ENOUGH, NOTE = 3, 12, 18, 30, 20  # columns of a terminal, gap included
WIDE_LEGEND = "/9: exercises · 5/3: five ticked, three filled · !: see the last column · ?: unread"
NARROW_LEGEND = "· ¼ ½ ¾ █: how much is filled · ✓: all ticked · !: see the last column · ?: unread"
SHORT = 3  # ids that a table names before it counts the rest


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
    """A fork as the JSON has it; `extra` is there when the roster has other columns."""
    chapters = {
        id: {
            "total": progress.total,
            "ticked": len(progress.ticked),
            "filled": len(progress.filled),
            "verified": None if progress.verified is None else len(progress.verified),
            "flags": [str(flag) for flag in progress.flags],
        }
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
        chapters = [chapter_cells(id, progress) for id, progress in fork.chapters.items()]
        for cells in chapters or [[""] * len(CHAPTER_COLUMNS)]:
            writer.writerow(map(harmless, [*head, *cells, *tail]))
    return text.getvalue()


def chapter_cells(id: str, progress: ChapterProgress) -> list[str]:
    """A chapter's cells of the CSV."""
    verified = "" if progress.verified is None else str(len(progress.verified))
    flags = "; ".join(map(str, progress.flags))
    return [id, str(progress.total), str(len(progress.ticked)), str(len(progress.filled)), verified, flags]


def concerns(fork: Fork) -> str:
    """What to look at in a fork, in one line: its reason, then its flags with their chapters or exercises."""
    found: dict[str, list[str]] = {}
    for id, progress in fork.chapters.items():
        for flag in progress.flags:
            found.setdefault(flag.word, []).extend(flag.ids or [id])
    words = sorted(found, key=lambda word: URGENT.index(word) if word in URGENT else len(URGENT))
    more = {word: f" and {len(ids) - SHORT} more" if len(ids) > SHORT else "" for word, ids in found.items()}
    said = [f"{word} {', '.join(found[word][:SHORT])}{more[word]}" for word in words]
    return "; ".join(filter(None, [fork.reason, *said]))


def uncounted(progress: ChapterProgress) -> bool:
    """Whether a zero here means that nothing could be read, not that nothing was done."""
    return not progress.filled and not progress.ticked and any(flag.word in UNREADABLE for flag in progress.flags)


def full_cell(outline: Outline, progress: ChapterProgress | None) -> str:
    """`12/10`: exercises ticked, exercises filled; `?` when nothing could be read; `!` where something is flagged."""
    if progress is None:
        return ""
    ticked = len(set(progress.ticked).intersection(outline.exercises))
    numbers = f"{ticked}/{len(progress.filled)}" if ticked or progress.filled else "?" if uncounted(progress) else "·"
    return numbers + ("!" if progress.flags else " ")


def narrow_cell(outline: Outline, progress: ChapterProgress | None) -> str:
    """The share that is filled as one sign, then `!` where something is flagged or `✓` where all is ticked."""
    if progress is None:
        return ""
    share = len(progress.filled) / max(1, len(outline.exercises))
    sign = (
        "?"
        if uncounted(progress)
        else "·"
        if not share
        else "█"
        if share == 1
        else "¾"
        if share >= 0.75
        else "½"
        if share >= 0.5
        else "¼"
    )
    return sign + ("!" if progress.flags else "✓" if set(outline.exercises) <= set(progress.ticked) else " ")


def to_table(cohort: Cohort, page: Page) -> str:
    """The cohort as a table for a terminal of `page.width` columns."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    names = min(24, max([len(fork.name) for fork in cohort.forks] + [4])) + 1
    states = max([len(fork.status) for fork in cohort.forks] + [6]) + 1
    full = max([2 * len(str(len(outline.exercises))) for outline in cohort.outlines] + [0]) + 3
    wide = names + states + full * len(cohort.outlines) + FLAGS <= page.width
    column = full if wide else NARROW_CELL
    room = page.width - names - states - column * len(cohort.outlines) - ENOUGH
    dated = room >= DATE
    room -= DATE if dated else 0
    extra: list[str] = []
    for title in dict.fromkeys(title for fork in cohort.forks for title in fork.extra):
        room -= min(NOTE, max(len(title), *(len(fork.extra.get(title, "")) for fork in cohort.forks))) + 1
        if room < 0:
            break
        extra.append(title)
    cell = full_cell if wide else narrow_cell

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", width=page.width)
    table.add_column("fork", width=names - 1, no_wrap=True, overflow="ellipsis")
    for title in extra:
        table.add_column(label(title), max_width=NOTE, no_wrap=True, overflow="ellipsis")
    table.add_column("status", width=states - 1, no_wrap=True)
    for outline in cohort.outlines:
        title = f"{outline.id}\n/{len(outline.exercises)} " if wide else outline.id
        table.add_column(title, justify="right", width=column - 1, no_wrap=True)
    if dated:
        table.add_column("last work", width=DATE - 1, no_wrap=True)
    table.add_column("to look at", ratio=1, no_wrap=True, overflow="ellipsis")
    for fork in cohort.forks:
        date = (
            [fork.tip.committed_at.strftime("%Y-%m-%d") if fork.tip and fork.tip.committed_at else ""] if dated else []
        )
        cells = [cell(outline, fork.chapters.get(outline.id)) for outline in cohort.outlines]
        style = "green" if fork.status == "ok" else "yellow" if fork.chapters or fork.status == "empty" else "red"
        status = Text(fork.status, style)
        table.add_row(
            *map(Text, [fork.name, *(fork.extra.get(title, "") for title in extra)]),
            status,
            *map(Text, [*cells, *date, concerns(fork)]),
        )

    legend = WIDE_LEGEND if wide else NARROW_LEGEND
    text = io.StringIO()
    console = Console(
        file=text,
        width=page.width,
        force_terminal=page.colour,
        color_system="standard" if page.colour else None,
        legacy_windows=False,
    )
    console.print(table)
    console.print()
    console.print(Text(legend), style="dim")
    console.print(Text(summary(cohort)))
    return "\n".join(line.rstrip() for line in text.getvalue().split("\n")) if not page.colour else text.getvalue()


def summary(cohort: Cohort) -> str:
    """`12 forks: 9 ok, 1 empty, 2 unreadable`."""
    counts: dict[str, int] = {}
    for fork in cohort.forks:
        counts[fork.status] = counts.get(fork.status, 0) + 1
    parts = [f"{count} {status}" for status, count in sorted(counts.items(), key=lambda pair: (pair[0] != "ok", pair))]
    return f"{len(cohort.forks)} fork{'' if len(cohort.forks) == 1 else 's'}: {', '.join(parts)}"


RENDERERS: dict[str, Renderer] = {"table": to_table, "csv": to_csv, "json": to_json}
