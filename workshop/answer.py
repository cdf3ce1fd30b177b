"""Which cell a `check` judges, and what to say when that isn't plain to see.

    the cell that runs --has an answer in it--> that cell
                       --only asks-----------> the exercise's cell that ran last, or the one on disk, and a note says so

No cell is judged silently in place of another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from kit.course.answers import Answer, read_file
from kit.course.cells import asks_only, exercise_cells
from kit.course.chapter import Chapter, Code, Exercise
from kit.course.course import Course
from kit.course.own_code import offered
from kit.errors import KitError
from kit.judge.records import text_of
from kit.judge.redraw import assigned_names
from kit.judge.show import SEVERAL
from kit.text import label
from workshop import colab
from workshop.here import earlier_cells, running_cell, script_file

BEFORE = "judged the cell you ran before this one, which begins `{line}`"
ON_DISK = "judged the cell in {file}, as it was last saved"
NOT_CALLED = 'to check.py, a cell belongs to {id} if it says check("{id}"), so write that at the end of this one'
LONGEST = 60  # characters of a cell's first line


@dataclass(frozen=True, slots=True)
class Found:
    """What to judge, as the judge takes it, and a note about which cell that is; empty if it's the one that runs."""

    text: str
    note: str = ""


def find(course: Course, language: str, exercise_id: str, frame: FrameType) -> Found:
    """The answer that a call from this frame asks about.

    Raises:
        KitError: there's none.
    """
    chapter, exercise = course.exercise(exercise_id)
    cell, file = running_cell(frame), script_file(frame)
    own = exercise_cells(cell)
    source = own.get(exercise_id, cell if mentions(cell, exercise) else "")
    above = above_in(file, exercise_id, source) if file else tuple(earlier_cells())
    if not asks_only(source):
        note = NOT_CALLED.format(id=exercise_id) if exercise_id not in own else SEVERAL if len(own) > 1 else ""
        return Found(text_of(chapter, Answer(exercise_id, source, 1, above)), note)
    return (
        (None if file else ran_before(chapter, exercise, above))
        or on_disk(chapter, exercise_id, [file] if file else files_of(course, language, chapter))
        or nowhere(exercise_id)
    )


def mentions(cell: str, exercise: Exercise) -> bool:
    """Whether a cell has one of the names in it that the exercise is about."""
    return any(re.search(rf"\b{name}\b", cell) for name in assigned_names(exercise.code))


def above_in(file: Path, exercise_id: str, source: str) -> tuple[str, ...]:
    """The cells above an exercise's cell in a file, if that's the one which counts there."""
    found = read_file(file).answers.get(exercise_id)
    return found.above if found and found.source.rstrip() == source.rstrip() else ()


def ran_before(chapter: Chapter, exercise: Exercise, earlier: tuple[str, ...]) -> Found | None:
    """The exercise's last cell among these. One without a `check` will do if it gives the exercise's names values."""
    given = {cell.code.strip() for cell in chapter.cells if isinstance(cell, Code) and cell.exercise is None}
    names = set(assigned_names(exercise.code))
    for place in reversed(range(len(earlier))):
        cell = earlier[place]
        parts = exercise_cells(cell)
        split_off = not parts and cell.strip() not in given and offered(cell) & names
        source = parts.get(exercise.id, cell if split_off else "")
        if not asks_only(source):
            line = next(line for line in source.split("\n") if line.strip())
            answer = Answer(exercise.id, source, 1, earlier[:place])
            return Found(text_of(chapter, answer), BEFORE.format(line=label(line, LONGEST)))
    return None


def files_of(course: Course, language: str, chapter: Chapter) -> list[Path]:
    """The files of a chapter's pair that exist, the notebook first."""
    colab.keep_open(course)
    stem = course.pairs(language) / chapter.entry.stem
    return [path for path in (stem.with_suffix(".ipynb"), stem.with_suffix(".py")) if path.exists()]


def on_disk(chapter: Chapter, exercise_id: str, files: list[Path]) -> Found | None:
    """The exercise's cell in the first of these files that has one."""
    for path in files:
        answer = read_file(path).answers.get(exercise_id)
        if answer and not asks_only(answer.source):
            return Found(text_of(chapter, answer), ON_DISK.format(file=path.name))
    return None


def nowhere(exercise_id: str) -> Found:
    """Refuse, and say what to do.

    Raises:
        KitError: always.
    """
    raise KitError(
        f"this cell has no answer to {exercise_id} in it, and no cell that ran before has one",
        "",
        f'put check("{exercise_id}") at the end of the cell with your answer and run that; if the cell is gone, '
        f"python scripts/reset_to_todo.py {exercise_id} brings it back",
    )
