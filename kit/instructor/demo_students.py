"""Twelve scripted students, each a real git repository with three weeks of commits, the same on every run.

    Course -> a story for each student -> commits -> demo/cohort/student-01.git, ... and demo/roster.csv

Their answers come from the chapters: our answers, alternatives, common mistakes.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from kit.course.cells import to_percent
from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import learner_cells
from kit.files import write
from kit.git.fast_import import Commit, write_history

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
CONFLICT = "<<<<<<< HEAD\n{ours}\n=======\n{theirs}\n>>>>>>> upstream/main\n"


def attempt(exercise: Exercise, random: Random, wrong: float = 0.1) -> str:
    """What a student writes for an exercise: our answer, an alternative, or, with probability `wrong`, a mistake."""
    if random.random() < wrong:
        mistake = random.choice(exercise.mistakes)
        return exercise.with_answer(mistake.blank, mistake.expression)
    if exercise.alternatives and random.random() < 0.5:
        alternative = random.choice(exercise.alternatives)
        return exercise.with_answer(alternative.blank, alternative.expression)
    return exercise.code


def pair(chapter: Chapter, answers: dict[str, str], ticked: Iterable[str], language: str = "en") -> dict[str, bytes]:
    """Both files of a chapter with these answers and ticks, by path."""
    cells = learner_cells(chapter, answers, tuple(ticked))
    stem = f"workshop/{language}/{chapter.entry.stem}"
    return {f"{stem}.py": to_percent(cells).encode(), f"{stem}.ipynb": to_notebook(cells, chapter.id).encode()}


class Student:
    """A student who works through the course and commits. `order` is the order in which they take the chapters."""

    def __init__(self, course: Course, name: str, order: Sequence[Chapter] = ()) -> None:
        self.name = name
        self.random = Random(name)
        self.order = tuple(order) or course.chapters
        self.answers: dict[str, str] = {}
        self.ticked: set[str] = set()
        self.suffixes: tuple[str, ...] = (".py", ".ipynb")
        self.branch = "main"
        files = {path: data for chapter in course.chapters for path, data in pair(chapter, {}, ()).items()}
        files["chapters.toml"] = (course.root / "chapters.toml").read_bytes()
        self.commits = [Commit(MONDAY - timedelta(days=3, hours=-9), "The workshop", files, "course")]

    def unanswered(self) -> list[tuple[Chapter, Exercise]]:
        """The exercises that are still blank, in this student's order."""
        exercises = [(chapter, exercise) for chapter in self.order for exercise in chapter.exercises]
        return [(chapter, exercise) for chapter, exercise in exercises if exercise.id not in self.answers]

    def work(self, day: float, share: float, *, fills: bool = True, ticks: bool = True, wrong: float = 0.1) -> None:
        """An evening: take the next exercises (a share of the course), answer and tick them, commit."""
        todo = self.unanswered() if fills else [pair for pair in self.unanswered() if pair[1].id not in self.ticked]
        total = sum(len(chapter.exercises) for chapter in self.order)
        taken = todo[: max(1, round(share * total))]
        for chapter, exercise in taken:
            if fills:
                note = "# a note of my own\n" if exercise == chapter.exercises[0] else ""
                self.answers[exercise.id] = note + attempt(exercise, self.random, wrong)
            if ticks:
                self.ticked.add(exercise.id)
        if taken:
            first, last = taken[0][1].id, taken[-1][1].id
            which = f"{first}" if first == last else f"{first} to {last}"
            chapters = {chapter.id: chapter for chapter, _ in taken}
            self.commit(day, chapters.values(), f"{taken[0][0].entry.title}: {which}")

    def current(self) -> tuple[Chapter, Exercise]:
        """The exercise that this student has got to: the first blank one, or the very last."""
        return (self.unanswered() or [(self.order[-1], self.order[-1].exercises[-1])])[0]

    def commit(self, day: float, chapters: Iterable[Chapter], message: str) -> None:
        """Commit these chapters some time in the evening; days are counted from the first Monday."""
        files: dict[str, bytes | None] = {}
        for chapter in chapters:
            written = pair(chapter, self.answers, self.ticked).items()
            files |= {path: data for path, data in written if path.endswith(self.suffixes)}
        when = MONDAY + timedelta(days=day, hours=18, minutes=self.random.randint(0, 240))
        self.commits.append(Commit(when, message, files, self.name, self.branch))


def eager(student: Student) -> None:
    """Three evenings a week, nearly finished."""
    for day in (0, 1, 3, 5, 7, 9, 10, 12):
        student.work(day, 0.125, wrong=0.0)


def average(student: Student) -> None:
    """Twice a week, halfway through."""
    for day in (1, 4, 8, 11, 15, 18):
        student.work(day, 0.09)


def stuck(student: Student) -> None:
    """A good start, then one exercise, evening after evening."""
    student.work(0, 0.15)
    student.work(2, 0.1)
    chapter, exercise = student.current()
    for day in (3, 4, 7, 9, 14):
        mistake = student.random.choice(exercise.mistakes)
        wrong = exercise.with_answer(mistake.blank, mistake.expression)
        student.answers[exercise.id] = f"# try {len(student.commits)}\n{wrong}"
        student.commit(day, [chapter], f"{exercise.id} again")


def late(student: Student) -> None:
    """Nothing for two weeks, then a lot at once."""
    for day in (15, 16, 17):
        student.work(day, 0.15, wrong=0.2)


def ticks_only(student: Student) -> None:
    """Ticks everything, fills nothing."""
    for day in (2, 9, 16):
        student.work(day, 0.3, fills=False)


def no_ticks(student: Student) -> None:
    """Fills everything in, never ticks."""
    for day in (1, 3, 8, 10, 17):
        student.work(day, 0.12, ticks=False)


def notebook_only(student: Student) -> None:
    """Works in the notebooks and never syncs the scripts."""
    student.suffixes = (".ipynb",)
    for day in (2, 5, 9, 13, 16):
        student.work(day, 0.1)


def nothing(student: Student) -> None:
    """A repository without a commit."""
    student.commits.clear()


def renamed_branch(student: Student) -> None:
    """Renames the branch `main` and keeps working."""
    student.branch = "my-way"
    student.commits = [Commit(c.when, c.message, c.files, c.author, "my-way") for c in student.commits]
    average(student)


def conflict(student: Student) -> None:
    """Merges, and commits the conflict markers as well."""
    for day in (0, 3, 7, 10):
        student.work(day, 0.12)
    chapter, exercise = student.current()
    student.answers[exercise.id] = CONFLICT.format(ours=attempt(exercise, student.random), theirs=exercise.todo)
    student.commit(11, [chapter], "Merge branch 'main' of upstream")


STORIES: dict[str, tuple[str, Callable[[Student], None]]] = {
    "student-01": ("eager", eager),
    "student-02": ("average", average),
    "student-03": ("stuck", stuck),
    "student-04": ("late", late),
    "student-05": ("ticks without work", ticks_only),
    "student-06": ("work without ticks", no_ticks),
    "student-07": ("notebook only", notebook_only),
    "student-08": ("empty fork", nothing),
    "student-09": ("broken fork", average),
    "student-10": ("renamed branch", renamed_branch),
    "student-11": ("conflict markers", conflict),
    "student-12": ("other chapter order", average),
}


def damage(folder: Path) -> None:
    """What a full disk leaves behind: a pack whose objects are gone."""
    for pack in (folder / "objects" / "pack").glob("*.pack"):
        size = pack.stat().st_size
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[:12] + bytes(size - 12))


def make_cohort(course: Course, folder: Path) -> Path:
    """Write the twelve into `folder / "cohort"`, replacing old ones; returns the path of their roster.

    Raises:
        KitError: git is missing, or the folder can't be written.
    """
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(["name", "url", "story"])
    for name, (story, live) in STORIES.items():
        place = folder / "cohort" / f"{name}.git"
        shutil.rmtree(place, ignore_errors=True)
        student = Student(course, name, course.chapters[::-1] if story == "other chapter order" else ())
        live(student)
        write_history(place, student.commits, student.branch)
        if story == "broken fork":
            damage(place)
        writer.writerow([name, "", story])
    write(folder / "roster.csv", rows.getvalue().encode(), folder)
    return folder / "roster.csv"
