"""One side of a pair, from the bytes of its blob: what `answers.read_work` says, with each distinct cell read once.

A cohort's files differ from each other in a few cells. So a file is cut into cells by plain search, and what a cell
says is remembered by its bytes. Where the cut is not certain, `read_work` reads the file whole.

    bytes --cut--> cells --remembered--> Piece, Piece, ... --> Side
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from kit.course.answers import is_filled, read_work
from kit.course.cells import KINDS, Cell, Kind, from_raw, kind_of, percent_cell
from kit.course.checklist import Item, items

MARKER = b"\n# %%"
OTHER_MARKER = re.compile(rb"\n#[^\n ]{0,3}%%")
NOTEBOOK_START = b'{\n "cells": [\n  {\n'
NOTEBOOK_CELL = b",\n  {\n"
NOTEBOOK_END = b"\n  }\n ],\n"
REMEMBERED = 32768  # distinct cells, about 1 kB each


class Answer(NamedTuple):
    """What stands in the cell of an exercise, and whether no blank is left in it."""

    source: str
    filled: bool


class Side(NamedTuple):
    """What one file says: the answer to each exercise, the tick of each item, and what is odd about it."""

    answers: Mapping[str, Answer]
    ticks: Mapping[str, bool]
    flags: tuple[str, ...] = ()


class Piece(NamedTuple):
    """What one cell says: the exercise it answers, if any, and its items."""

    exercise: str
    answer: Answer
    items: tuple[Item, ...]


class Uncertain(Exception):
    """The file cannot be cut by plain search."""


@lru_cache(maxsize=REMEMBERED)
def answer_of(source: str) -> Answer:
    """The answer in a cell; one object for equal cells."""
    return Answer(sys.intern(source), is_filled(source))


@lru_cache(maxsize=REMEMBERED)
def piece_of(kind: Kind, source: str) -> Piece | None:
    """What a cell says, in either file; None if that is nothing."""
    if kind == "markdown":
        found = tuple(items(source))
        return Piece("", Answer("", False), found) if found else None
    exercise = Cell(kind, source).exercise
    return Piece(sys.intern(exercise), answer_of(source), ()) if exercise else None


def is_odd(data: bytes) -> bool:
    """Whether there is something in these bytes for which a file is read whole."""
    return b"\r" in data or b"\0" in data or b"<<<<<<<" in data


def percent_piece(rest: bytes) -> Piece | None:
    """The piece of a cell of a percent-format file, from what follows `# %%`.

    Raises:
        Uncertain: that is no marker, or another one follows, or the bytes are odd.
    """
    if rest.startswith(b"%") or is_odd(rest) or OTHER_MARKER.search(rest):
        raise Uncertain
    head, *lines = rest.decode().split("\n")
    cell = percent_cell(kind_of(head), lines, 2)
    return piece_of(cell.kind, cell.source)


def notebook_piece(rest: bytes) -> Piece | None:
    """The piece of a cell of a notebook, from what follows its opening brace.

    Raises:
        Uncertain: that is no cell by itself, or the bytes are odd.
    """
    if is_odd(rest):
        raise Uncertain
    try:
        raw = json.loads("{" + rest.decode())
        return piece_of(raw["cell_type"], from_raw(raw, 1).source) if raw["cell_type"] in KINDS else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Uncertain from error


@lru_cache(maxsize=1024)
def is_plain_end(rest: bytes) -> bool:
    """Whether what follows a notebook's cells ends one JSON object, without a second list of cells."""
    try:
        return not is_odd(rest) and "cells" not in json.loads('{"": [' + rest.decode())
    except (ValueError, RecursionError):
        return False


def cut_percent(data: bytes) -> list[bytes]:
    """What follows each marker of a percent-format file, if all of its markers read `# %%`.

    Raises:
        Uncertain: the first one does not.
    """
    if not data.startswith(MARKER[1:]):
        raise Uncertain
    return data[len(MARKER) - 1 :].split(MARKER)


def cut_notebook(data: bytes) -> list[bytes]:
    """What follows each cell's opening brace in a notebook as nbformat writes it, by plain search.

    A JSON string holds no line end. So the cut is right if each part between two cuts is an object by itself.

    Raises:
        Uncertain: the notebook is not of this form.
    """
    end = data.rfind(NOTEBOOK_END)
    if end < 0 or not data.startswith(NOTEBOOK_START) or not is_plain_end(data[end + 4 :]):
        raise Uncertain
    return data[len(NOTEBOOK_START) : end + 4].split(NOTEBOOK_CELL)


CUTS: Mapping[bool, Callable[[bytes], list[bytes]]] = {False: cut_percent, True: cut_notebook}
PIECES: Mapping[bool, Callable[[bytes], Piece | None]] = {
    False: lru_cache(REMEMBERED)(percent_piece),
    True: lru_cache(REMEMBERED)(notebook_piece),
}


def collect(pieces: Iterable[Piece | None]) -> Side:
    """The side that these pieces make; what occurs twice is flagged, and its first place counts."""
    found = list(filter(None, pieces))
    filled = [(exercise, answer) for exercise, answer, _ in found if exercise]
    marked = [item for _, _, some in found if some for item in some]
    answers, ticks = dict(filled), {item.id: item.ticked for item in marked if not item.flag}
    if len(answers) == len(filled) and len(ticks) == len(marked):
        return Side(answers, ticks)
    return collect_odd(found)


def collect_odd(pieces: Iterable[Piece]) -> Side:
    """The side of a file in which something occurs twice, or an item has a flag."""
    answers: dict[str, Answer] = {}
    ticks: dict[str, bool] = {}
    flags: list[str] = []
    for exercise, answer, some in pieces:
        if exercise in answers:
            flags.append(f"exercise {exercise} twice")
        elif exercise:
            answers[exercise] = answer
        for item in some:
            if item.id in ticks:
                flags.append(f"item {item.id} ambiguous")
                continue
            if item.flag:
                flags.append(f"item {item.id} {item.flag}")
            ticks[item.id] = item.ticked
    return Side(answers, ticks, tuple(flags))


def read_whole(data: bytes, notebook: bool) -> Side:
    """What a file says, read by `read_work`."""
    work = read_work(data, notebook)
    answers = {id: answer_of(answer.source) for id, answer in work.answers.items()}
    return Side(answers, {id: item.ticked for id, item in work.items.items()}, work.flags)


def read_side(data: bytes, notebook: bool) -> Side:
    """What a file's bytes say, whatever they are."""
    try:
        return collect(map(PIECES[notebook], CUTS[notebook](data)))
    except (Uncertain, UnicodeDecodeError):
        return read_whole(data, notebook)
