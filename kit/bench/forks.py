"""How fast a cohort is read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from kit.course import Course
from kit.demo_cohort import attempt, pair
from kit.history import Commit, write_history

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def steps(course: Course, number: int, commits: int) -> Iterator[Commit]:
    """The work of one student: some exercises in each commit, up to a place of their own in the course."""
    random = Random(number)
    exercises = [(chapter, exercise) for chapter in course.chapters for exercise in chapter.exercises]
    goal = random.randint(commits, len(exercises))
    bounds = sorted(random.sample(range(1, goal), commits - 1)) + [goal]
    answers: dict[str, str] = {}
    start = 0
    for step, end in enumerate(bounds):
        files: dict[str, bytes] = {}
        touched = {}
        for chapter, exercise in exercises[start:end]:
            answers[exercise.id] = attempt(exercise, random)
            touched[chapter.id] = chapter
        for chapter in touched.values():
            files |= pair(chapter, answers, tuple(answers))
        start = end
        yield Commit(
            START + timedelta(days=2 * step, minutes=random.randint(0, 600)), f"step {step}", files, f"student-{number}"
        )


def build(course: Course, folder: Path, first: int, last: int, commits: int) -> None:
    """Forks `first` to `last - 1` with `commits` commits each."""
    for number in range(first, last):
        write_history(
            folder / f"student-{number:04d}.git", steps(course, number, commits - 1), base=folder.parent / "base.git"
        )


def build_forks(course: Course, folder: Path, forks: int = 1000, commits: int = 10) -> None:
    """A cohort below `folder / "forks"`: that many forks with that many commits each, the course's own first one included."""
    files: dict[str, bytes] = {}
    for chapter in course.chapters:
        files |= pair(chapter, {}, ())
    files["chapters.toml"] = (course.root / "chapters.toml").read_bytes()
    write_history(folder / "base.git", [Commit(START - timedelta(days=3), "The workshop", files, "course")])
    (folder / "forks").mkdir()
    with ProcessPoolExecutor(2) as pool:
        list(
            pool.map(
                build, *zip(*[(course, folder / "forks", n, min(n + 25, forks), commits) for n in range(0, forks, 25)])
            )
        )
