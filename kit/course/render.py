"""What a learner gets from a chapter: its cells as a todo, or with answers and ticks in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kit.course.cells import Cell
from kit.course.chapter import Chapter, Code
from kit.course.checklist import with_ticks


def provenance(chapter: Chapter) -> str:
    """The line of a derived chapter that says where it comes from; invisible in rendered text."""
    return f"<!-- Made from {chapter.path} by scripts/build.py. From your first edit on it is yours. -->"


def learner_cells(
    chapter: Chapter, answers: Mapping[str, str] | None = None, ticked: Collection[str] = ()
) -> tuple[Cell, ...]:
    """The learner's cells. `answers` has code by exercise id, the rest are todo; items in `ticked` are ticked."""
    answers = answers or {}
    cells: list[Cell] = []
    for cell in chapter.cells:
        if isinstance(cell, Code):
            exercise_id = cell.exercise.id if cell.exercise else ""
            cells.append(Cell("code", answers.get(exercise_id, cell.todo), cell.line))
        else:
            cells.append(Cell("markdown", cell.source, cell.line))
    if cells and cells[0].kind == "markdown":
        heading, below, rest = cells[0].source.partition("\n")  # JupyterLab shows a heading twice if it isn't first
        cells[0] = Cell("markdown", f"{heading}\n{provenance(chapter)}{below}{rest}", cells[0].line)
    else:
        cells.insert(0, Cell("markdown", provenance(chapter)))
    return with_ticks(cells, dict.fromkeys(ticked, True))


def finished(chapter: Chapter) -> dict[str, str]:
    """The finished code of each exercise, by id."""
    return {exercise.id: exercise.code for exercise in chapter.exercises}
