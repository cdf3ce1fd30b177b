"""Answers to an instructor's questions: who needs me, where is the class, what should I teach again?

Cohort -> Insight. Pure: the same cohort gives the same answers in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from kit.course.outline import in_totals
from kit.forks.cohort import Cohort
from kit.forks.records import Stuck
from kit.report.concerns import concerns, urgency
from kit.report.counts import Counts, fork_counts
from kit.report.days import Day, days_of
from kit.report.tally import Tally, tallies_of

QUIET = timedelta(days=7)
SEVERAL = 2  # students; one alone is no reason to teach an exercise again
SHARE = 0.2


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
    unbegun: tuple[int, ...]  # nothing filled or ticked
    finished: int  # how many have filled every exercise that counts
    places: tuple[tuple[str, int], ...]  # by chapter, how many are in it: those whose first blank exercise it has
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
    def median_verified(self) -> int:
        """How many exercises pass, for the student in the middle by that number."""
        known = [count.verified for count in self.counts if count.verified is not None]
        return median_low(known) if known else 0

    @property
    def failing(self) -> list[Tally]:
        """The exercises that somebody failed, most often failed first."""
        return sorted((tally for tally in self.tallies if tally.failed), key=lambda tally: (-tally.failed, tally.id))

    @property
    def again(self) -> list[Tally]:
        """The exercises to teach again, those that most students struggle with first.

        Several students are stuck on them, or several fail them and those are at least `SHARE` of who was checked.
        """
        least = min(SEVERAL, self.read)
        return sorted(
            (
                tally
                for tally in self.tallies
                if tally.stuck >= least > 0
                or (tally.failed >= least > 0 and tally.failed >= SHARE * (tally.failed + tally.verified))
            ),
            key=lambda tally: (-tally.struggling, tally.id),
        )

    @property
    def stuck_on(self) -> list[tuple[str, tuple[tuple[int, Stuck], ...]]]:
        """The exercises that somebody is stuck on, each with who (by fork) and how; the most common first."""
        found: dict[str, list[tuple[int, Stuck]]] = {}
        for fork, where in self.stuck:
            for one in where:
                found.setdefault(one.id, []).append((fork, one))
        return [(each, tuple(who)) for each, who in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))]


def begun(counts: Counts) -> bool:
    """Whether a student has filled or ticked anything that counts."""
    return bool(counts.filled or counts.ticked)


def quiet_forks(cohort: Cohort, counts: Mapping[int, Counts]) -> list[int]:
    """Those who have begun and not finished, and haven't committed in the week before the class's newest commit."""
    times = {
        number: fork.tip.committed_at
        for number, fork in enumerate(cohort.forks)
        if number in counts and fork.tip and fork.tip.committed_at
    }
    past = [at for at in times.values() if at <= cohort.generated_at]
    if not past:
        return []
    since: datetime = max(past) - QUIET
    found = [n for n, at in times.items() if at < since and begun(counts[n]) and counts[n].filled < counts[n].total]
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
    tallies = tallies_of(outlines, read)
    where = Counter({outline.id: 0 for outline in outlines})
    for tally in tallies:
        where[tally.chapter] += tally.waiting
    return Insight(
        cohort,
        len(exercises),
        len(read),
        counts,
        any(progress.verified is not None for fork in read for progress in fork.chapters.values()),
        any(fork.history is not None for fork in read),
        tallies,
        days_of(outlines, read),
        tuple(sorted(stuck, key=lambda pair: (pair[1][0].since, pair[0]))),
        tuple(sorted(noted, key=lambda pair: urgency(forks[pair[0]]))),
        tuple(quiet_forks(cohort, known)),
        tuple(number for number, count in known.items() if not begun(count)),
        sum(count.total > 0 and count.filled >= count.total for count in known.values()),
        tuple((chapter, count) for chapter, count in where.items() if count),
        median,
        exercises[median] if median < len(exercises) else "",
    )
