"""A chapter's file merged the way git asks for it: the bytes of three versions in, the bytes of one out.

Git calls this for the `.py` and for the notebook separately. Both are read into the same cells, so if they agreed
before, they agree afterwards. Work on what the course has removed stays at the end of the file, as comments.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from kit.course.cells import Cell
from kit.errors import KitError
from kit.learner.update.revise import RemovedWork, Revision, describe_revision, revise
from kit.pairs import convert
from kit.pairs.normalise import normalised
from kit.pairs.pair import Cells


@dataclass(frozen=True, slots=True)
class MergedFile:
    """The merged file, and what happened in it."""

    data: bytes
    revision: Revision


def cells_of(data: bytes, where: str) -> Cells:
    """The cells of a file; none if it's empty.

    Raises:
        KitError: it isn't UTF-8, isn't a notebook, or has conflict markers in it.
    """
    if not data.strip():
        return ()
    return convert.notebook_cells(data, where) if where.endswith(".ipynb") else convert.script_cells(data, where)


def merge_file(where: str, base: bytes, ours: bytes, theirs: bytes) -> MergedFile:
    """The merged bytes of the file that git calls `where`. An empty base means that both sides have added it.

    Raises:
        KitError: one of the three can't be parsed.
    """
    origin, mine, other = (cells_of(data, where) for data in (base, ours, theirs))
    revision = revise(origin or None, mine, other)
    cells = [*revision.cells]
    for lost in revision.removed:
        note = removed_note(lost)
        if convert.key(note) not in convert.keys(cells):
            cells.append(note)
    if not where.endswith(".ipynb"):
        return MergedFile(normalised(convert.script_bytes(cells), where), revision)
    chapter = where.rsplit("/", 1)[-1][2:4]
    return MergedFile(
        normalised(convert.notebook_bytes(cells, chapter, ours if has_cells(ours) else None), where), revision
    )


def removed_note(lost: RemovedWork) -> Cell:
    """The cell that keeps removed work: nothing but comments, so it neither runs nor counts."""
    lines = [f"# {lost.id} is no longer in the course. This is what you had; delete this cell whenever you like.", "#"]
    had = "\n".join(part for part in (lost.item, lost.source) if part)
    return Cell("code", "\n".join([*lines, *(f"#   {line}".rstrip() for line in had.split("\n"))]))


def has_cells(notebook: bytes) -> bool:
    """Whether a notebook has cells, so that the merged one should keep their ids."""
    return bool(notebook.strip() and json.loads(notebook).get("cells"))


def describe(where: str, done: Revision) -> list[str]:
    """What the person should look at, as lines: none if every change fitted."""
    return [f"{where}: {line}" for line in describe_revision(done)]


def read(path: str) -> bytes:
    """The bytes of one of the files that git names.

    Raises:
        KitError: it can't be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise KitError("git's version of a chapter can't be read", path, "run the same command again") from error
