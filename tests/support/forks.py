"""Students' forks of the fake course, for tests: bare repositories with whatever commits a test asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kit.course.cells import to_percent
from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import learner_cells
from kit.forks.cohort import read_cohort
from kit.forks.records import Fork
from kit.git.fast_import import Commit, write_history
from kit.pairs.progress import ChapterProgress
from kit.sources.words import find_forks

DAY = datetime(2026, 3, 2, 18, tzinfo=UTC)
Files = dict[str, bytes | None]


def answers(chapter: Chapter, *ids: str) -> dict[str, str]:
    """Answers to these exercises, each with something of the student's own."""
    return {item_id: f"# mine\n{chapter.exercise(item_id).code}" for item_id in ids}


def script(chapter: Chapter, done: Mapping[str, str] | None = None, ticked: Iterable[str] = ()) -> bytes:
    """A chapter's `.py` with these answers and ticks."""
    return to_percent(learner_cells(chapter, done, tuple(ticked))).encode()


def notebook(chapter: Chapter, done: Mapping[str, str] | None = None, ticked: Iterable[str] = ()) -> bytes:
    """A chapter's notebook with these answers and ticks."""
    return to_notebook(learner_cells(chapter, done, tuple(ticked)), chapter.id).encode()


def path_of(chapter: Chapter, suffix: str, language: str = "en") -> str:
    """Where a chapter's file is in a fork."""
    return f"workshop/{language}/{chapter.entry.stem}{suffix}"


def pair(
    chapter: Chapter, done: Mapping[str, str] | None = None, ticked: Iterable[str] = (), language: str = "en"
) -> Files:
    """Both files of a chapter, by path."""
    ticked = tuple(ticked)
    return {
        path_of(chapter, ".py", language): script(chapter, done, ticked),
        path_of(chapter, ".ipynb", language): notebook(chapter, done, ticked),
    }


def start(course: Course) -> Files:
    """Every chapter as its todo."""
    return {path: data for chapter in course.chapters for path, data in pair(chapter).items()}


def commits(course: Course, *changes: Files, modes: Mapping[str, str] | None = None) -> list[Commit]:
    """The todo, then one commit for each change, a day apart."""
    steps = [start(course), *changes]
    return [
        Commit(DAY + timedelta(days=n), f"step {n}", files, "student-01", modes=modes or {} if n else {})
        for n, files in enumerate(steps)
    ]


def make_fork(folder: Path, course: Course, *changes: Files, modes: Mapping[str, str] | None = None) -> Path:
    """A bare repository with the todo, then these changes."""
    return write_history(folder, commits(course, *changes, modes=modes))


def read_one(course: Course, path: Path, branch: str = "") -> Fork:
    """The record of one fork."""
    from dataclasses import replace

    (origin,) = find_forks([str(path)])
    (fork,) = read_cohort(course, [replace(origin, branch=branch)]).forks
    return fork


def words(progress: ChapterProgress) -> list[str]:
    """A chapter's flags, as in a report."""
    return [str(flag) for flag in progress.flags]
