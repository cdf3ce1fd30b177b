"""The cohort as Markdown, short enough for an issue or a chat. Nothing from a fork can become markup or a mention."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kit.forks.cohort import Cohort
from kit.forks.records import Fork, Stuck
from kit.report.insight import Insight, insight
from kit.report.table import RenderOptions, full_cell, summary
from kit.text import label

SIGN = re.compile(r"([\\`*_{}\[\]<>#+!|~&@=$^]|(?<=www)\.|:(?=/)|^[-+>](?=\s)|(?<=^\d)[.)])", re.IGNORECASE)
MENTION = re.compile(r"(\\[@#])(?=\w)")
MOST = 12  # lines of a list
BREAK = "\u200b"  # has no width; behind @ and # it keeps a server from seeing a mention


def escape(text: str, longest: int = 200) -> str:
    """Text as Markdown shows it: no sign in it means anything, and it names nobody and no issue."""
    return MENTION.sub(rf"\1{BREAK}", SIGN.sub(r"\\\1", label(text, longest)))


def listed(title: str, lines: list[str]) -> list[str]:
    """A heading with its list, the rest counted; nothing without lines."""
    if not lines:
        return []
    more = [f"- and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return ["", f"### {title}", "", *lines[:MOST], *more]


def row(cohort: Cohort, all: Insight, number: int, fork: Fork) -> str:
    """A student's line of the table."""
    counts = all.counts[number]
    chapters = [full_cell(outline, fork.chapters.get(outline.id)).strip() for outline in cohort.outlines]
    verified = "" if counts.verified is None else str(counts.verified)
    filled = f"{counts.filled}/{counts.total}" if fork.chapters else ""
    cells = [escape(fork.name), escape(fork.status), filled, *([verified] if all.checked else []), *chapters]
    return f"| {' | '.join(cells)} |"


def told(stuck: Sequence[Stuck]) -> str:
    """Where a student is stuck: the longest with its evidence, the others by their ids."""
    also = f"; also {', '.join(one.id for one in stuck[1:])}" if len(stuck) > 1 else ""
    return f"{stuck[0].id}, {escape(stuck[0].evidence, 400)}{also}"


def to_markdown(cohort: Cohort, page: RenderOptions) -> str:
    """The cohort as Markdown: a summary, the table, who is stuck, what to look at, what fails."""
    all = insight(cohort)
    names = [escape(fork.name) for fork in cohort.forks]
    title = {outline.id: escape(outline.title) for outline in cohort.outlines}
    verified = sum(tally.verified for tally in all.tallies)
    checked = verified + sum(tally.failed for tally in all.tallies)
    heads = ["student", "status", "filled", *(["verified"] if all.checked else [])]
    heads += [outline.id for outline in cohort.outlines]
    after = f", next {all.at}" if all.at else ""
    lines = [
        f"## The class, {cohort.generated_at:%Y-%m-%d %H:%M} UTC",
        "",
        f"- {escape(summary(cohort))}",
        f"- in the middle: {all.median} of {all.total} exercises filled{after}",
        *([f"- verified: {verified:,} of {checked:,} that were checked"] if all.checked else []),
        "",
        f"| {' | '.join(heads)} |",
        f"|{' --- |' * len(heads)}",
        *(row(cohort, all, number, fork) for number, fork in enumerate(cohort.forks)),
        "",
        "In each chapter: exercises ticked / filled; `!` something to look at, `?` unread, `·` nothing yet.",
        *listed("Stuck", [f"- {names[number]}: {told(ones)}" for number, ones in all.stuck]),
        *listed(
            "To look at",
            [f"- {names[n]}: {escape(said or cohort.forks[n].status, 400)}" for n, said in all.look],
        ),
        *listed(
            "Fails most",
            [
                f"- {tally.id} {title[tally.chapter]}: {tally.failed} of {tally.failed + tally.verified}"
                + (f"; {escape(tally.message, 400)}" if tally.message else "")
                for tally in all.failing
            ],
        ),
    ]
    return "\n".join(lines) + "\n"
