"""How far the class is with each exercise: Outline, Outline, ... + forks --tallies_of--> Tally, Tally, ..."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kit.course.outline import Outline, in_totals
from kit.forks.records import Fork
from kit.report.counts import failures


@dataclass(frozen=True, slots=True)
class Tally:
    """How far the class is with one exercise, in numbers of students.

    `struggling` counts those who failed it or are stuck on it. `waiting` counts those who have filled or ticked
    something, and whose first blank exercise this is. `message` is the most common one among those who failed, `times`
    how many of them got it.
    """

    id: str
    chapter: str
    ticked: int
    filled: int
    verified: int
    failed: int
    stuck: int
    struggling: int
    waiting: int
    message: str
    times: int

    @property
    def unchecked(self) -> int:
        """How many are filled, but nobody ran the check."""
        return self.filled - self.verified - self.failed


def tallies_of(outlines: Sequence[Outline], forks: Sequence[Fork]) -> tuple[Tally, ...]:
    """A tally for every exercise, in the course's order."""
    ticked, filled, verified, failed, waiting = (Counter[str]() for _ in range(5))
    stuck, struggling = Counter[str](), Counter[str]()
    messages: dict[str, Counter[str]] = {}
    required = [exercise for outline in in_totals(outlines) for exercise in outline.required]
    for fork in forks:
        done, worked = set[str](), set[str]()
        here = {one.id for one in fork.history.stuck} if fork.history else set[str]()
        stuck.update(here)
        for progress in fork.chapters.values():
            ticked.update(progress.ticked)
            filled.update(progress.filled)
            verified.update(progress.verified or ())
            done.update(progress.filled)
            worked.update(progress.filled, progress.ticked)
            for exercise, message in failures(progress).items():
                failed[exercise] += 1
                messages.setdefault(exercise, Counter())[message] += 1
                here.add(exercise)
        struggling.update(here)
        if not worked.isdisjoint(required):
            waiting[next((exercise for exercise in required if exercise not in done), "")] += 1
    found = []
    for outline in outlines:
        for exercise in outline.exercises:
            texts = {text: times for text, times in messages.get(exercise, {}).items() if text}
            message, times = min(texts.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
            numbers = (ticked[exercise], filled[exercise], verified[exercise])
            more = (failed[exercise], stuck[exercise], struggling[exercise], waiting[exercise])
            found.append(Tally(exercise, outline.id, *numbers, *more, message, times))
    return tuple(found)
