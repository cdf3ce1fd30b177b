"""Answers to an instructor's questions: who needs me, where is the class, what should I teach again?

Cohort -> Insight. Pure: the same cohort gives the same answers in the same order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median_low, quantiles

from kit.course.outline import Outline, in_totals
from kit.forks.cohort import Cohort
from kit.forks.records import Fork, Stuck
from kit.report.concerns import concerns, urgency
from kit.report.counts import Counts, failures, fork_counts

QUIET = timedelta(days=7)
MAX_POINTS = 60  # of a curve


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the class is with one exercise, in numbers of students.

    `waiting` counts those who have begun the course and whose first blank exercise this is. `message` is the most
    common one among those who failed, `times` how many of them got it.
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
        """How many are filled, but nobody ran the check."""
        return self.filled - self.verified - self.failed


@dataclass(frozen=True, slots=True)
class Day:
    """The class at the end of a day (UTC), in exercises: what the median student has, and the quartiles of `filled`."""

    at: date
    filled: int
    low: int
    high: int
    ticked: int


@dataclass(frozen=True, slots=True)
class Insight:
    """The answers. A fork is given by its index in the cohort.

    `median` is how many exercises the median student has filled, `next_exercise` the one that comes next.
    """

    cohort: Cohort
    total: int
    read: int  # forks whose chapters are known
    counts: tuple[Counts, ...]  # one for each fork of the cohort
    has_verdicts: bool  # some fork was verified
    has_history: bool  # some fork's history was read
    tallies: tuple[Tally, ...]
    days: tuple[Day, ...]
    stuck: tuple[tuple[int, tuple[Stuck, ...]], ...]  # by fork, stuck longest first
    concerns: tuple[tuple[int, str], ...]  # by fork, most urgent first
    quiet: tuple[int, ...]  # longest first
    median: int
    next_exercise: str

    @property
    def verified(self) -> int:
        """Filled exercises that passed, over all forks."""
        return sum(tally.verified for tally in self.tallies)

    @property
    def checked(self) -> int:
        """Filled exercises on which the checks were run, over all forks."""
        return self.verified + sum(tally.failed for tally in self.tallies)

    @property
    def failing(self) -> list[Tally]:
        """The exercises that somebody failed, most often failed first."""
        return sorted((tally for tally in self.tallies if tally.failed), key=lambda tally: (-tally.failed, tally.id))

    @property
    def reached(self) -> list[Tally]:
        """The exercises that come next for some student, the most common first."""
        return sorted((tally for tally in self.tallies if tally.waiting), key=lambda tally: (-tally.waiting, tally.id))


def tallies_of(outlines: Sequence[Outline], forks: Sequence[Fork]) -> tuple[Tally, ...]:
    """A tally for every exercise, in the course's order."""
    ticked, filled, verified, failed, waiting = (Counter[str]() for _ in range(5))
    messages: dict[str, Counter[str]] = {}
    required = [exercise for outline in in_totals(outlines) for exercise in outline.required]
    for fork in forks:
        done: set[str] = set()
        for progress in fork.chapters.values():
            ticked.update(progress.ticked)
            filled.update(progress.filled)
            verified.update(progress.verified or ())
            done.update(progress.filled)
            for exercise, message in failures(progress).items():
                failed[exercise] += 1
                messages.setdefault(exercise, Counter())[message] += 1
        if done:
            waiting[next((exercise for exercise in required if exercise not in done), "")] += 1
    stuck = Counter(one.id for fork in forks if fork.history for one in fork.history.stuck)
    found = []
    for outline in outlines:
        for exercise in outline.exercises:
            texts = {text: times for text, times in messages.get(exercise, {}).items() if text}
            message, times = min(texts.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
            numbers = (ticked[exercise], filled[exercise], verified[exercise])
            more = (failed[exercise], stuck[exercise], waiting[exercise])
            found.append(Tally(exercise, outline.id, *numbers, *more, message, times))
    return tuple(found)


def daily(fork: Fork, known: frozenset[str]) -> list[tuple[date, int, int]]:
    """The days on which a fork changed, each with how many exercises were filled and ticked by its end.

    A commit dated before its predecessor counts on the predecessor's day.
    """
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
    """The class day by day, from the first change to the last, in at most `MAX_POINTS` steps of equal length."""
    known = frozenset(exercise for outline in in_totals(outlines) for exercise in outline.required)
    forks_days = [daily(fork, known) for fork in forks if fork.history]
    changed = [day for days in forks_days for day, _, _ in days]
    if not changed:
        return ()
    first, last = min(changed), max(changed)
    span = (last - first).days
    step = -(-(span + 1) // MAX_POINTS)
    found = []
    for at in [*(first + timedelta(days=n) for n in range(0, span, step)), last]:
        filled, ticked = zip(*(numbers_on(days, at) for days in forks_days), strict=True)
        low, _, high = quantiles(filled, method="inclusive") if len(filled) > 1 else (filled[0],) * 3
        found.append(Day(at, median_low(filled), int(low), round(high), median_low(ticked)))
    return tuple(found)


def numbers_on(days: Sequence[tuple[date, int, int]], at: date) -> tuple[int, int]:
    """How many exercises were filled and ticked at the end of a day, from the days on which that changed."""
    index = bisect_right(days, at, key=lambda day: day[0])
    return days[index - 1][1:] if index else (0, 0)


def quiet_forks(cohort: Cohort, counts: Mapping[int, Counts]) -> list[int]:
    """Those who haven't finished, and haven't committed in the week before the class's newest commit."""
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


def insight_of(cohort: Cohort) -> Insight:
    """All the answers for a cohort."""
    outlines, forks = cohort.shown, cohort.forks
    read = tuple(fork for fork in forks if fork.chapters)
    counts = tuple(fork_counts(outlines, fork) for fork in forks)
    known = {number: counts[number] for number, fork in enumerate(forks) if fork.chapters}
    median = median_low([count.filled for count in known.values()]) if known else 0
    exercises = [exercise for outline in in_totals(outlines) for exercise in outline.required]
    stuck = [
        (n, tuple(sorted(fork.history.stuck, key=lambda one: (one.since, one.id))))
        for n, fork in enumerate(forks)
        if fork.history and fork.history.stuck
    ]
    noted = [(n, text) for n, fork in enumerate(forks) if (text := concerns(fork)) or not fork.chapters]
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
        tuple(sorted(noted, key=lambda pair: urgency(forks[pair[0]]))),
        tuple(quiet_forks(cohort, known)),
        median,
        exercises[median] if median < len(exercises) else "",
    )
