"""What an instructor asks of a cohort, answered as records: who needs me, where is the class, what do I teach again.

Cohort -> Insight. Pure: the same cohort gives the same answers in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median_low, quantiles

from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.forks.records import Fork, Stuck
from kit.pairs.progress import ChapterProgress
from kit.report.table import URGENT, concerns
from kit.text import label

QUIET = timedelta(days=7)
MOST_POINTS = 60  # of a curve


@dataclass(frozen=True, slots=True)
class Tally:
    """How the class stands with one exercise: numbers of students.

    `waiting` are those for whom it is the first blank one, once they have begun. `message` is what was said most often
    to those who failed, `times` how often.
    """

    id: str
    chapter: str
    ticked: int
    filled: int
    verified: int
    failed: int
    stuck: int
    waiting: int
    message: str
    times: int

    @property
    def unchecked(self) -> int:
        """Filled, and nobody ran the check."""
        return self.filled - self.verified - self.failed


@dataclass(frozen=True, slots=True)
class Day:
    """The class at the end of a day in UTC: exercises filled by the median student and by the middle half, ticked."""

    at: date
    filled: int
    low: int
    high: int
    ticked: int


@dataclass(frozen=True, slots=True)
class Counts:
    """A student's exercises, or a chapter's. `verified` is None where nobody ran the checks."""

    total: int
    ticked: int
    filled: int
    verified: int | None


@dataclass(frozen=True, slots=True)
class Insight:
    """The answers. A fork is named by its place in the cohort.

    `median` is what the student in the middle has filled, and `at` the exercise that comes next.
    """

    cohort: Cohort
    total: int
    read: int  # forks whose chapters are known
    counts: tuple[Counts, ...]  # one for each fork of the cohort
    checked: bool  # somebody ran the checks, on some fork
    dated: bool  # some fork has its history
    tallies: tuple[Tally, ...]
    days: tuple[Day, ...]
    stuck: tuple[tuple[int, tuple[Stuck, ...]], ...]  # of each student who is, longest first
    look: tuple[tuple[int, str], ...]  # most urgent first
    quiet: tuple[int, ...]  # longest first
    median: int
    at: str

    @property
    def failing(self) -> list[Tally]:
        """The exercises that somebody failed, those that most failed first."""
        return sorted((tally for tally in self.tallies if tally.failed), key=lambda tally: (-tally.failed, tally.id))

    @property
    def waited(self) -> list[Tally]:
        """The exercises before which somebody stands, those before which most stand first."""
        return sorted((tally for tally in self.tallies if tally.waiting), key=lambda tally: (-tally.waiting, tally.id))


def failures(progress: ChapterProgress) -> dict[str, str]:
    """The filled exercises that did not pass, and what was said of each."""
    if progress.verified is None:
        return {}
    passed = set(progress.verified)
    return {id: label(progress.failed.get(id, "")) for id in progress.filled if id not in passed}


def counts_in(outline: Outline, progress: ChapterProgress) -> Counts:
    """The numbers of one chapter; ticks count for exercises alone."""
    ticked = len(set(progress.ticked).intersection(outline.exercises))
    verified = None if progress.verified is None else len(progress.verified)
    return Counts(len(outline.exercises), ticked, len(progress.filled), verified)


def counts_of(outlines: Sequence[Outline], fork: Fork) -> Counts:
    """The numbers of a whole fork."""
    parts = [counts_in(outline, fork.chapters[outline.id]) for outline in outlines if outline.id in fork.chapters]
    known = [part.verified for part in parts if part.verified is not None]
    return Counts(
        sum(len(outline.exercises) for outline in outlines),
        sum(part.ticked for part in parts),
        sum(part.filled for part in parts),
        sum(known) if known else None,
    )


def tallies_of(outlines: Sequence[Outline], forks: Sequence[Fork]) -> tuple[Tally, ...]:
    """The class's standing with every exercise, in the course's order."""
    ticked, filled, verified, failed, waiting = (Counter[str]() for _ in range(5))
    messages: dict[str, Counter[str]] = {}
    for fork in forks:
        done: set[str] = set()
        for progress in fork.chapters.values():
            ticked.update(progress.ticked)
            filled.update(progress.filled)
            verified.update(progress.verified or ())
            done.update(progress.filled)
            for id, said in failures(progress).items():
                failed[id] += 1
                messages.setdefault(id, Counter())[said] += 1
        if done:
            blank = (id for outline in outlines for id in outline.exercises if id not in done)
            waiting.update([next(blank, "")])
    stuck = Counter(one.id for fork in forks if fork.history for one in fork.history.stuck)
    found = []
    for outline in outlines:
        for id in outline.exercises:
            texts = {text: times for text, times in messages.get(id, {}).items() if text}
            message, times = min(texts.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
            numbers = (ticked[id], filled[id], verified[id], failed[id], stuck[id], waiting[id])
            found.append(Tally(id, outline.id, *numbers, message, times))
    return tuple(found)


def daily(fork: Fork, known: frozenset[str]) -> list[tuple[date, int, int]]:
    """The days on which a fork changed, with what was filled and ticked at their end; a clock never goes back."""
    filled, ticked = set[str](), set[str]()
    found: dict[date, tuple[int, int]] = {}
    latest: date | None = None
    for event in fork.history.events if fork.history else ():
        if event.id not in known:
            continue
        group = filled if event.kind in ("filled", "emptied") else ticked
        (group.add if event.kind in ("filled", "ticked") else group.discard)(event.id)
        day = event.at.astimezone(UTC).date() if event.at else latest
        latest = day if latest is None or (day and day > latest) else latest
        if latest:
            found[latest] = (len(filled), len(ticked))
    return [(day, *numbers) for day, numbers in found.items()]


def days_of(outlines: Sequence[Outline], forks: Iterable[Fork]) -> tuple[Day, ...]:
    """The class day by day, from the first change to the last, in at most `MOST_POINTS` steps of equal length."""
    known = frozenset(id for outline in outlines for id in outline.exercises)
    ways = [daily(fork, known) for fork in forks if fork.history]
    changed = [day for way in ways for day, _, _ in way]
    if not changed:
        return ()
    first, last = min(changed), max(changed)
    step = -(-((last - first).days + 1) // MOST_POINTS)
    at, places, found = first, [0] * len(ways), []
    while True:
        at = min(at, last)
        standing = []
        for number, way in enumerate(ways):
            while places[number] < len(way) and way[places[number]][0] <= at:
                places[number] += 1
            standing.append(way[places[number] - 1][1:] if places[number] else (0, 0))
        filled = sorted(one for one, _ in standing)
        low, _, high = quantiles(filled, method="inclusive") if len(filled) > 1 else (filled[0],) * 3
        found.append(Day(at, median_low(filled), int(low), round(high), median_low(one for _, one in standing)))
        if at == last:
            return tuple(found)
        at += timedelta(days=step)


def urgency(fork: Fork) -> tuple[int, int]:
    """How soon to look at a fork: what could not be read, then what its worst flag is, then how many it has."""
    flags = [flag for progress in fork.chapters.values() for flag in progress.flags]
    ranks = [URGENT.index(flag.word) if flag.word in URGENT else len(URGENT) for flag in flags]
    return (-1 if not fork.chapters else min(ranks, default=len(URGENT) + 1), -len(flags))


def quiet_forks(cohort: Cohort, counts: Mapping[int, Counts]) -> list[int]:
    """Who is not through, and has not committed for a week of the class: its clock is its newest commit."""
    times = {
        number: fork.tip.committed_at
        for number, fork in enumerate(cohort.forks)
        if number in counts and fork.tip and fork.tip.committed_at
    }
    past = [at for at in times.values() if at <= cohort.generated_at]
    if not past:
        return []
    since: datetime = max(past) - QUIET
    found = [n for n, at in times.items() if at < since and counts[n].filled < counts[n].total]
    return sorted(found, key=lambda number: (times[number], number))


def insight(cohort: Cohort) -> Insight:
    """All the answers for a cohort."""
    outlines, forks = cohort.outlines, cohort.forks
    read = tuple(fork for fork in forks if fork.chapters)
    counts = tuple(counts_of(outlines, fork) for fork in forks)
    known = {number: counts[number] for number, fork in enumerate(forks) if fork.chapters}
    median = median_low([count.filled for count in known.values()]) if known else 0
    exercises = [id for outline in outlines for id in outline.exercises]
    stuck = [
        (n, tuple(sorted(fork.history.stuck, key=lambda one: (one.since, one.id))))
        for n, fork in enumerate(forks)
        if fork.history and fork.history.stuck
    ]
    look = [(n, said) for n, fork in enumerate(forks) if (said := concerns(fork)) or not fork.chapters]
    return Insight(
        cohort,
        len(exercises),
        len(read),
        counts,
        any(progress.verified is not None for fork in read for progress in fork.chapters.values()),
        any(fork.history is not None for fork in read),
        tallies_of(outlines, read),
        days_of(outlines, read),
        tuple(sorted(stuck, key=lambda pair: (pair[1][0].since, pair[0]))),
        tuple(sorted(look, key=lambda pair: urgency(forks[pair[0]]))),
        tuple(quiet_forks(cohort, known)),
        median,
        exercises[median] if median < len(exercises) else "",
    )
