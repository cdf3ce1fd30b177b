"""Counts: of exercises in one chapter of a fork or in a whole fork, and of forks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from kit.course.outline import Outline, in_totals
from kit.forks.cohort import Cohort
from kit.forks.records import NOT_JUDGED, Fork
from kit.pairs.progress import UNREADABLE, ChapterProgress
from kit.text import label


@dataclass(frozen=True, slots=True)
class Counts:
    """Exercises of a chapter or of the course, in one fork. `verified` is None if nobody ran the checks."""

    total: int
    ticked: int
    filled: int
    verified: int | None


def chapter_counts(outline: Outline, progress: ChapterProgress) -> Counts:
    """The numbers for one chapter, of its required exercises; ticks of self-reported items don't count."""
    required = set(outline.required)
    verified = None if progress.verified is None else len(required.intersection(progress.verified))
    ticked, filled = (len(required.intersection(ids)) for ids in (progress.ticked, progress.filled))
    return Counts(len(required), ticked, filled, verified)


def fork_counts(outlines: Sequence[Outline], fork: Fork) -> Counts:
    """The numbers for a whole fork, without the bonus chapters."""
    counted = in_totals(outlines)
    parts = [chapter_counts(outline, fork.chapters[outline.id]) for outline in counted if outline.id in fork.chapters]
    known = [part.verified for part in parts if part.verified is not None]
    return Counts(
        sum(len(outline.required) for outline in counted),
        sum(part.ticked for part in parts),
        sum(part.filled for part in parts),
        sum(known) if known else None,
    )


def is_unread(progress: ChapterProgress) -> bool:
    """Whether a zero here means that nothing could be read, not that nothing was done."""
    return bool(why_unread(progress))


def why_unread(progress: ChapterProgress) -> str:
    """Why nothing could be read of a chapter; empty if something could."""
    if progress.filled or progress.ticked:
        return ""
    return ", ".join(flag.word for flag in progress.flags if flag.word in UNREADABLE)


def failures(progress: ChapterProgress) -> dict[str, str]:
    """The filled exercises that didn't pass, each with its message. What couldn't be judged hasn't failed."""
    if progress.verified is None:
        return {}
    other = {*progress.verified, *unjudged(progress)}
    return {exercise: label(progress.failed.get(exercise, "")) for exercise in progress.filled if exercise not in other}


def unjudged(progress: ChapterProgress) -> dict[str, str]:
    """The filled exercises about which nothing is known, each with what went wrong on our side."""
    return {exercise: label(why) for exercise, why in progress.failed.items() if why.startswith(NOT_JUDGED)}


def status_counts(cohort: Cohort) -> str:
    """`9 ok, 1 empty, 2 unreadable`."""
    counts = Counter(fork.status for fork in cohort.forks)
    return ", ".join(f"{counts[status]} {status}" for status in sorted(counts, key=lambda s: (s != "ok", s)))


def summary(cohort: Cohort) -> str:
    """`12 forks: 9 ok, 1 empty, 2 unreadable`, and as of when, if it isn't now."""
    until = f", as of {cohort.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if cohort.until else ""
    return f"{len(cohort.forks)} fork{'' if len(cohort.forks) == 1 else 's'}: {status_counts(cohort)}{until}"


def roster_titles(cohort: Cohort) -> list[str]:
    """The titles of the roster's extra columns."""
    return list(dict.fromkeys(title for fork in cohort.forks for title in fork.extra))


def cell_text(outline: Outline, progress: ChapterProgress | None) -> str:
    """`12/10`: exercises ticked, exercises filled; `?` if nothing could be read; `!` if something is flagged.

    After verification, `12/10/9`: nine of the filled ones passed.
    """
    if progress is None:
        return ""
    counts = chapter_counts(outline, progress)
    passed = "" if counts.verified is None else f"/{counts.verified}"
    numbers = f"{counts.ticked}/{counts.filled}{passed}" if counts.ticked or counts.filled else "·"
    return ("?" if is_unread(progress) else numbers) + ("!" if progress.flags else " ")
