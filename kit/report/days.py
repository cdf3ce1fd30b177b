"""The class day by day: forks' events --daily--> each fork's days --days_of--> Day, Day, ..."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from statistics import median_low, quantiles

from kit.course.outline import Outline, in_totals
from kit.forks.records import Fork

MAX_POINTS = 60  # of a curve


@dataclass(frozen=True, slots=True)
class Day:
    """The class at the end of a day (UTC), in exercises: what the median student has, and the quartiles of `filled`."""

    at: date
    filled: int
    low: int
    high: int
    ticked: int


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
