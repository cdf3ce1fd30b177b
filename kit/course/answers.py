"""A learner's chapter, from one file: answers by exercise id, items by item id, and anything odd about it.

    bytes of a .py or .ipynb ---> Work
                                    answers: {"06.03": Answer}
                                    items:   {"06.03": Item}
                                    flags:   ("conflict", ...)

Nothing is run, and nothing a learner wrote can raise: odd input becomes a flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from kit.course.blanks import has_sentinel
from kit.course.cells import ANCHOR, Cell, from_notebook, from_percent, unify_newlines
from kit.course.checklist import Item, items
from kit.errors import KitError

CONFLICT = re.compile(r"^(<{7}|>{7}|={7})(?: |$)", re.MULTILINE)
LFS_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Answer:
    """The learner's cell of one exercise. `line` is its first line in a `.py`, or its place in a notebook.

    `above` are the code cells above it in the file.
    """

    id: str
    source: str
    line: int
    above: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def filled(self) -> bool:
        """Whether it has code in it and no blanks left."""
        return is_filled(self.source)


@dataclass(frozen=True, slots=True)
class Work:
    """A learner's chapter; `code` are its code cells in order."""

    answers: dict[str, Answer]
    items: dict[str, Item]
    flags: tuple[str, ...] = ()
    code: tuple[str, ...] = ()


@lru_cache(maxsize=65536)
def is_filled(source: str) -> bool:
    """Whether an exercise's cell has code besides its `check(...)`, and no `____` left."""
    if has_sentinel(source):
        return False
    rest = ANCHOR.sub("", source)
    return any(line.strip() and not line.lstrip().startswith("#") for line in rest.split("\n"))


def read_cells(cells: tuple[Cell, ...], known: Iterable[str] = ()) -> Work:
    """The work in these cells, after the `known` flags. If an exercise or item occurs twice, the first counts, and a
    flag says so."""
    flags = [*known]
    answers: dict[str, Answer] = {}
    found: dict[str, Item] = {}
    above: list[str] = []
    for cell in cells:
        if cell.kind == "code":
            exercise_id = cell.exercise
            if exercise_id and exercise_id in answers:
                flags.append(f"exercise {exercise_id} twice")
            elif exercise_id:
                answers[exercise_id] = Answer(exercise_id, cell.source, cell.line, tuple(above))
            above.append(cell.source)
        elif cell.kind == "markdown":
            for item in items(cell.source):
                if item.id in found:
                    flags.append(f"item {item.id} ambiguous")
                    continue
                if item.flag:
                    flags.append(f"item {item.id} {item.flag}")
                found[item.id] = item
    return Work(answers, found, tuple(flags), tuple(above))


def decode(data: bytes) -> tuple[str, list[str]]:
    """The text of a file, and anything odd about its bytes."""
    if data.startswith(LFS_POINTER):
        return "", ["not text"]
    if b"\0" in data:
        return "", ["binary"]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return data.decode("latin-1"), ["not UTF-8"]


def read_work(data: bytes, notebook: bool) -> Work:
    """The work in a file's bytes, whatever they are."""
    text, flags = decode(data)
    if "<<<<<<<" in text and CONFLICT.search(unify_newlines(text)):
        return Work({}, {}, (*flags, "conflict"))
    if not notebook:
        return read_cells(from_percent(text), flags)
    if not text:
        return Work({}, {}, tuple(flags or ["unreadable notebook"]))
    try:
        return read_cells(from_notebook(text), flags)
    except KitError:
        return Work({}, {}, (*flags, "unreadable notebook"))


def read_file(path: Path) -> Work:
    """The work in a `.py` or `.ipynb` file on disk.

    Raises:
        KitError: there's no such file, or it can't be read.
    """
    try:
        return read_work(path.read_bytes(), path.suffix == ".ipynb")
    except OSError as error:
        raise KitError(
            "this chapter's file can't be read", str(path), "git checkout -- <file> restores the committed one"
        ) from error
