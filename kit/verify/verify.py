"""Verification: which filled exercises of a cohort pass, judged in a sandbox, each distinct cell once.

    forks + their cells --bare--> distinct (exercise, cell) --known--> Rulings
                                      | else: batches of a chapter's cells --> workers --> Ruling
                                      v
                             forks with verified, failed, sandbox

A pass needs positive evidence: whatever goes wrong on the way leaves an exercise failed, with the reason.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from kit.course.course import Course
from kit.forks.records import Fork
from kit.judge.jobs import LIMIT
from kit.pairs.progress import ChapterProgress
from kit.verify.canonical import CanonicalCells
from kit.verify.client import course_cells
from kit.verify.pool import judge_batches
from kit.verify.results import Result, ResultCache
from kit.verify.sandbox import choose
from kit.verify.worker import Batch, VerifySetting

Cells = Mapping[str, tuple[str, ...]]  # by exercise: each filled cell that the fork has for it, in either file
MOST = 64  # cells in a batch
SALTS = range(2, 500_000)  # torch and numpy take the seeds that come of these
UNREAD = "its cell could not be read"


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """How to verify: whether to do without a sandbox, with how many workers (0: as fits), on which cluster."""

    unsafe: bool = False
    workers: int = 0
    scheduler: str = ""
    limit: float = LIMIT


@dataclass(frozen=True, slots=True)
class Verified:
    """A cohort's forks after verification; `cells` distinct ones were asked about, `judged` of them now."""

    forks: tuple[Fork, ...]
    cells: int
    judged: int


def verify(
    course: Course,
    forks: Sequence[Fork],
    cells: Sequence[Cells],
    means: VerifyOptions,
    seen: Callable[[int, int], None] = lambda done, total: None,
) -> Verified:
    """Judge what is filled in these forks; `cells` are theirs, in the same order. `seen` hears how far it is.

    Raises:
        KitError: nothing here can keep a stranger's code in, the judge cannot run, or a finished chapter fails.
    """
    sandbox = choose(means.unsafe)
    held = ResultCache(course)
    sayings = CanonicalCells(course_cells(course))
    cells = [{id: tuple(sayings.of(id, s) for s in sources) for id, sources in fork.items()} for fork in cells]
    asked: dict[bytes, tuple[str, str]] = {}
    for fork in cells:
        for id, sources in fork.items():
            for source in sources:
                asked.setdefault(held.version.key(id, source), (id, source))
    wanted = [cell for cell in asked.values() if held.find(*cell) is None]
    cores = os.cpu_count() or 1
    workers = means.workers or max(1, cores // 2)
    setting = VerifySetting(
        course.root,
        held.version.digest,
        sandbox.name,
        means.unsafe,
        (0, secrets.choice(SALTS)),
        means.limit,
        max(1, cores // workers),
    )
    done = 0
    batches = list(batches_of(setting, wanted))
    for batch, rulings in judge_batches(batches, workers, means.scheduler) if batches else ():
        held.keep((id, source, ruling) for (id, source), ruling in zip(batch.cells, rulings, strict=True))
        done += len(rulings)
        seen(done, len(wanted))

    def ruling(id: str, source: str) -> Result:
        found = held.find(id, source)
        assert found is not None
        return found

    told = [with_results(fork, theirs, sandbox.name, ruling) for fork, theirs in zip(forks, cells, strict=True)]
    return Verified(tuple(told), len(asked), len(wanted))


def batches_of(setting: VerifySetting, cells: Sequence[tuple[str, str]]) -> Iterator[Batch]:
    """Batches of one chapter each, its exercises in turn: so that the states before them are all at work."""
    chapters: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for id, source in cells:
        chapters.setdefault(id[:2], {}).setdefault(id, []).append((id, source))
    for chapter in sorted(chapters):
        rounds = zip_longest(*(chapters[chapter][id] for id in sorted(chapters[chapter])))
        turns = [cell for some in rounds for cell in some if cell is not None]
        for start in range(0, len(turns), MOST):
            yield Batch(setting, tuple(turns[start : start + MOST]))


def with_results(fork: Fork, cells: Cells, sandbox: str, ruling: Callable[[str, str], Result]) -> Fork:
    """A fork with what was found; an exercise passes when a cell passes that stands in either of its files."""
    if not fork.chapters:
        return fork
    chapters: dict[str, ChapterProgress] = {}
    for chapter, progress in fork.chapters.items():
        found = {id: [ruling(id, source) for source in cells.get(id, ())] for id in progress.filled}
        passed = tuple(id for id in progress.filled if any(one.passed for one in found[id]))
        failed = {id: found[id][0].why if found[id] else UNREAD for id in progress.filled if id not in passed}
        chapters[chapter] = replace(progress, verified=passed, failed=failed)
    return replace(fork, chapters=chapters, sandbox=sandbox)
