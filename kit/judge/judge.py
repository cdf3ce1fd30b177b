"""The judge: one answer to "is this right?", wherever it is asked.

    exercise + learner's cell --> jobs --> runner --> observations --> fault, or none --> Verdict

The learner's cell and the finished cell run on equal states. The names that the finished cell assigns are compared,
then the exercise's probes, then what the given cells after it make of them. What passes on this page's inputs must
pass again on others, which are drawn anew from verdict to verdict; what fails is explained (kit.judge.diagnosis).
Nothing here runs a learner's code: the runner does.
"""

from __future__ import annotations

import importlib
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kit.course.chapter import Chapter, Exercise
from kit.errors import KitError
from kit.judge import diagnosis
from kit.judge.diagnosis import Cell, FaultAt, judge_blanks, judge_text, mistaken
from kit.judge.fault import explain, filled, find_fault, matches, steady
from kit.judge.records import GIVEN_LIMIT, LIMIT, Job, Verdict, around, job_after, job_of
from kit.judge.trials.runners import Runner
from kit.judge.values import HIDDEN, Error, Observation
from kit.text import visible

PAGE = 0  # the salt of the inputs on the page
SEEDS = range(1, 1 << 31)
AHEAD = 3  # exercises to prepare verdicts for
PAUSE = 3.0  # seconds without a verdict; by then the next inputs are prepared, since a chapter runs in less than one

Seen = dict[Job, Observation]


@dataclass(frozen=True, slots=True)
class GivenJobs:
    """Running the given cells after ours, after ours with other random numbers, and after the learner's."""

    ours: Job
    redrawn: Job
    theirs: Job


@dataclass
class Judge:
    """Judges cells of a course's chapters. It remembers what the finished cells and the listed mistakes give.

    `salts` are the sets of inputs that a cell must be right for. Without them, these are the page's and others that are
    drawn anew from one verdict to the next, unless it follows within `PAUSE` seconds.

    With `parses` it parses the cells, to find a fault's line. Strangers' cells mustn't be parsed in a process that we
    trust, so there `parses` is off.
    """

    runner: Runner
    salts: tuple[int, ...] = ()
    limit: float = LIMIT
    known: dict[Job, Observation] = field(default_factory=dict)
    parses: bool = True
    upcoming: int = 0  # the seed of the inputs that are being prepared
    prepared: set[str] = field(default_factory=set)  # the chapters in which they are
    last: float = 0.0  # when the last verdict was given

    def __post_init__(self) -> None:
        """Draw the first seed, if the salts aren't fixed."""
        self.draws = not self.salts
        if self.draws:
            self.salts = (PAGE, secrets.choice(SEEDS))

    def job(self, chapter: Chapter, exercise: Exercise, salt: int, code: str) -> Job:
        """The job of running `code` in place of an exercise's cell."""
        return job_of(chapter, exercise, salt, code, self.limit)

    def observe(self, jobs: Iterable[Job], keep: bool = False) -> dict[Job, Observation]:
        """The observations of these jobs. With `keep`, they're remembered, and the jobs never run again."""
        wanted = list(dict.fromkeys(jobs))
        missing = [job for job in wanted if job not in self.known]
        fresh = dict(zip(missing, self.runner.observe(missing), strict=True)) if missing else {}
        if keep:
            self.known |= fresh
        return {job: fresh.get(job) or self.known[job] for job in wanted}

    def judge(self, chapter: Chapter, exercise: Exercise, source: str) -> Verdict:
        """The verdict on one cell."""
        return self.judge_all([(chapter, exercise, source)])[0]

    def judge_all(self, cells: Sequence[Cell], at_once: bool = True) -> list[Verdict]:
        """The verdicts on many cells, each judged alone, in order.

        `at_once` runs all redraws together, which is faster for cells that pass. Without it, a cell that has failed
        isn't run on the next redraw.

        Raises:
            KitError: the judge itself can't run, or a finished chapter fails.
        """
        self.draw()
        read = judge_text if self.parses else judge_blanks
        verdicts = [read(exercise, source) for _, exercise, source in cells]
        waiting = [place for place, verdict in enumerate(verdicts) if verdict is None]
        found = self.faults_on_drawn_inputs([cells[place] for place in waiting], at_once)
        for place, fault in zip(waiting, found, strict=True):
            if fault is not None:
                verdicts[place] = diagnosis.verdict_on(self, cells[place], fault)
        self.prepare(cells)
        return [
            replace(verdict, message=visible(verdict.message), seed=self.salts[-1])
            if verdict
            else Verdict(exercise.id, "passed", seed=self.salts[-1])
            for verdict, (_, exercise, _) in zip(verdicts, cells, strict=True)
        ]

    def faults_on_drawn_inputs(self, cells: Sequence[Cell], at_once: bool) -> list[FaultAt | None]:
        """The first faults. If a finished chapter fails on inputs that were drawn, on others: no learner can help that.

        Raises:
            KitError: it fails on those, too.
        """
        try:
            return self.first_faults(cells, at_once)
        except KitError:
            if not self.draws:
                raise
        self.salts, self.upcoming = (PAGE, secrets.choice(SEEDS)), 0
        return self.first_faults(cells, at_once)

    def warm(self, chapter: Chapter, exercise: Exercise) -> None:
        """Run the chapter up to an exercise, so that the first verdict there is as quick as the rest."""
        self.observe(self.job(chapter, exercise, salt, exercise.code) for salt in self.salts)

    def look_ahead(self, chapter: Chapter, exercise: Exercise) -> Iterator[None]:
        """Run this and the next exercises' answers and common mistakes, step by step, while nothing else is going on.

        After that, a wrong answer is diagnosed as fast as a right one passes.
        """
        place = chapter.exercises.index(exercise)
        for near in chapter.exercises[place : place + AHEAD]:
            for code in (near.code, *mistaken(near)):
                for salt in self.salts if code == near.code else self.salts[:1]:
                    job = self.job(chapter, near, salt, code)
                    if job not in self.known:
                        self.observe([job], keep=True)
                        yield

    def close(self) -> None:
        """End the runner's processes."""
        self.runner.close()

    def passing(self, cells: Sequence[Cell]) -> list[bool]:
        """Whether each cell passes, without a word why."""
        return [fault is None for fault in self.first_faults(cells, at_once=False)]

    def first_faults(self, cells: Sequence[Cell], at_once: bool) -> list[FaultAt | None]:
        """For each cell, the first fault and what was seen; None for one that's right."""
        importlib.import_module("kit.judge.compare")  # and numpy, while the runner's process imports torch
        faults: list[FaultAt | None] = [None] * len(cells)
        seen: Seen = {}
        for salts in [self.salts] if at_once else [[salt] for salt in self.salts]:
            waiting = [place for place, fault in enumerate(faults) if fault is None]
            seen |= self.run([cells[place] for place in waiting], salts, with_given=at_once)
            for place in waiting:
                faults[place] = self.fault_of(cells[place], salts, seen)
        right = [place for place, fault in enumerate(faults) if fault is None]
        for place, fault in zip(right, self.given_faults([cells[place] for place in right], seen), strict=True):
            faults[place] = fault
        return faults

    def run(self, cells: Sequence[Cell], salts: Sequence[int], with_given: bool) -> Seen:
        """What these cells give on these inputs; `with_given`, also what the given cells after them make of it."""
        pairs = [(*cell, salt) for cell in cells for salt in salts]
        ours = [self.job(c, e, salt, e.code) for c, e, _, salt in pairs]
        theirs = [self.job(c, e, salt, source) for c, e, source, salt in pairs]
        listed = [job for job, (_, e, source, _) in zip(theirs, pairs, strict=True) if source in mistaken(e)]
        for given in filter(None, map(self.given_jobs, cells)) if with_given else ():
            ours.append(given.ours)
            theirs.append(given.theirs)
        seen = self.observe([*ours, *theirs])
        self.known |= {job: seen[job] for job in (*ours, *listed)}
        return seen

    def fault_of(self, cell: Cell, salts: Sequence[int], seen: Seen) -> FaultAt | None:
        """The first fault of a cell in these observations; None if it's right on these inputs."""
        chapter, exercise, source = cell
        for salt in salts:
            expected = self.known[self.job(chapter, exercise, salt, exercise.code)]
            learner = seen[self.job(chapter, exercise, salt, source)]
            if expected.error:
                raise broken(chapter, exercise, expected.error)
            fault = find_fault(expected, learner, exercise.captions)
            if fault is not None:
                return None if self.passes_renamed(cell, salts, seen) else FaultAt(fault, salt, expected, learner)
        return None

    def passes_renamed(self, cell: Cell, salts: Sequence[int], seen: Seen) -> bool:
        """Whether a cell is right once its modules' parameters are matched with ours, whatever they are called."""
        chapter, exercise, source = cell
        ours = [self.known[self.job(chapter, exercise, salt, exercise.code)] for salt in salts]
        first = seen[self.job(chapter, exercise, salts[0], source)]
        for renames in matches(filled(ours[0]), filled(first)):
            jobs = [replace(self.job(chapter, exercise, salt, source), renames=renames) for salt in salts]
            theirs = self.observe(jobs)
            if not any(find_fault(want, theirs[job]) for want, job in zip(ours, jobs, strict=True)):
                return True
        return False

    def given_jobs(self, cell: Cell) -> GivenJobs | None:
        """The jobs of running the given cells after an exercise, up to the next one; None if none uses its names."""
        chapter, exercise, source = cell
        given = around(chapter).after.get(exercise.id, ())
        if not given:
            return None
        ours, theirs = (job_after(self.job(chapter, exercise, PAGE, code), given) for code in (exercise.code, source))
        return GivenJobs(ours, replace(ours, draw=1), replace(theirs, limit=GIVEN_LIMIT * self.limit))

    def given_faults(self, cells: Sequence[Cell], seen: Seen) -> list[FaultAt | None]:
        """What goes wrong in the given cells after cells that are right by themselves."""
        jobs = [self.given_jobs(cell) for cell in cells]
        ours = self.observe((given.ours for given in jobs if given), keep=True)
        theirs = seen | self.observe(given.theirs for given in jobs if given and given.theirs not in seen)
        judged = [
            given for given in jobs if given and not ours[given.ours].error and theirs[given.theirs].error != HIDDEN
        ]
        apart = [given for given in judged if find_fault(ours[given.ours], theirs[given.theirs], loosely=True)]
        redrawn = self.observe((given.redrawn for given in apart), keep=True)
        faults: list[FaultAt | None] = []
        for given in jobs:
            fault = None
            if given in apart:
                expected = steady(ours[given.ours], redrawn[given.redrawn])
                fault = find_fault(expected, theirs[given.theirs], loosely=True)
            faults.append(FaultAt(fault, PAGE, expected, theirs[given.theirs], True) if given and fault else None)
        return faults

    def draw(self) -> None:
        """Change to the inputs that have been prepared, if there has been time for it."""
        if self.draws and self.upcoming and time.monotonic() - self.last > PAUSE:
            old, self.salts, self.upcoming = self.salts[-1], (PAGE, self.upcoming), 0
            self.known = {job: seen for job, seen in self.known.items() if job.salt != old}

    def prepare(self, cells: Sequence[Cell]) -> None:
        """Have the runner prepare other inputs for the next verdict on the same chapter, while the learner works."""
        chapters = {chapter.id for chapter, _, _ in cells}
        self.last = time.monotonic()
        if not self.draws or len(chapters) != 1:
            return
        if not self.upcoming:
            self.upcoming, self.prepared = secrets.choice(SEEDS), set()
        if not chapters <= self.prepared:
            self.prepared |= chapters
            self.runner.prepare(chapters.pop(), self.upcoming)


def broken(chapter: Chapter, exercise: Exercise, error: Error) -> KitError:
    """The error when a finished cell raises: always its author's mistake, never the learner's."""
    where = f"{chapter.path}:{exercise.line + max(error.line, 1) - 1}"
    return KitError(f"the finished chapter fails here: {explain(error)}", where)
