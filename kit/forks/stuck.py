"""Who is stuck, and where: exercises that were begun, aren't done, and have taken far longer than others needed.

The rule, for one student and one exercise:

- It was *begun* with the first of these: a commit that changed its cell, or a commit that filled the exercise before or
  after it in the chapter, if that one is done.
- It's *done* when our check passes, if the checks were run; otherwise when it's filled. The exception is a student who
  ticks: then an unticked cell that was changed in `RESTLESS` commits or more isn't done, filled or not.
- It *took* the days from then to the commit that filled it. What isn't done has taken the days until the last commit.
- It has taken *far too long* when that's more than each of: the cohort's median plus `SPREADS` times its spread (the
  median distance from the median, times 1.4826, which for a normal distribution is the standard deviation); `SLOWEST`
  times the most that nine in ten needed; `LEAST` days.
- The *usual* time is that of the students who have done it. If fewer than `FEW` have, it is that of all exercises in
  the chapter, then of all in the course; if those are still fewer than `FEW`, nobody is called stuck.

A blank exercise that was ticked isn't stuck: its student says it's done, and a flag says it isn't. For each student, we
name the `MOST` exercises that have taken longest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from statistics import median
from typing import NamedTuple

from kit.course.outline import Outline
from kit.forks.records import Event, Fork, History, Stuck
from kit.pairs.progress import ChapterProgress

FEW = 5
RESTLESS = 4
SPREADS = 4.0
NORMAL = 1.4826
SLOWEST = 1.5
LEAST = 3.0
MOST = 3
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class UsualTime:
    """What an exercise takes, in days: the median, its spread, the most that nine in ten need; `of` which exercises."""

    count: int
    middle: float
    spread: float
    slow: float
    of: str

    @property
    def limit(self) -> float:
        """The number of days after which it has taken far too long."""
        return max(self.middle + SPREADS * self.spread, SLOWEST * self.slow, LEAST)


def usual_time(days: Sequence[float], of: str) -> UsualTime:
    """The usual time, from how long each student took."""
    days = sorted(days)
    middle = median(days)
    spread = NORMAL * median([abs(day - middle) for day in days])
    return UsualTime(len(days), middle, spread, days[-(-9 * len(days) // 10) - 1], of)


@dataclass(frozen=True)
class ChapterHistory:
    """One chapter of one fork with its history, for asking about an exercise."""

    progress: ChapterProgress
    history: History
    filled_at: Mapping[str, datetime]
    exercises: tuple[str, ...]

    @cached_property
    def done(self) -> frozenset[str]:
        """The exercises of the chapter that are done."""
        return frozenset(exercise_id for exercise_id in self.exercises if self.is_done(exercise_id))

    def begun(self, index: int) -> datetime | None:
        """When the exercise at this place in the chapter was begun."""
        attempted = self.history.attempted.get(self.exercises[index])
        times = [attempted.first if attempted else None]
        for neighbour in (index - 1, index + 1):
            if 0 <= neighbour < len(self.exercises) and self.exercises[neighbour] in self.done:
                times.append(self.filled_at.get(self.exercises[neighbour]))
        return min(filter(None, times), default=None)

    def is_done(self, exercise_id: str) -> bool:
        """Whether an exercise is done."""
        progress, attempted = self.progress, self.history.attempted.get(exercise_id)
        if progress.verified is not None:
            return exercise_id in progress.verified
        if exercise_id not in progress.filled:
            return False
        if exercise_id in progress.ticked or attempted is None or attempted.commits < RESTLESS:
            return True
        others = [other for other in progress.filled if other != exercise_id]
        return 2 * len(set(others).intersection(progress.ticked)) < max(1, len(others))


class Unfinished(NamedTuple):
    """An exercise that was begun and isn't done; `fork` is its fork's place in the cohort."""

    fork: int
    chapter: ChapterHistory
    exercise_id: str
    begun: datetime


def filled_times(events: Sequence[Event]) -> dict[str, datetime]:
    """When each exercise was last filled."""
    return {event.id: event.at for event in events if event.kind == "filled" and event.at}


def find_stuck(outlines: Sequence[Outline], forks: Sequence[Fork]) -> tuple[Fork, ...]:
    """The same forks, each with where its student is stuck. Call it again once the checks have been run."""
    took: dict[str, list[float]] = {}
    unfinished: list[Unfinished] = []
    for number, fork in enumerate(forks):
        for chapter in chapter_histories(fork, outlines):
            for index, exercise_id in enumerate(chapter.exercises):
                begun = chapter.begun(index)
                if begun is None:
                    continue
                if exercise_id not in chapter.done:
                    if chapter.progress.verified is not None or exercise_id not in chapter.progress.ticked:
                        unfinished.append(Unfinished(number, chapter, exercise_id, begun))
                elif exercise_id in chapter.filled_at and begun <= chapter.filled_at[exercise_id]:
                    days = (chapter.filled_at[exercise_id] - begun).total_seconds() / DAY
                    took.setdefault(exercise_id, []).append(days)
    usual = usual_times(outlines, took)
    found: dict[int, list[tuple[float, Stuck]]] = {}
    for one in unfinished:
        tip, known = forks[one.fork].tip, usual.get(one.exercise_id)
        last = tip.committed_at if tip else None
        if last is None or known is None:
            continue
        days = (last - one.begun).total_seconds() / DAY
        if days > known.limit:
            stuck = Stuck(one.exercise_id, one.begun, evidence(one, last, days, known))
            found.setdefault(one.fork, []).append((days, stuck))
    return tuple(with_stuck(fork, found.get(number, [])) for number, fork in enumerate(forks))


def chapter_histories(fork: Fork, outlines: Sequence[Outline]) -> Iterator[ChapterHistory]:
    """The chapters of a fork in which something was begun; none if its history wasn't read."""
    history = fork.history
    if history is None:
        return
    filled_at = filled_times(history.events)
    for outline in outlines:
        if outline.id not in fork.chapters:
            continue
        if any(x in filled_at or x in history.attempted for x in outline.required):
            yield ChapterHistory(fork.chapters[outline.id], history, filled_at, outline.required)


def with_stuck(fork: Fork, found: Sequence[tuple[float, Stuck]]) -> Fork:
    """The fork with what has taken longest, replacing what it had before."""
    if fork.history is None or (not found and not fork.history.stuck):
        return fork
    longest = sorted(found, key=lambda pair: (-pair[0], pair[1].id))[:MOST]
    return replace(fork, history=replace(fork.history, stuck=tuple(stuck for _, stuck in longest)))


def usual_times(outlines: Sequence[Outline], took: Mapping[str, list[float]]) -> dict[str, UsualTime]:
    """The usual time of each exercise; of its chapter or the course, if too few students have done it."""
    found: dict[str, UsualTime] = {}
    course = [day for days in took.values() for day in days]
    of_course = usual_time(course, "the course's exercises") if len(course) >= FEW else None
    for outline in outlines:
        chapter = [day for exercise_id in outline.exercises for day in took.get(exercise_id, [])]
        wide = usual_time(chapter, f"chapter {outline.id}'s exercises") if len(chapter) >= FEW else of_course
        for exercise_id in outline.exercises:
            own = took.get(exercise_id, [])
            usual = usual_time(own, "it") if len(own) >= FEW else wide
            if usual:
                found[exercise_id] = usual
    return found


def evidence(one: Unfinished, last: datetime, days: float, usual: UsualTime) -> str:
    """Why a student is called stuck, in numbers."""
    progress, attempted = one.chapter.progress, one.chapter.history.attempted.get(one.exercise_id)
    tries = attempted.commits if attempted else 0
    state = "still blank" if one.exercise_id not in progress.filled else "filled but not ticked"
    if progress.verified is not None and one.exercise_id in progress.filled:
        state = "filled, but our check doesn't pass"
    whose = f"the {usual.count} students who have done it took" if usual.of == "it" else f"{usual.of} took"
    return (
        f"begun {one.begun:%Y-%m-%d}, changed in {tries} commit{'' if tries == 1 else 's'}, {state} on {last:%Y-%m-%d},"
        f" {days:.1f} days later; {whose} {usual.middle:.1f} days (median), nine in ten at most {usual.slow:.1f}"
    )
