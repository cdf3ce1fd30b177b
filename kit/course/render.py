"""What is derived from a chapter: its todo, the same with answers in it, and its source again.

Everything here is text in, text out; the build and the commands write it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kit.course.blanks import add_markers
from kit.course.cells import Cell, to_percent
from kit.course.chapter import EXPORT, Chapter, Code, Exercise
from kit.course.checklist import with_ticks


def provenance(chapter: Chapter) -> str:
    """The first line of a derived chapter: where it comes from. Invisible where the text is rendered."""
    return f"<!-- Made from {chapter.path} by scripts/build.py. From your first edit on it is yours. -->"


def learner_cells(
    chapter: Chapter, answers: Mapping[str, str] | None = None, ticked: Collection[str] = ()
) -> tuple[Cell, ...]:
    """The learner's cells. `answers` maps ids of exercises to their code; all others are todo."""
    answers = answers or {}
    cells: list[Cell] = []
    for cell in chapter.cells:
        if isinstance(cell, Code):
            exercise_id = cell.exercise.id if cell.exercise else ""
            cells.append(Cell("code", answers.get(exercise_id, cell.todo), cell.line))
        else:
            cells.append(Cell("markdown", cell.source, cell.line))
    head = provenance(chapter)
    if cells and cells[0].kind == "markdown":
        cells[0] = Cell("markdown", f"{head}\n{cells[0].source}", cells[0].line)
    else:
        cells.insert(0, Cell("markdown", head))
    return with_ticks(cells, dict.fromkeys(ticked, True))


def todo(chapter: Chapter) -> str:
    """The todo `.py`: blanks empty, items unticked, no markup left."""
    return to_percent(learner_cells(chapter))


def finished(chapter: Chapter) -> dict[str, str]:
    """The finished code of each exercise, by id."""
    return {exercise.id: exercise.code for exercise in chapter.exercises}


def directives(exercise: Exercise) -> list[str]:
    """The `#!` lines of an exercise."""

    def number(blank: int) -> str:
        return f" {blank + 1}" if blank else ""

    return [
        f"#! hint: {exercise.hint}",
        *(f"#! mistake{number(m.blank)}: {m.expression} -> {m.message}" for m in exercise.mistakes),
        *(f"#! alternative{number(a.blank)}: {a.expression}" for a in exercise.alternatives),
        *(f"#! probe: {probe}" for probe in exercise.probes),
    ]


def source(chapter: Chapter) -> str:
    """The chapter as its author writes it: what `parse_chapter` reads back into the same records."""
    cells: list[Cell] = []
    for cell in chapter.cells:
        if isinstance(cell, Code):
            lines = [EXPORT] if cell.exported else []
            lines.append(add_markers(cell.code, cell.exercise.blanks) if cell.exercise else cell.code)
            lines += directives(cell.exercise) if cell.exercise else []
            lines += [f"#! redraw: {statement}" for statement in cell.redraws]
            cells.append(Cell("code", "\n".join(lines)))
        else:
            cells.append(Cell("markdown", cell.source))
    return to_percent(cells)
