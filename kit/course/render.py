"""What a learner gets from a chapter: its cells as a todo, or with answers and ticks in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kit.course.cells import Cell
from kit.course.chapter import FETCHING, Chapter, Code
from kit.course.checklist import with_ticks
from kit.course.home import Home

FETCH = "workshop/fetch.py"
ENGLISH = "workshop/en/"
SETUP = """# @title {title}
import importlib.util, urllib.request
if not importlib.util.find_spec("workshop"):
    address = "{address}"
    exec(urllib.request.urlopen(address).read(), {{"address": address}})"""


def provenance(chapter: Chapter) -> str:
    """The line of a derived chapter that says where it comes from; invisible in rendered text."""
    return f"<!-- Made from {chapter.path} by scripts/build.py. From your first edit on it is yours. -->"


def setup_cell(home: Home, title: str = FETCHING) -> tuple[Cell, ...]:
    """The cell that fetches the workshop for a notebook that's alone; none if it can't be fetched from anywhere."""
    return (Cell("code", SETUP.format(title=title, address=home.raw(FETCH))),) if home.repository else ()


def opening(chapter: Chapter, source: str, language: str = "en") -> str:
    """A chapter's first text, with its origin and its badges below the heading.

    The heading stays first: JupyterLab shows it a second time, as the notebook's title, if anything comes before it.
    """
    origin, badges = provenance(chapter), chapter.home.badges(f"workshop/{language}/{chapter.entry.stem}.ipynb")
    heading, _, rest = source.partition("\n")
    if not heading.startswith("# "):
        return "\n".join([origin, *badges, "", source] if badges else [origin, source])
    return "\n".join([heading, origin, *(["", *badges] if badges else []), rest])


def learner_cells(
    chapter: Chapter, answers: Mapping[str, str] | None = None, ticked: Collection[str] = (), language: str = "en"
) -> tuple[Cell, ...]:
    """The learner's cells. `answers` has code by exercise id, the rest are todo; items in `ticked` are ticked.

    The badges lead to the chapter in this language, and so do the paths in its text.

    The cell that fetches the workshop comes before the first code.
    """
    answers = answers or {}
    cells: list[Cell] = []
    setup = setup_cell(chapter.home, chapter.fetching)
    for cell in chapter.cells:
        if isinstance(cell, Code):
            exercise_id = cell.exercise.id if cell.exercise else ""
            cells += [*setup, Cell("code", answers.get(exercise_id, cell.todo), cell.line)]
            setup = ()
        else:
            cells.append(Cell("markdown", cell.source.replace(ENGLISH, f"workshop/{language}/"), cell.line))
    if cells and cells[0].kind == "markdown":
        cells[0] = Cell("markdown", opening(chapter, cells[0].source, language), cells[0].line)
    else:
        cells.insert(0, Cell("markdown", provenance(chapter)))
    return with_ticks(cells, dict.fromkeys(ticked, True))


def finished(chapter: Chapter) -> dict[str, str]:
    """The finished code of each exercise, by id."""
    return {exercise.id: exercise.code for exercise in chapter.exercises}
