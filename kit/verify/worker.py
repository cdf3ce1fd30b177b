"""Judges one batch of strangers' cells: the function that a worker runs, whether it's a process here or on a cluster.

    Batch --> judge_batch --> [Result, ...], in order

From one batch to the next, a worker keeps its sandbox, with a warm tree of processes in it. It runs one cell at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from threading import Lock

from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.errors import KitError
from kit.forks.records import NOT_JUDGED
from kit.judge.judge import Judge
from kit.judge.records import LIMIT, Verdict
from kit.text import label
from kit.verify.client import SandboxRunner
from kit.verify.listed import listed_results
from kit.verify.results import MAX_REASON, Result, version_of
from kit.verify.sandbox import Sandbox, choose_sandbox

MAX_CELL = 100_000  # characters
FORGED = "what it gives is no value that Python makes, so it can't be compared; look for code that writes to open files"
TOO_LONG = Result(False, f"the cell has more than {MAX_CELL:,} characters")


@dataclass(frozen=True, slots=True)
class VerifySetting:
    """How cells are judged: the course and its version, the sandbox's name, the redraws, the limit in seconds."""

    root: Path
    version: str
    sandbox: str
    unsafe: bool
    salts: tuple[int, ...]
    limit: float


@dataclass(frozen=True, slots=True)
class Batch:
    """Cells to judge, as pairs of an exercise's id and a source, and how to judge them."""

    setting: VerifySetting
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CellJudge:
    """A course, and the judge of strangers' cells in it."""

    course: Course
    judge: Judge
    sandboxed: SandboxRunner

    def judge_cells(self, cells: Sequence[tuple[str, str]]) -> list[Result]:
        """The results for these cells, in order. One that can't be compared costs the others nothing.

        Raises:
            KitError: the judge can't run here, or a finished chapter fails.
        """
        short = [(*self.course.exercise(exercise_id), source) for exercise_id, source in cells if is_short(source)]
        try:
            verdicts = self.judge.judge_all(short, at_once=False)
        except KitError:
            raise
        except Exception:  # a cell gave something that nobody foresaw
            verdicts = [self.judge_alone(*cell) for cell in short]
        faults = [self.sandboxed.take_fault(exercise.id, source) for _, exercise, source in short]
        found = map(result_of, verdicts, faults)
        return [next(found) if is_short(source) else TOO_LONG for _, source in cells]

    def judge_alone(self, chapter: Chapter, exercise: Exercise, source: str) -> Verdict:
        """The verdict on one cell, whatever it does."""
        try:
            return self.judge.judge(chapter, exercise, source)
        except KitError:
            raise
        except Exception as error:
            return Verdict(exercise.id, "error", f"{FORGED} ({type(error).__name__})")

    def close(self) -> None:
        """End every process that was started."""
        self.judge.runner.close()


def is_short(source: str) -> bool:
    """Whether a cell is short enough to be judged."""
    return len(source) <= MAX_CELL


def result_of(verdict: Verdict, fault: str = "") -> Result:
    """A verdict as a result. What didn't pass has failed, and says why. A `fault` is ours, and isn't remembered."""
    if verdict.outcome == "passed":
        return Result(True)
    if fault:
        return Result(False, label(f"{NOT_JUDGED}: {fault}", MAX_REASON), lasting=False)
    return Result(False, label(verdict.message, MAX_REASON) or verdict.outcome)


def new_cell_judge(
    course: Course, sandbox: Sandbox, salts: Sequence[int], limit: float = LIMIT, at_once: int = 0
) -> CellJudge:
    """A judge of strangers' cells, for the caller to close. `at_once` cells run at a time; 0 means one per core."""
    sandboxed = SandboxRunner(course, sandbox, listed_results(course), at_once)
    sandboxed.warm_up()
    return CellJudge(course, Judge(sandboxed, tuple(salts), limit, parses=False), sandboxed)


LOCK = Lock()
JUDGES: dict[VerifySetting, CellJudge] = {}  # the last one, at most


def cell_judge_for(setting: VerifySetting) -> CellJudge:
    """This process's judge for a setting. Only the last one is kept.

    Raises:
        KitError: the course here is another version, or this machine has another sandbox.
    """
    if setting not in JUDGES:
        while JUDGES:
            JUDGES.popitem()[1].close()
        course = Course(setting.root)
        if version_of(course).digest != setting.version:
            raise KitError("this worker has another version of the course", str(setting.root), "update it there")
        sandbox = choose_sandbox(setting.unsafe)
        if sandbox.name != setting.sandbox:
            raise KitError(f"this worker's sandbox is {sandbox.name}, not {setting.sandbox}")
        JUDGES[setting] = new_cell_judge(course, sandbox, setting.salts, setting.limit, at_once=1)
        Finalize(None, JUDGES[setting].close, exitpriority=10)
    return JUDGES[setting]


def judge_batch(batch: Batch) -> list[Result]:
    """The results for the cells of a batch, in order.

    Raises:
        KitError: the judge can't run here, or a finished chapter fails.
    """
    with LOCK:
        return cell_judge_for(batch.setting).judge_cells(batch.cells)
