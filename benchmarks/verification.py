"""How fast a cohort is verified: forks with every chapter filled, and `scripts/progress.py --verify` on them, twice."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from benchmarks import Row
from benchmarks.cohorts import START, build_in_batches
from kit.cache import FILE
from kit.course.course import Course
from kit.course.outline import outlines_of
from kit.files import WORKSHOP_FOLDER
from kit.git.fast_import import Commit, write_history
from kit.instructor.demo_students import attempt, pair

FORKS = 200
NOTED = 0.05  # the share of cells to which a student added a line, half of the time a comment
NOTES = ("# my {}. thought\n", "mine = {}\n")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its seconds, the exercises filled and passed, and the cells judged in it."""

    seconds: float
    filled: int
    passed: int
    judged: int


def make_forks(course: Course, folder: Path, numbers: range) -> None:
    """Make the forks with these numbers: answers, alternatives and mistakes, some with a note, in every chapter."""
    for number in numbers:
        random = Random(number)
        files: dict[str, bytes | None] = {}
        for chapter in course.chapters:
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


def verify(forks: Path, course: Course) -> Run:
    """Run `scripts/progress.py --verify` on a folder of forks.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    outlines_of(course)  # makes an entry that isn't verification's, before we count
    before, start = entries(course), time.perf_counter()
    arguments = [str(course.root / "scripts" / "progress.py"), str(forks), "--verify", "--format", "json"]
    environment = os.environ | {"PYTHONPATH": str(course.root)}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=course.root, env=environment
    )
    seconds = time.perf_counter() - start
    chapters = [chapter for fork in json.loads(done.stdout)["forks"] for chapter in fork["chapters"].values()]
    filled, passed = (sum(chapter[name] for chapter in chapters) for name in ("filled", "verified"))
    return Run(seconds, filled, passed, entries(course) - before)


def measure(forks: int = FORKS, course: Course | None = None) -> list[Row]:
    """The rows about verification, starting without a cache."""
    course = course or Course()
    with tempfile.TemporaryDirectory() as folder, without_cache(course):
        cohort = make_cohort(course, Path(folder), forks)
        cold, again = verify(cohort, course), verify(cohort, course)
    what = f"{forks} forks, {len(course.chapters)} chapters, {cold.filled:,} filled exercises"
    rate, share = forks / cold.seconds * 60, 1 - cold.judged / max(1, cold.filled)
    how = (
        f"cold, {os.cpu_count()} cores: {cold.seconds:.0f} s for {cold.judged:,} distinct cells; {cold.passed:,} passed"
    )
    return [
        Row(f"{what}: verified", f"{rate:.0f} forks a minute", "", None, how),
        Row("answered without running", f"{share:.1%}", "", None, f"{NOTED / 2:.1%} of cells have an extra statement"),
        Row("the same, again", f"{again.seconds:.1f} s", "0 cells judged", again.judged == 0, f"{again.judged} judged"),
    ]
