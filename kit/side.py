"""One side of a pair, from the bytes of its blob: what `kit.work` reads, cell by cell and each distinct cell once.

A cohort's files differ from each other in a few cells. So a file is cut into cells by plain text search, and what
a cell says is remembered by its text. Where the cut is not certain, the file is read whole.

    bytes --cut--> texts of cells --remembered--> Piece, Piece, ... --> Side
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kit.cell import Cell, from_notebook, from_percent, unify
from kit.errors import KitError
from kit.tick import Item, items
from kit.work import CONFLICT, decode

MARKERS = re.compile(r"^(?=#[^\S\n]?%%(?!%))", re.MULTILINE)
NOTEBOOK_HEAD = '{\n "cells": ['
NOTEBOOK_TAIL = "\n  }\n ],\n"
NOTEBOOK_CELL = "\n  {\n"
REMEMBERED = 32768  # distinct cells, about 1 kB each


@dataclass(frozen=True, slots=True)
class Side:
    """What one file says: the source of each exercise, the tick of each item, and what is odd about it."""

    answers: Mapping[str, str]
    ticks: Mapping[str, bool]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """What one cell says: the exercise it answers, if any, and its items."""

    exercise: str
    source: str
    items: tuple[Item, ...]


def piece_of(cell: Cell) -> Piece:
    """What a cell says."""
    exercise = cell.exercise
    found = tuple(items(cell.source)) if cell.kind == "markdown" else ()
    return Piece(sys.intern(exercise), sys.intern(cell.source) if exercise else "", found)


@lru_cache(maxsize=REMEMBERED)
def percent_piece(text: str) -> Piece:
    """The piece of one cell of a percent-format file, its marker included."""
    return piece_of(from_percent(text)[0])


@lru_cache(maxsize=REMEMBERED)
def notebook_piece(text: str) -> Piece | None:
    """The piece of one cell of a notebook, from its JSON; None for a cell of another kind.

    Raises:
        KitError: the text is not one cell.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KitError("this is not one cell of a notebook") from error
    cells = from_notebook(f'{{"cells": [{text}]}}')
    return piece_of(cells[0]) if cells else None


def collect(pieces: Iterable[Piece], flags: list[str]) -> Side:
    """The side that these pieces make; what occurs twice is flagged, and its first place counts."""
    answers: dict[str, str] = {}
    ticks: dict[str, bool] = {}
    for piece in pieces:
        if piece.exercise:
            if piece.exercise in answers:
                flags.append(f"exercise {piece.exercise} twice")
            else:
                answers[piece.exercise] = piece.source
        for item in piece.items:
            if item.id in ticks:
                flags.append(f"item {item.id} ambiguous")
                continue
            if item.flag:
                flags.append(f"item {item.id} {item.flag}")
            ticks[item.id] = item.ticked
    return Side(answers, ticks, tuple(flags))


def percent_pieces(text: str) -> Iterable[Piece]:
    """The pieces of a percent-format file."""
    text = unify(text)
    if text.startswith("# %%") and text.count("%%") == text.count("\n# %%") + 1 and "%%%" not in text:
        head, *rest = text.split("\n# %%")
        return [percent_piece(head), *[percent_piece(f"# %%{chunk}") for chunk in rest]]
    chunks = [chunk for chunk in MARKERS.split(text) if chunk]
    first = [] if not chunks or MARKERS.match(chunks[0]) else [piece_of(cell) for cell in from_percent(chunks.pop(0))]
    return [*first, *map(percent_piece, chunks)]


def notebook_pieces(text: str) -> Iterable[Piece]:
    """The pieces of a notebook.

    A notebook as nbformat writes it is cut at the line ends that only its indentation can have, since a JSON string
    holds none. The cut is right if each part is JSON by itself; else the notebook is read whole.

    Raises:
        KitError: it is no notebook.
    """
    end = text.rfind(NOTEBOOK_TAIL)
    if text.startswith(NOTEBOOK_HEAD + NOTEBOOK_CELL) and end > 0 and tail_is_plain(text[end + 4 :]):
        chunks = text[len(NOTEBOOK_HEAD + NOTEBOOK_CELL) : end + 4].split(NOTEBOOK_CELL)
        try:
            found = [notebook_piece("{" + chunk.removesuffix(",")) for chunk in chunks]
            if all(chunk.endswith("},") for chunk in chunks[:-1]):
                return [piece for piece in found if piece]
        except KitError:
            pass
    return [piece_of(cell) for cell in from_notebook(text)]


@lru_cache(maxsize=1024)
def tail_is_plain(text: str) -> bool:
    """Whether what follows a notebook's cells is the rest of one JSON object, without a second list of cells."""
    try:
        return "cells" not in json.loads('{"head": [' + text)
    except (ValueError, RecursionError):
        return False


def read_side(data: bytes, notebook: bool) -> Side:
    """What a file's bytes say, whatever they are: the answers, ticks and flags of `kit.work.read_work`."""
    text, flags = decode(data)
    if "<<<<<<<" in text and CONFLICT.search(text):
        return Side({}, {}, (*flags, "conflict"))
    if not notebook:
        return collect(percent_pieces(text), flags)
    if not text:
        return Side({}, {}, tuple(flags or ["unreadable notebook"]))
    try:
        return collect(notebook_pieces(text), flags)
    except KitError:
        return Side({}, {}, (*flags, "unreadable notebook"))
