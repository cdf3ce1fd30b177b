"""Who is stuck, and where: exercises that were begun, are not done, and have taken far longer than the cohort takes.

The rule, for one student and one exercise:

- It is *begun* at the first of these: a commit that changed its cell; a commit that filled the exercise before it, or
  the one behind it, in its chapter, if that one is done.
- It is *done* when our check passes on it, where the checks were run. Else when it is filled; but where a student who
  ticks has changed a filled cell in `RESTLESS` commits or more and has not ticked it, it is not.
- It *took* the days from then to the commit that filled it; what is not done has taken the days to the last commit.
- It is *far beyond the usual* when that is more than each of: the cohort's median and `SPREADS` times its spread (the
  median distance from the median, times 1.4826, which for a normal distribution is the standard deviation); `SLOWEST`
  times what nine in ten took at most; `LEAST` days.
- *Usual* is what the students took who have done it. Are they fewer than `FEW`, it is what the exercises of its chapter
  took, and then those of the course; are there fewer than that, nobody is called stuck.

Who has ticked a blank exercise says that it is done; that is a flag, and not this. Of each student the `MOST` that have
taken longest are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from statistics import median

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
class Usual:
    """What an exercise takes, in days: the median, its spread, what nine in ten take at most; and of what."""

    count: int
    middle: float
    spread: float
    slow: float
    of: str

    @property
    def limit(self) -> float:
        """The days from which on it is far beyond the usual."""
        return max(self.middle + SPREADS * self.spread, SLOWEST * self.slow, LEAST)


def usual_of(days: Sequence[float], of: str) -> Usual:
    """The usual of these."""
    days = sorted(days)
    middle = median(days)
    spread = NORMAL * median([abs(day - middle) for day in days])
    return Usual(len(days), middle, spread, days[-(-9 * len(days) // 10) - 1], of)


@dataclass(frozen=True)
class Way:
    """A fork's chapter with its history, for questions about one exercise."""

    progress: ChapterProgress
    history: History
    filled_at: Mapping[str, datetime]
    exercises: tuple[str, ...]

    @cached_property
    def done(self) -> frozenset[str]:
        """The exercises of the chapter that are done."""
        return frozenset(id for id in self.exercises if self.is_done(id))

    def begun(self, place: int) -> datetime | None:
        """When the exercise at this place was begun."""
        ids = self.exercises
        attempted = self.history.attempted.get(ids[place])
        times = [attempted.first if attempted else None]
        for other in (place - 1, place + 1):
            if 0 <= other < len(ids) and ids[other] in self.done:
                times.append(self.filled_at.get(ids[other]))
        return min(filter(None, times), default=None)

    def is_done(self, id: str) -> bool:
        """Whether an exercise is done."""
        progress, attempted = self.progress, self.history.attempted.get(id)
        if progress.verified is not None:
            return id in progress.verified
        if id not in progress.filled:
            return False
        if id in progress.ticked or attempted is None or attempted.commits < RESTLESS:
            return True
        others = [other for other in progress.filled if other != id]
        return 2 * len(set(others).intersection(progress.ticked)) < max(1, len(others))


def filled_times(events: Sequence[Event]) -> dict[str, datetime]:
    """When each exercise was filled last."""
    return {event.id: event.at for event in events if event.kind == "filled" and event.at}


def find_stuck(outlines: Sequence[Outline], forks: Sequence[Fork]) -> tuple[Fork, ...]:
    """The same forks; each history says where its student is stuck. To be asked again once the checks were run."""
    took: dict[str, list[float]] = {}
    waiting: list[tuple[Fork, Way, str, datetime]] = []
    for fork in forks:
        filled_at = filled_times(fork.history.events) if fork.history else {}
        for outline in outlines:
            if fork.history is None or outline.id not in fork.chapters:
                continue
            if not any(id in filled_at or id in fork.history.attempted for id in outline.exercises):
                continue  # nothing of it was begun
            way = Way(fork.chapters[outline.id], fork.history, filled_at, outline.exercises)
            for place, id in enumerate(outline.exercises):
                begun = way.begun(place)
                if begun is None:
                    continue
                if id not in way.done:
                    if way.progress.verified is not None or id not in way.progress.ticked:
                        waiting.append((fork, way, id, begun))
                elif id in way.filled_at and begun <= way.filled_at[id]:
                    took.setdefault(id, []).append((way.filled_at[id] - begun).total_seconds() / DAY)
    usual = usual_times(outlines, took)
    found: dict[int, list[tuple[float, Stuck]]] = {}
    for fork, way, id, begun in waiting:
        last = fork.tip.committed_at if fork.tip else None
        known = usual.get(id)
        if last is None or known is None:
            continue
        days = (last - begun).total_seconds() / DAY
        if days > known.limit:
            stuck = Stuck(id, begun, evidence(way, id, begun, last, days, known))
            found.setdefault(id_of(fork), []).append((days, stuck))
    return tuple(with_stuck(fork, found.get(id_of(fork), [])) for fork in forks)


def id_of(fork: Fork) -> int:
    """What a fork is known by here: two may have one name."""
    return id(fork)


def with_stuck(fork: Fork, found: Sequence[tuple[float, Stuck]]) -> Fork:
    """The fork with what has taken longest, in place of what was said of it before."""
    if fork.history is None or (not found and not fork.history.stuck):
        return fork
    longest = sorted(found, key=lambda pair: (-pair[0], pair[1].id))[:MOST]
    return replace(fork, history=replace(fork.history, stuck=tuple(stuck for _, stuck in longest)))


def usual_times(outlines: Sequence[Outline], took: Mapping[str, list[float]]) -> dict[str, Usual]:
    """What is usual for each exercise, from as near as there are enough students."""
    found: dict[str, Usual] = {}
    course = [day for days in took.values() for day in days]
    widest = usual_of(course, "the course's exercises") if len(course) >= FEW else None
    for outline in outlines:
        chapter = [day for id in outline.exercises for day in took.get(id, [])]
        wide = usual_of(chapter, f"chapter {outline.id}'s exercises") if len(chapter) >= FEW else widest
        for id in outline.exercises:
            own = took.get(id, [])
            usual = usual_of(own, "it") if len(own) >= FEW else wide
            if usual:
                found[id] = usual
    return found


def evidence(way: Way, id: str, begun: datetime, last: datetime, days: float, usual: Usual) -> str:
    """Why somebody is called stuck, in numbers."""
    progress, attempted = way.progress, way.history.attempted.get(id)
    tries = attempted.commits if attempted else 0
    state = "still blank" if id not in progress.filled else "filled and not ticked"
    if progress.verified is not None and id in progress.filled:
        state = "filled, and our check does not pass"
    whose = f"the {usual.count} students who have done it took" if usual.of == "it" else f"{usual.of} took"
    return (
        f"begun {begun:%Y-%m-%d}, changed in {tries} commit{'' if tries == 1 else 's'}, {state} on {last:%Y-%m-%d},"
        f" {days:.1f} days later; {whose} {usual.middle:.1f} days (median), nine in ten at most {usual.slow:.1f}"
    )
