"""How fast a cohort is verified: forks with chapters 00 to 12 filled, and `progress.py --verify` on them, twice.

The mix: nine in ten filled cells are right (the course's own answer; for half of those that have one, a listed
alternative), one in ten is a listed mistake. One in twenty has a line added by the student: half of those lines are
comments, and half are a statement that makes the cell unlike all others, so that it has to be run.
"""

from __future__ import annotations

import ctypes
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from threading import Event, Thread

from benchmarks import Row
from benchmarks.cohorts import START, build_in_batches
from benchmarks.forks import part_of
from kit.cache import FILE
from kit.course.course import Course
from kit.course.outline import outlines_of
from kit.files import WORKSHOP_FOLDER
from kit.git.fast_import import Commit, write_history
from kit.instructor.demo_students import attempt, pair
from kit.learner.service import memory

FORKS, SECONDS = 200, 90.0
CLASS, CLASS_SECONDS = 30, 20.0
NOTED = 0.05  # the share of cells to which a student added a line, half of the time a comment
PAUSE = 1.0  # seconds between two looks at memory
SET_CHILD_SUBREAPER = 36  # prctl's
NOTES = ("# my {}. thought\n", "mine = {}\n")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its seconds, the exercises filled and passed, the cells judged in it, its memory at its peak in MB."""

    seconds: float
    filled: int
    passed: int
    judged: int
    megabytes: float = 0.0


def make_forks(course: Course, folder: Path, numbers: range) -> None:
    """Make the forks with these numbers: answers, alternatives and mistakes, some with a note, in all but the bonus."""
    for number in numbers:
        random = Random(number)
        files: dict[str, bytes | None] = {}
        for chapter in (chapter for chapter in course.chapters if not chapter.entry.bonus):
            answers = {}
            for exercise in chapter.exercises:
                note = random.choice(NOTES).format(random.randint(1, 999)) if random.random() < NOTED else ""
                answers[exercise.id] = note + attempt(exercise, random)
            files |= pair(chapter, answers, answers)
        name = f"student-{number:04d}"
        write_history(folder / "forks" / f"{name}.git", [Commit(START, "all", files, name)])


def make_cohort(course: Course, folder: Path, forks: int) -> Path:
    """Make this many forks, on all cores. Returns their folder."""
    (folder / "forks").mkdir()
    build_in_batches(partial(make_forks, course, folder), forks, batch=10)
    return folder / "forks"


def entries(course: Course) -> int:
    """How many entries the course's cache has."""
    with closing(sqlite3.connect(course.root / WORKSHOP_FOLDER / FILE)) as database:
        return int(database.execute("SELECT count(*) FROM entries").fetchone()[0])


@contextmanager
def without_cache(course: Course) -> Iterator[None]:
    """Move the course's cache out of the way, and put it back at the end."""
    files = [course.root / WORKSHOP_FOLDER / f"{FILE}{end}" for end in ("", "-wal", "-shm")]
    kept = {file: file.read_bytes() for file in files if file.exists()}
    for file in files:
        file.unlink(missing_ok=True)
    try:
        yield
    finally:
        for file in files:
            file.unlink(missing_ok=True)
        for file, data in kept.items():
            file.write_bytes(data)


def verify(forks: Path, course: Course, watched: bool = False) -> Run:
    """Run `scripts/progress.py --verify` on a folder of forks. Its memory is `watched` if you ask, which slows it down.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    outlines_of(course)  # makes an entry that isn't verification's, before we count
    before, start = entries(course), time.perf_counter()
    arguments = [str(course.root / "scripts" / "progress.py"), str(forks), "--verify", "--format", "json"]
    environment = os.environ | {"PYTHONPATH": str(course.root)}
    with memory_watched() if watched else nullcontext([0]) as peak:
        done = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=course.root, env=environment
        )
        seconds = time.perf_counter() - start
    chapters = [chapter for fork in json.loads(done.stdout)["forks"] for chapter in fork["chapters"].values()]
    filled, passed = (sum(chapter[name] for chapter in chapters) for name in ("filled", "verified"))
    return Run(seconds, filled, passed, entries(course) - before, max(peak) / 2**20)


@contextmanager
def memory_watched() -> Iterator[list[int]]:
    """Readings, every `PAUSE` seconds, of the bytes that this process's descendants have, as far as we may see them."""
    if sys.platform == "linux":  # whose parents have ended become ours, so that none gets lost
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    over, found, own = Event(), [0], memory(os.getpid())

    def watch() -> None:
        while not over.wait(PAUSE):
            found.append(memory(os.getpid()) - own)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def timed(forks: int, run: Run, bar: float) -> Row:
    """The row about a cold run."""
    how = f"cold, {os.cpu_count()} cores; {run.filled:,} filled, {run.judged:,} cells run, {run.passed:,} passed"
    return Row(f"{forks} forks verified", f"{run.seconds:.1f} s", f"< {bar:g} s", run.seconds < bar, how)


def measure(forks: int = FORKS, course: Course | None = None) -> list[Row]:
    """The rows about verification: a class and a course, each starting without a cache."""
    course = course or Course()
    with tempfile.TemporaryDirectory() as folder:
        cohort = make_cohort(course, Path(folder), forks)
        few = part_of(cohort, min(CLASS, forks))
        with without_cache(course):
            small = verify(few, course)
        with without_cache(course):
            megabytes = verify(few, course, watched=True).megabytes
        with without_cache(course):
            cold, again = verify(cohort, course), verify(cohort, course)
    share = 1 - cold.judged / max(1, cold.filled)
    return [
        timed(min(CLASS, forks), small, CLASS_SECONDS),
        timed(forks, cold, SECONDS),
        Row(
            f"memory for {min(CLASS, forks)} forks",
            f"{megabytes:.0f} MB",
            "",
            None,
            "peak of all processes, shared pages once; in a run of its own, since looking costs a quarter of the time",
        ),
        Row("answered without running", f"{share:.1%}", "", None, f"{NOTED / 2:.1%} of cells have an extra statement"),
        Row("the same, again", f"{again.seconds:.1f} s", "0 cells judged", again.judged == 0, f"{again.judged} judged"),
    ]
