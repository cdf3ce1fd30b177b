"""The base of a pair: the version that both files come from, which shows which of them has changed.

It's the text of the last sync, `.workshop/base/<language>/<chapter>.py`, or the newest commit in which the files agree,
or else the chapter's todo.
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
from kit.pairs.pair import Cells, Pair, todo_cells


def candidate_bases(course: Course, pair: Pair, hook: bool) -> Iterator[Cells]:
    """What both files may have come from, the best guess first; the todo if nothing else is known.

    In a pre-commit run (`hook`) an unstaged file has been put back to HEAD's version, so HEAD is asked first.
    """
    known = False
    for find in (committed, synced) if hook else (synced, committed):
        cells = find(pair)
        if cells:
            known = True
            yield cells
    if not known:
        with contextlib.suppress(KitError):
            yield todo_cells(course, pair)


def synced(pair: Pair) -> Cells | None:
    """What both files said after the last sync, if that's known."""
    try:
        data = files.read(pair.base, pair.root)
        return convert.script_cells(data, pair.base.name) if data else None
    except KitError:
        return None


def committed(pair: Pair) -> Cells | None:
    """What the files say in the newest commit in which they agree, or in which there's only one of them."""
    for script, notebook in worktree.past_versions(pair.root, pair.paths):
        try:
            one = convert.script_cells(script, pair.name) if script else ()
            two = convert.notebook_cells(notebook, pair.name) if notebook else ()
        except KitError:
            continue
        if not one or not two or convert.keys(one) == convert.keys(two):
            return one or two or None
    return None


def store_base(pair: Pair, cells: Sequence[Cell]) -> None:
    """Keep these cells as the base of the next sync. If that fails, nothing is lost: an older base will do."""
    with contextlib.suppress(KitError):
        files.write(pair.base, convert.script_bytes(cells), pair.root)
