"""One batch of strangers' cells, judged: the function that a worker runs, be it a process here or on a cluster.

Batch --> hear --> [Ruling, ...], in order

A worker keeps its two warm trees from one batch to the next: the finished cells' and the sandbox with the others.
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
from kit.judge.jobs import LIMIT
from kit.judge.judge import Judge
from kit.judge.records import Verdict
from kit.judge.runners import new_runner
from kit.text import label
from kit.verify.client import UNJUDGED, SandboxRunner, SplitRunner, course_cells
from kit.verify.results import Result, version_of
from kit.verify.sandbox import Sandbox, choose

LONGEST = 100_000  # characters of a cell
WHY = 300  # characters of a reason
TOO_LONG = Result(False, f"the cell has more than {LONGEST:,} characters")


@dataclass(frozen=True, slots=True)
class VerifySetting:
    """How cells are judged: the course and its version, the sandbox's name, the redraws, the limit in seconds.

    So many cells are run `at_once` by one worker.
    """

    root: Path
    version: str
    sandbox: str
    unsafe: bool
    salts: tuple[int, ...]
    limit: float
    at_once: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Cells of exercises, by the exercises' ids, and how to judge them."""

    setting: VerifySetting
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CellJudge:
    """A course and the judge of strangers' cells in it."""

    course: Course
    judge: Judge

    def rule(self, cells: Sequence[tuple[str, str]]) -> list[Result]:
        """What is found of these cells; one that cannot be compared costs the others nothing.

        Raises:
            KitError: the judge cannot run here, or a finished chapter fails.
        """
        short = [(*self.course.exercise(id), source) for id, source in cells if len(source) <= LONGEST]
        try:
            verdicts = self.judge.judge_all(short, at_once=False)
        except KitError:
            raise
        except Exception:  # one of them has given what nobody foresaw
            verdicts = [self.alone(*task) for task in short]
        found = iter(verdicts)
        return [result_of(next(found)) if len(source) <= LONGEST else TOO_LONG for _, source in cells]

    def alone(self, chapter: Chapter, exercise: Exercise, source: str) -> Verdict:
        """The verdict on one cell, whatever it gives."""
        try:
            return self.judge.judge(chapter, exercise, source)
        except KitError:
            raise
        except Exception as error:
            return Verdict(exercise.id, "error", f"what it gives cannot be compared: {type(error).__name__}")

    def close(self) -> None:
        """End every process that was started."""
        self.judge.runner.close()


def result_of(verdict: Verdict) -> Result:
    """A verdict as a ruling: what did not pass has failed, and says why."""
    if verdict.outcome == "passed":
        return Result(True)
    unjudged = verdict.message.startswith(f"{UNJUDGED}: ")
    said = verdict.message.replace(f"{UNJUDGED}: ", "not judged: ", 1) if unjudged else verdict.message
    return Result(False, label(said, WHY) or verdict.outcome, lasting=not unjudged)


def new_cell_judge(
    course: Course, sandbox: Sandbox, salts: Sequence[int], limit: float = LIMIT, at_once: int = 0
) -> CellJudge:
    """A court, to be closed by whoever asked for it. So many cells run `at_once`; 0 is as many as there are cores."""
    caged = SandboxRunner(course, sandbox, at_once)
    caged.warm_up()  # the two start side by side
    return CellJudge(
        course, Judge(SplitRunner(new_runner(course.root), caged, course_cells(course)), salts, limit, parses=False)
    )


LOCK = Lock()
JUDGES: dict[VerifySetting, CellJudge] = {}


def cell_judge_for(setting: VerifySetting) -> CellJudge:
    """This process's court for a setting; one is kept.

    Raises:
        KitError: the course here is another one, or there is no such sandbox here.
    """
    if setting not in JUDGES:
        while JUDGES:
            JUDGES.popitem()[1].close()
        course = Course(setting.root)
        if version_of(course).digest != setting.version:
            raise KitError("this worker has another version of the course", str(setting.root), "update it there")
        JUDGES[setting] = new_cell_judge(course, choose_named(setting), setting.salts, setting.limit, setting.at_once)
        Finalize(None, JUDGES[setting].close, exitpriority=10)
    return JUDGES[setting]


def choose_named(setting: VerifySetting) -> Sandbox:
    """The sandbox of a setting.

    Raises:
        KitError: this machine has not got it.
    """
    found = choose(setting.unsafe)
    if found.name != setting.sandbox:
        raise KitError(f"this worker's sandbox is {found.name}, not {setting.sandbox}")
    return found


def judge_batch(batch: Batch) -> list[Result]:
    """The rulings on the cells of a batch, in order.

    Raises:
        KitError: the judge cannot run here, or a finished chapter fails.
    """
    with LOCK:
        return cell_judge_for(batch.setting).rule(batch.cells)
