"""The cohort as Markdown, short enough for an issue or a chat. Nothing from a fork can become markup or a mention."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kit.forks.cohort import Cohort
from kit.forks.records import Fork, Stuck
from kit.report.counts import cell_text, summary
from kit.report.insight import Insight, insight_of
from kit.report.options import RenderOptions
from kit.text import label, plural

MARKUP = re.compile(r"([\\`*_{}\[\]<>#+!|~&@=$^]|(?<=www)\.|:(?=/)|^[-+>](?=\s)|(?<=^\d)[.)])", re.IGNORECASE)
MENTION = re.compile(r"(\\[@#])(?=\w)")
ZERO_WIDTH = "\u200b"  # after @ and #, it keeps a server from seeing a mention
MAX_LINES = 12  # of a list


def escape(text: str, longest: int = 200) -> str:
    """The text for Markdown, as it is: no character has a special meaning, and no person or issue is mentioned."""
    return MENTION.sub(rf"\1{ZERO_WIDTH}", MARKUP.sub(r"\\\1", label(text, longest)))


def section(title: str, lines: list[str]) -> list[str]:
    """A heading with a list of at most `MAX_LINES`, and how many more there are; nothing if there are no lines."""
    if not lines:
        return []
    more = [f"- and {len(lines) - MAX_LINES} more"] if len(lines) > MAX_LINES else []
    return ["", f"### {title}", "", *lines[:MAX_LINES], *more]


def row(cohort: Cohort, insight: Insight, index: int, fork: Fork) -> str:
    """A student's line of the table."""
    counts = insight.counts[index]
    filled = f"{counts.filled}/{counts.total}" if fork.chapters else ""
    verified = ["" if counts.verified is None else str(counts.verified)] if insight.has_verdicts else []
    chapters = [cell_text(outline, fork.chapters.get(outline.id)).strip() for outline in cohort.shown]
    return f"| {' | '.join([escape(fork.name), escape(fork.status), filled, *verified, *chapters])} |"


def where_stuck(stuck: Sequence[Stuck], titles: Mapping[str, str]) -> str:
    """Where a student is stuck: the longest one with its evidence, the others by id."""
    also = f" Also {', '.join(one.id for one in stuck[1:])}." if len(stuck) > 1 else ""
    return f"{titles[stuck[0].id]}: {escape(stuck[0].evidence, 400)}{also}"


def to_markdown(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as Markdown: a summary, the table, who is stuck, what to look at, what fails most often."""
    insight = insight_of(cohort)
    checked = insight.has_verdicts
    names = [escape(fork.name) for fork in cohort.forks]
    outlines = cohort.outlines
    titles = {x: escape(f"{x} {o.titles.get(x, '')}".rstrip()) for o in outlines for x in o.exercises}
    heads = ["student", "status", "filled", *(["verified"] if checked else []), *(o.id for o in cohort.shown)]
    after = f", next {titles[insight.next_exercise]}" if insight.next_exercise else ""
    numbers = "ticked / filled / verified" if checked else "ticked / filled"
    lines = [
        f"## The class, {cohort.generated_at:%Y-%m-%d %H:%M} UTC",
        "",
        f"- {escape(summary(cohort))}",
        f"- median student: {insight.median} of {insight.total} exercises filled{after}",
        *([f"- verified: {insight.verified:,} of {insight.checked:,} filled exercises pass"] if checked else []),
        "",
        f"| {' | '.join(heads)} |",
        f"|{' --- |' * len(heads)}",
        *(row(cohort, insight, index, fork) for index, fork in enumerate(cohort.forks)),
        "",
        f"In each chapter: exercises {numbers}; `!` worth a look, `?` could not be read, `·` nothing yet.",
        *section("Stuck", [f"- {names[n]}: {where_stuck(stuck, titles)}" for n, stuck in insight.stuck]),
        *section(
            "Worth a look",
            [f"- {names[n]}: {escape(text or cohort.forks[n].status, 400)}" for n, text in insight.concerns],
        ),
        *section(
            "Most often failed",
            [
                f"- {titles[tally.id]}: {tally.failed} of {plural(tally.failed + tally.verified, 'student')}"
                + (f"; {escape(tally.message, 400)}" if tally.message else "")
                for tally in insight.failing
            ],
        ),
    ]
    return "\n".join(lines) + "\n"
