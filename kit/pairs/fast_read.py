"""What one file of a pair says, from its bytes: the same as `answers.read_work`, fast enough for 10,000 forks.

The files of a cohort differ in only a few cells. So we split a file into cells by plain search, and parse each distinct
cell once. A file that can't safely be split that way is left to `read_work`.

    bytes --split--> cells' bytes --parsed once each--> CellContent, ... --> Side
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from kit.course import own_code
from kit.course.answers import is_filled, read_work
from kit.course.cells import KINDS, Kind, asks_only, exercise_cells, from_raw, kind_of, percent_cell
from kit.course.checklist import Item, items

MARKER = b"\n# %%"
OTHER_MARKER = re.compile(rb"\n#[^\n ]{0,3}%%")
NOTEBOOK_START = b'{\n "cells": [\n  {\n'
NOTEBOOK_CELL = b",\n  {\n"
NOTEBOOK_END = b"\n  }\n ],\n"
CACHED_CELLS = 32768  # of each format, about 1 kB each


class Answer(NamedTuple):
    """The source of an exercise's cell, and whether it has no blanks left."""

    source: str
    filled: bool


class Side(NamedTuple):
    """What one file says: the answer to each exercise, the tick of each item, anything odd, its code cells in order.

    `above` are the code cells above each exercise, where the order of the code cells doesn't tell.
    """

    answers: Mapping[str, Answer]
    ticks: Mapping[str, bool]
    flags: tuple[str, ...] = ()
    code: tuple[CellContent, ...] = ()
    above: Mapping[str, Sequence[str]] = {}

    def to_judge(self, exercise_id: str, known: Collection[str]) -> str:
        """An exercise's cell as the judge takes it, behind those above it that it leans on (kit.course.own_code)."""
        place = next((n for n, cell in enumerate(self.code) if cell.exercise == exercise_id), 0)
        above = self.above.get(exercise_id) or [cell.answer.source for cell in self.code[:place]]
        return own_code.to_judge(self.answers[exercise_id].source, above, known)


class CellContent(NamedTuple):
    """What one cell says: the exercise it answers, if any, its code, and its items."""

    exercise: str
    answer: Answer
    items: tuple[Item, ...]


class NotSplittable(Exception):
    """This file has to be read as a whole."""


def read_side(data: bytes, notebook: bool) -> Side:
    """What a file's bytes say, whatever they are."""
    try:
        if notebook:
            return combine(map(notebook_content, split_notebook(data)))
        return combine(map(script_content, split_script(data)))
    except (NotSplittable, UnicodeDecodeError):
        work = read_work(data, notebook)
        answers = {exercise_id: answer_of(answer.source) for exercise_id, answer in work.answers.items()}
        above = {exercise_id: answer.above for exercise_id, answer in work.answers.items()}
        ticks = {item_id: item.ticked for item_id, item in work.items.items()}
        return Side(answers, ticks, work.flags, above=above)


@lru_cache(maxsize=CACHED_CELLS)
def answer_of(source: str) -> Answer:
    """The answer in a cell; equal cells share one object."""
    return Answer(sys.intern(source), is_filled(source))


@lru_cache(maxsize=CACHED_CELLS)
def content_of(kind: Kind, source: str) -> CellContent | None:
    """What a cell of either file says; None if it says nothing.

    Raises:
        NotSplittable: what it says depends on the cell above, or it checks several exercises.
    """
    if kind == "markdown":
        found = tuple(items(source))
        return CellContent("", Answer("", False), found) if found else None
    if kind != "code":
        return None
    exercises = list(exercise_cells(source))
    if len(exercises) > 1 or (exercises and asks_only(source)):
        raise NotSplittable
    return CellContent(sys.intern("".join(exercises)), answer_of(source), ())


def is_odd(data: bytes) -> bool:
    """Whether these bytes make sense only with the whole file: other line endings, binary data, conflict markers."""
    return b"\r" in data or b"\0" in data or b"<<<<<<<" in data


def split_script(data: bytes) -> list[bytes]:
    """What follows each `# %%` marker of a percent-format file.

    Raises:
        NotSplittable: the file doesn't begin with one.
    """
    if not data.startswith(MARKER[1:]):
        raise NotSplittable
    return data[len(MARKER) - 1 :].split(MARKER)


@lru_cache(maxsize=CACHED_CELLS)
def script_content(rest: bytes) -> CellContent | None:
    """The content of a percent-format cell, from what follows `# %%`.

    Raises:
        NotSplittable: that wasn't a marker, or a marker in another spelling follows, or the bytes are odd.
    """
    if rest.startswith(b"%") or is_odd(rest) or OTHER_MARKER.search(rest):
        raise NotSplittable
    head, *lines = rest.decode().split("\n")
    cell = percent_cell(kind_of(head), lines, 2)
    return content_of(cell.kind, cell.source)


def split_notebook(data: bytes) -> list[bytes]:
    """What follows each cell's opening brace in a notebook laid out as nbformat does.

    A JSON string can't contain a line break. So the split is right if what's between two of them is a whole object.

    Raises:
        NotSplittable: the notebook is laid out differently.
    """
    end = data.rfind(NOTEBOOK_END)
    if end < 0 or not data.startswith(NOTEBOOK_START) or not is_plain_end(data[end + 4 :]):
        raise NotSplittable
    return data[len(NOTEBOOK_START) : end + 4].split(NOTEBOOK_CELL)


@lru_cache(maxsize=1024)
def is_plain_end(rest: bytes) -> bool:
    """Whether what follows the last cell closes the list of cells and the notebook, and has no second list of cells."""
    try:
        without_cells = json.loads('{"emptied": [' + rest.decode())
        return not is_odd(rest) and "cells" not in without_cells
    except (ValueError, RecursionError):
        return False


@lru_cache(maxsize=CACHED_CELLS)
def notebook_content(rest: bytes) -> CellContent | None:
    """The content of a notebook's cell, from what follows its opening brace.

    Raises:
        NotSplittable: that isn't a whole cell, or the bytes are odd.
    """
    if is_odd(rest):
        raise NotSplittable
    try:
        raw = json.loads("{" + rest.decode())
        return content_of(raw["cell_type"], from_raw(raw, 1).source) if raw["cell_type"] in KINDS else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotSplittable from error


def combine(contents: Iterable[CellContent | None]) -> Side:
    """The side made up of these cells.

    Raises:
        NotSplittable: an exercise or item occurs twice, or a tick is odd; `read_work` has the flags for that.
    """
    found = list(filter(None, contents))
    filled = [(exercise, answer) for exercise, answer, _ in found if exercise]
    listed = [item for _, _, some in found if some for item in some]
    answers, ticks = dict(filled), {item.id: item.ticked for item in listed if not item.flag}
    if len(answers) != len(filled) or len(ticks) != len(listed):
        raise NotSplittable
    return Side(answers, ticks, code=tuple(content for content in found if content.answer.source))
