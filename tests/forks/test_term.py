"""Is the list of the stuck right? On a simulated term in which it's known who is stuck, on what, at each week's end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kit.forks.cohort import Cohort, CohortOptions, read_cohort
from kit.forks.records import Fork
from kit.forks.stuck import find_stuck
from kit.sources.words import find_forks
from tests.support.term import WEEKS, Snapshot, Term

PRECISION, RECALL = 0.95, 0.95
NEVER = ("clone", "clone-that-pulls", "cheater-ours", "cheater-a-fellow", "dropout-early", "steady-who-errs")


def with_verdicts(fork: Fork, known: Snapshot) -> Fork:
    """The fork as after `--verify`."""
    chapters = {
        x: replace(progress, verified=tuple(each for each in progress.filled if each in known.right))
        for x, progress in fork.chapters.items()
    }
    return replace(fork, chapters=chapters)


def cohorts(term: Term, weeks: Iterable[int]) -> Iterator[tuple[dict[str, Snapshot], Cohort]]:
    """What is known and what is read, at the end of each week."""
    for week in weeks:
        known = term.at(week)
        origins = find_forks([str(term.folder)])
        yield known, read_cohort(term.versions[-1], origins, CohortOptions(history=True))


def stuck(forks: Iterable[Fork]) -> set[tuple[str, str]]:
    return {(fork.name, one.id) for fork in forks if fork.history for one in fork.history.stuck}


def measure(folder: Path, seed: int, weeks: Iterable[int]) -> None:
    """Hold precision and recall over these weeks to what we promise, with verdicts and without."""
    right, said, true = [0, 0], [0, 0], 0
    for known, cohort in cohorts(Term(folder, seed), weeks):
        truth = {(name, one.stuck) for name, one in known.items() if one.stuck}
        true += len(truth)
        checked = find_stuck(cohort.outlines, [with_verdicts(fork, known[fork.name]) for fork in cohort.forks])
        for n, forks in enumerate((cohort.forks, checked)):
            found = stuck(forks)
            assert not {name for name, _ in found}.intersection(NEVER)
            assert all(0 <= days_named(fork) < 7 * WEEKS for fork in forks)
            right[n] += len(found & truth)
            said[n] += len(found)
    assert true >= 15
    for n in (0, 1):
        assert right[n] >= RECALL * true, f"seed {seed}: {right[n]} of the {true} who are stuck were named"
        assert right[n] >= PRECISION * said[n], f"seed {seed}: {right[n]} of the {said[n]} who were named are stuck"


def days_named(fork: Fork) -> int:
    """How many days the longest work on one exercise spans."""
    assert fork.history
    spans = [each.last - each.first for each in fork.history.attempted.values() if each.first and each.last]
    return max((span.days for span in spans), default=0)


def test_who_is_stuck_in_a_term(tmp_path: Path) -> None:
    measure(tmp_path, 1, range(3, WEEKS + 1, 2))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 10))
def test_who_is_stuck_in_other_terms(tmp_path: Path, seed: int) -> None:
    measure(tmp_path, seed, range(2, WEEKS + 1))
