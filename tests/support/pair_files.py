"""A chapter's pair in a course on disk: read it, edit one side, compare."""

from __future__ import annotations

from kit.course.cells import Cell
from kit.course.course import Course
from kit.pairs import convert
from kit.pairs.pair import Pair
from kit.pairs.sync import Synced, sync
from tests.support.cell_edits import code
from tests.support.file_stamp import stamp

Cells = tuple[Cell, ...]


def pair(course: Course) -> Pair:
    return Pair(course.root, "en", "ch01_second")


def cells(course: Course, side: str = "script") -> Cells:
    """What one file of the second chapter's pair says."""
    if side == "script":
        return convert.script_cells(pair(course).script.read_bytes(), "")
    return convert.notebook_cells(pair(course).notebook.read_bytes(), "")


def save(course: Course, side: str, new: Cells) -> None:
    """Write one file of the pair, the way an editor does."""
    if side == "script":
        pair(course).script.write_bytes(convert.script_bytes(new))
    else:
        pair(course).notebook.write_bytes(convert.notebook_bytes(new, "01", pair(course).notebook.read_bytes()))


def agree(course: Course) -> Cells:
    """What both files say; they must agree, and a second sync must write nothing."""
    assert convert.keys(cells(course)) == convert.keys(cells(course, "notebook"))
    before = {path: stamp(path) for path in (pair(course).script, pair(course).notebook, pair(course).base)}
    assert sync(course, pair(course)) == Synced(pair(course))
    assert {path: stamp(path) for path in before} == before
    return cells(course)


ANSWER = code("01.01", "doubled = x + x")


OTHER = code("01.02", "def total(v):\n    return sum(v)")
