"""Verification: which of a cohort's filled exercises pass. Judged in a sandbox, each distinct cell once.

    forks + their cells --canonical--> distinct (exercise, cell) --known already--> Result
                                         | else: batches of one chapter's cells --> workers --> Result
                                         v
                                 forks with verified, failed, sandbox

A pass needs positive evidence: whatever goes wrong along the way leaves an exercise failed, with the reason. Time on
the clock is no evidence: what ran out of it is judged again at the end, while nothing else runs, and never remembered.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kit.course.course import Course
from kit.forks.records import Fork
from kit.judge.judge import PAGE
from kit.judge.records import LIMIT
from kit.pairs.progress import ChapterProgress
from kit.verify.canonical import CanonicalCells
from kit.verify.listed import listed_results, needs_of
from kit.verify.pool import judge_batches
from kit.verify.results import ResultCache
from kit.verify.sandbox import choose_sandbox
from kit.verify.worker import Batch, VerifySetting

Cells = Mapping[str, tuple[str, ...]]  # by exercise: each filled cell that the fork has for it, from either file
BATCH = 64  # cells
UNREAD = "its cell couldn't be read"


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """Whether to do without a sandbox, how many workers to use (0: as many as fit), on which cluster.

    `limit` is how many seconds a cell may run. With `again`, results of earlier runs don't count.
    """

    unsafe: bool = False
    workers: int = 0
    scheduler: str = ""
    limit: float = LIMIT
    again: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """A cohort's forks after verification. They have `cells` distinct cells, of which `judged` were judged just now."""

    forks: tuple[Fork, ...]
    cells: int
    judged: int


def verify(
    course: Course,
    forks: Sequence[Fork],
    cells: Sequence[Cells],
    options: VerifyOptions,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verified:
    """Judge what's filled in these forks. `cells` are theirs, in the same order.

    `on_progress` is called with the number of cells judged so far and the number to judge.

    Raises:
        KitError: no sandbox holds here, the judge can't run, or a finished chapter fails.
    """
    sandbox = choose_sandbox(options.unsafe)
    listed = listed_results(course)
    results = ResultCache(course, listed)
    canonical = CanonicalCells(listed, needs_of(course))
    cells = [
        {exercise_id: tuple(canonical.find(exercise_id, s) for s in sources) for exercise_id, sources in fork.items()}
        for fork in cells
    ]
    distinct = {
        results.version.key(exercise_id, source): (exercise_id, source)
        for fork in cells
        for exercise_id, sources in fork.items()
        for source in sources
    }
    unknown = [
        cell for cell in distinct.values() if cell not in listed and (options.again or results.find(*cell) is None)
    ]
    workers = options.workers or usable_cores()
    setting = VerifySetting(
        root=course.root,
        version=results.version.digest,
        sandbox=sandbox.name,
        unsafe=options.unsafe,
        salts=(PAGE, results.seed()),
        limit=options.limit,
    )
    done = 0
    batches = list(batches_of(setting, unknown))
    for batch, found in judge_batches(batches, workers, options.scheduler) if batches else ():
        results.keep((*cell, result) for cell, result in zip(batch.cells, found, strict=True))
        done += len(found)
        on_progress(done, len(unknown))
    unclear = [cell for cell in unknown if (result := results.find(*cell)) and not result.lasting]
    alone = Batch(setting, tuple(unclear))
    for _, found in judge_batches([alone], 1, options.scheduler) if unclear else ():
        results.keep((*cell, result) for cell, result in zip(unclear, found, strict=True))
    rows = [with_results(fork, theirs, sandbox.name, results) for fork, theirs in zip(forks, cells, strict=True)]
    return Verified(tuple(rows), len(distinct), len(unknown))


def usable_cores() -> int:
    """How many cores this process may use: all, unless somebody (`taskset`, a container) has left it fewer."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def batches_of(setting: VerifySetting, cells: Sequence[tuple[str, str]]) -> Iterator[Batch]:
    """Batches of one chapter each, the last chapter first: it takes longest, and no core shall be idle at the end."""
    chapters: dict[str, list[tuple[str, str]]] = {}
    for cell in sorted(cells):
        chapters.setdefault(cell[0][:2], []).append(cell)
    for _, found in sorted(chapters.items(), reverse=True):
        for start in range(0, len(found), BATCH):
            yield Batch(setting, tuple(found[start : start + BATCH]))


def with_results(fork: Fork, cells: Cells, sandbox: str, results: ResultCache) -> Fork:
    """The fork with its results. An exercise passes if its cell in either file passes."""
    if not fork.chapters:
        return fork
    chapters: dict[str, ChapterProgress] = {}
    for chapter_id, progress in fork.chapters.items():
        passed: list[str] = []
        failed: dict[str, str] = {}
        for exercise_id in progress.filled:
            found = [results.find(exercise_id, source) for source in cells.get(exercise_id, ())]
            if any(result and result.passed for result in found):
                passed.append(exercise_id)
            else:
                failed[exercise_id] = found[0].why if found and found[0] else UNREAD
        chapters[chapter_id] = replace(progress, verified=tuple(passed), failed=failed)
    return replace(fork, chapters=chapters, sandbox=sandbox)
