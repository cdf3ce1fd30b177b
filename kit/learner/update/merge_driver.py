"""A chapter's file merged as git asks for it: the bytes of three versions in, the bytes of one out.

Git calls this for the `.py` and for the notebook by themselves. Both are read into the same cells, so both come out
saying the same where they said the same before. What the course has removed stays at the end, as comments.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from kit.course.cells import Cell
from kit.errors import KitError
from kit.learner.update.revise import RemovedWork, Revision, revise
from kit.pairs import convert
from kit.pairs.normalise import normalised
from kit.pairs.pair import Cells


@dataclass(frozen=True, slots=True)
class Driven:
    """The merged file, and what has happened in it."""

    data: bytes
    revision: Revision


def cells_of(data: bytes, where: str) -> Cells:
    """The cells of a file; none where it is empty.

    Raises:
        KitError: it is not UTF-8, no notebook, or a merge left its marks in it.
    """
    if not data.strip():
        return ()
    return convert.notebook_cells(data, where) if where.endswith(".ipynb") else convert.script_cells(data, where)


def drive(where: str, base: bytes, ours: bytes, theirs: bytes) -> Driven:
    """The merged bytes of the file that git calls `where`. An empty base: both sides have added it.

    Raises:
        KitError: one of the three cannot be understood.
    """
    origin, mine, other = (cells_of(data, where) for data in (base, ours, theirs))
    revision = revise(origin or None, mine, other)
    cells = [*revision.cells]
    for lost in revision.gone:
        note = remembered(lost)
        if convert.key(note) not in convert.keys(cells):
            cells.append(note)
    if not where.endswith(".ipynb"):
        return Driven(normalised(convert.script(cells), where), revision)
    chapter = where.rsplit("/", 1)[-1][2:4]
    return Driven(normalised(convert.notebook(cells, chapter, old_of(ours)), where), revision)


def remembered(lost: RemovedWork) -> Cell:
    """The cell that keeps what was removed: nothing but comments, so that it neither runs nor counts."""
    lines = [f"# {lost.id} is gone from the course. What you had is kept here; delete this cell when you like.", "#"]
    had = "\n".join(part for part in (lost.item, lost.source) if part)
    return Cell("code", "\n".join([*lines, *(f"#   {line}".rstrip() for line in had.split("\n"))]))


def old_of(data: bytes) -> bytes | None:
    """A notebook whose cells keep their ids; `None` where there is none."""
    return data if data.strip() and json.loads(data).get("cells") else None


def describe(where: str, done: Revision) -> list[str]:
    """What a person should know, in lines: nothing where every change fitted."""
    lines = [f"{id} has changed, and your answer stands in the new version; check it" for id in done.woven]
    lines += [f"{id} has changed, your answer is kept; check it" for id in done.kept]
    lines += [f"two versions kept of {title}, one behind the other: choose, and delete one" for title in done.both]
    lines += [f"{lost.id} is gone from the course; what you had stands at the chapter's end" for lost in done.gone]
    return [f"{where}: {line}" for line in lines]


def read(path: str) -> bytes:
    """One of the files that git names.

    Raises:
        KitError: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise KitError("git's version of a chapter cannot be read", path, "run the same command again") from error
