"""A learner's chapter, from one file: answers by exercise id, items by item id, and anything odd about it.

    bytes of a .py or .ipynb ---> Work
                                    answers: {"06.03": Answer}
                                    items:   {"06.03": Item}
                                    flags:   ("conflict", ...)

Nothing is run, and nothing a learner wrote can raise: odd input becomes a flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from kit.course.blanks import has_sentinel
from kit.course.cells import Cell, asks_only, exercise_cells, from_notebook, from_percent, unify_newlines
from kit.course.checklist import Item, items
from kit.errors import KitError

CONFLICT = re.compile(r"^(<{7}|>{7}|={7})(?: |$)", re.MULTILINE)
LFS_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Answer:
    """The learner's cell of one exercise. `line` is its first line in a `.py`, or its place in a notebook.

    `above` are the code cells above it in the file, `also` the lines or places of other filled cells of the same
    exercise, and `beside` the other exercises that its code cell checks.
    """

    id: str
    source: str
    line: int
    above: tuple[str, ...] = field(default=(), compare=False, repr=False)
    also: tuple[int, ...] = ()
    beside: tuple[str, ...] = ()

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
    """Whether an exercise's cell has an answer in it, and no `____` left."""
    return not asks_only(source) and not has_sentinel(source)


def answers_in(cell: Cell, before: Sequence[Cell], adjacent: bool) -> list[Answer]:
    """The answers in a code cell, which has these code cells before it.

    If it only asks for a verdict and is `adjacent` to the last of them, the answer is in that one.
    """
    found = exercise_cells(cell.source)
    above = tuple(one.source for one in before) if found else ()
    answers = []
    for exercise_id, source in found.items():
        beside = tuple(other for other in found if other != exercise_id)
        answer = Answer(exercise_id, source, cell.line, above, beside=beside)
        if adjacent and asks_only(source):
            answer = replace(answer, source=joined(before[-1], cell), line=before[-1].line, above=above[:-1])
        answers.append(answer)
    return answers


def joined(above: Cell, below: Cell) -> str:
    """Two cells as one. Its lines are as far apart as in a `.py`."""
    lines = below.line - above.line - above.source.count("\n")
    return above.source + "\n" * max(lines, 1) + below.source


def better(old: Answer, new: Answer) -> Answer:
    """Which of two cells of the same exercise counts: the first one that's filled."""
    if old.filled and new.filled:
        return replace(old, also=(*old.also, new.line))
    return new if new.filled else old


def read_cells(cells: tuple[Cell, ...], known: Iterable[str] = ()) -> Work:
    """The work in these cells, after the `known` flags. If an exercise or item occurs twice, a flag says so; what
    counts is the exercise's first filled cell, and the first item."""
    flags = [*known]
    answers: dict[str, Answer] = {}
    found: dict[str, Item] = {}
    code: list[Cell] = []
    adjacent = False  # to the code cell before, with no text between, and that one has no exercise
    for cell in cells:
        if cell.kind == "code":
            own = answers_in(cell, code, adjacent)
            code.append(cell)
            adjacent = not own
            for answer in own:
                if answer.id in answers:
                    flags.append(f"exercise {answer.id} twice")
                answers[answer.id] = better(answers[answer.id], answer) if answer.id in answers else answer
        elif cell.kind == "markdown":
            adjacent = False
            for item in items(cell.source):
                if item.id in found:
                    flags.append(f"item {item.id} ambiguous")
                    continue
                if item.flag:
                    flags.append(f"item {item.id} {item.flag}")
                found[item.id] = item
    return Work(answers, found, tuple(flags), tuple(cell.source for cell in code))


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
