"""What the two files of a pair come from: the text that they are compared with, to see which side has changed.

It is the text of the last sync, `.workshop/base/<language>/<chapter>.py`; else the newest commit in which both sides
agree; else the chapter's todo.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from kit import files
from kit.course.cells import Cell
from kit.course.course import Course
from kit.errors import KitError
from kit.git import worktree
from kit.pairs import convert
from kit.pairs.pair import Cells, Pair, todo


def candidate_bases(course: Course, pair: Pair, hook: bool) -> Iterator[Cells]:
    """What both sides may come from, best first; the todo where nothing else is known.

    In a pre-commit run (`hook`) a file that is not staged stands there as HEAD has it, so HEAD is asked first.
    """
    known = False
    for ask in (committed, synced) if hook else (synced, committed):
        cells = ask(pair)
        if cells:
            known = True
            yield cells
    if not known:
        with contextlib.suppress(KitError):
            yield todo(course, pair)


def synced(pair: Pair) -> Cells | None:
    """What both sides said after the last sync, if it is known."""
    try:
        data = files.read(pair.base, pair.root)
        return convert.script_cells(data, pair.base.name) if data else None
    except KitError:
        return None


def committed(pair: Pair) -> Cells | None:
    """What the newest commit says in which both sides agree, or in which there is only one."""
    for script, notebook in worktree.past_versions(pair.root, [f"{pair.name}.py", f"{pair.name}.ipynb"]):
        try:
            one = convert.script_cells(script, pair.name) if script else ()
            two = convert.notebook_cells(notebook, pair.name) if notebook else ()
        except KitError:
            continue
        if not one or not two or convert.keys(one) == convert.keys(two):
            return one or two or None
    return None


def store_base(pair: Pair, cells: Sequence[Cell]) -> None:
    """Keep these cells as the base of the next sync. Nothing is lost where that fails: then an older base serves."""
    with contextlib.suppress(KitError):
        files.write(pair.base, convert.script(cells), pair.root)
