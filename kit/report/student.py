"""A student on the page: what the template needs for a row of the map and for a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kit.course.outline import Outline
from kit.forks.records import Fork, Stuck
from kit.pairs.progress import ChapterProgress, Flag
from kit.report.counts import Counts, chapter_counts, failures, is_unread, unjudged
from kit.report.grid import chapter_cell

MAX_FAILED = 40  # failures shown with their messages


@dataclass(frozen=True, slots=True)
class Student:
    """A fork with its numbers, its cells of the map, and what its panel lists.

    `chapters` are those with work in them, each with its numbers and one sign per exercise; `untouched` are the others.
    """

    fork: Fork
    counts: Counts
    cells: Markup
    chapters: tuple[tuple[str, Counts, str], ...]
    untouched: tuple[str, ...]
    flags: tuple[tuple[str, Flag], ...]
    failed: tuple[tuple[str, str], ...]
    unjudged: tuple[tuple[str, str], ...]

    @property
    def last_commit(self) -> str:
        """The day of the last commit."""
        tip = self.fork.tip
        return f"{tip.committed_at:%Y-%m-%d}" if tip and tip.committed_at else ""

    @property
    def day(self) -> str:
        """The day of the last commit, in short."""
        tip = self.fork.tip
        return f"{tip.committed_at:%b %d}" if tip and tip.committed_at else ""

    @property
    def stuck(self) -> tuple[Stuck, ...]:
        """The exercises that the student is stuck on."""
        return self.fork.history.stuck if self.fork.history else ()


def strip(outline: Outline, progress: ChapterProgress) -> str:
    """One sign for each exercise of a chapter."""
    signs = (
        (set(progress.verified or ()), "●"),
        (failures(progress).keys(), "✗"),
        (set(progress.filled), "◐"),
        (set(progress.ticked), "○"),
    )
    return "".join(next((sign for group, sign in signs if one in group), "·") for one in outline.exercises)


def student_of(outlines: Sequence[Outline], fork: Fork, counts: Counts, with_verified: bool) -> Student:
    """A student as the page shows them."""
    known = [(outline, fork.chapters[outline.id]) for outline in outlines if outline.id in fork.chapters]
    chapters: list[tuple[str, Counts, str]] = []
    untouched: list[str] = []
    for outline, progress in known:
        numbers = chapter_counts(outline, progress)
        if numbers.ticked or numbers.filled:
            chapters.append((outline.id, numbers, strip(outline, progress)))
        elif not is_unread(progress):
            untouched.append(outline.id)
    failed = [pair for _, progress in known for pair in failures(progress).items()]
    if len(failed) > MAX_FAILED:
        failed[MAX_FAILED:] = [("", f"and {len(failed) - MAX_FAILED} more")]
    cells = (chapter_cell(o, fork.chapters.get(o.id), with_verified) for o in outlines) if fork.chapters else ()
    return Student(
        fork,
        counts,
        Markup("".join(cells)),
        tuple(chapters),
        tuple(untouched),
        tuple((outline.id, flag) for outline, progress in known for flag in progress.flags),
        tuple(failed),
        tuple(pair for _, progress in known for pair in unjudged(progress).items())[:MAX_FAILED],
    )
