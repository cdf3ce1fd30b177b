"""One chapter, two files: the same cells as a `.py` holds them and as a notebook shows them.

    bytes of a .py ----> cells in the script's form <---- bytes of a notebook
                            |                  |
                            v                  v
                      bytes of a .py     bytes of a notebook, its outputs and ids kept

Cells are compared in the script's form. It differs from the notebook's in what a `.py` cannot hold as it is: a magic
(`%timeit x`, `!ls`) becomes the comment `# notebook: %timeit x`, and a line that would read as a cell's marker moves
one space to the right.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any

from kit.course.answers import CONFLICT
from kit.course.cells import MARKER, Cell, from_notebook, from_percent, to_percent, unify_newlines
from kit.course.notebook import CELL_ID, cell_ids, raw_cell, to_notebook
from kit.errors import KitError

MAGIC = re.compile(r"^[%!]", re.MULTILINE)
MAGIC_LINE = re.compile(r"^(?=[%!])", re.MULTILINE)
KEPT_MAGIC = re.compile(r"^# notebook: (?=[%!])", re.MULTILINE)
KEPT_LINE = re.compile(r"^# notebook:(?: |$)", re.MULTILINE)
MARKER_IN_CODE = re.compile(r"^#\s?(?=%%(?!%))", re.MULTILINE)
MARKER_IN_TEXT = re.compile(r"^(?=%%(?!%))", re.MULTILINE)
EMPTY_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
KIND_WORD = re.compile(r"\[(?:markdown|md|raw|code)\]")
SURROGATE = re.compile("[\ud800-\udfff]")


def parses(code: str) -> bool:
    """Whether this is Python."""
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def for_script(cell: Cell) -> Cell:
    """A cell in the script's form, whichever file it comes from."""
    if cell.kind != "code":
        return Cell(cell.kind, MARKER_IN_TEXT.sub(" ", cell.source), cell.line)
    source = EMPTY_LINES.sub("", cell.source)
    if MAGIC.search(source) and not parses(source):
        commented = MAGIC_LINE.sub("# notebook: ", source)
        if source.startswith("%%") and not parses(commented):
            commented = "\n".join(f"# notebook: {line}".rstrip() for line in source.split("\n"))
        source = commented
    return Cell("code", MARKER_IN_CODE.sub("#  ", source), cell.line)


def for_notebook(cell: Cell) -> Cell:
    """A cell in the script's form as the notebook has it: what becomes the same again in the script's form."""
    if cell.kind == "code" and KEPT_MAGIC.search(cell.source):
        for mark in (KEPT_LINE, KEPT_MAGIC):
            shown = Cell("code", mark.sub("", cell.source), cell.line)
            if for_script(shown) == cell:
                return shown
    return cell


def key(cell: Cell) -> tuple[str, str]:
    """What two cells are compared by: line ends, trailing space and empty lines around do not count."""
    return cell.kind, "\n".join(line.rstrip() for line in cell.source.split("\n")).strip("\n")


def keys(cells: Iterable[Cell]) -> list[tuple[str, str]]:
    """The keys of cells, in order."""
    return [key(cell) for cell in cells]


def script_cells(data: bytes, where: str) -> tuple[Cell, ...]:
    """The cells of a `.py`. Words behind a marker (`# %% my try`) become the cell's first line, so they are not lost.

    Raises:
        KitError: it is not UTF-8, or a merge left its marks in it.
    """
    try:
        text = unify_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise KitError("this is not UTF-8", where, "save it as UTF-8, then run the same command again") from error
    if "<<<<<<<" in text and CONFLICT.search(text):
        raise KitError("a merge has left its <<<<<<< and >>>>>>> in it", where, "settle them, save, run this again")
    lines = []
    for line in text.split("\n"):
        marker = MARKER.match(line)
        title = KIND_WORD.sub("", marker["rest"]).strip() if marker else ""
        if marker and title:
            kind = KIND_WORD.search(marker["rest"])
            lines += [f"# %% {kind[0]}" if kind else "# %%", MARKER_IN_CODE.sub("#  ", f"# {title}")]
        else:
            lines.append(line)
    return tuple(for_script(cell) for cell in from_percent("\n".join(lines)))


def notebook_cells(data: bytes, where: str) -> tuple[Cell, ...]:
    """The cells of a notebook, in the script's form.

    Raises:
        KitError: it is damaged, or has a cell of a kind that there is not.
    """
    cells = from_notebook(data, where)
    if len(cells) != len(json.loads(data)["cells"]):
        raise KitError("this notebook has a cell of an unknown kind", where, "delete that cell")
    return tuple(for_script(cell) for cell in cells)


def script(cells: Iterable[Cell]) -> bytes:
    """The `.py` of these cells."""
    return to_percent(cells).encode()


def encode(notebook: str) -> bytes:
    """A notebook's text as bytes; what UTF-8 cannot hold is escaped as JSON does it."""
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", notebook).encode()


def notebook(cells: Sequence[Cell], chapter: str, old: bytes | None = None) -> bytes:
    """The notebook of these cells (in the script's form).

    `old` is the notebook that it replaces: a cell whose source is the same stays as it is there, with its outputs; a
    cell that has changed keeps its id and its attachments. The notebook's own metadata is kept.
    """
    shown = [for_notebook(cell) for cell in cells]
    if old is None:
        return encode(to_notebook(shown, chapter))
    was = notebook_cells(old, "notebook")
    document = json.loads(old)
    raws = document["cells"]
    sources = partners(was, cells)
    taken = {own_id(raws[place]) for place in sources if place is not None}
    fresh = cell_ids(shown, chapter)
    used: set[str] = set()
    new = []
    for cell, plain, place, usual in zip(cells, shown, sources, fresh, strict=True):
        raw = raws[place] if place is not None else {}
        id = own_id(raw) if own_id(raw) not in used else ""
        id = id or free(usual, taken | used)
        used.add(id)
        if place is not None and key(was[place]) == key(cell):
            new.append({**raw_cell(cell.kind, id, ""), **raw, "id": id})
            continue
        made = raw_cell(plain.kind, id, plain.source)
        kept = {
            name: raw[name] for name in ("metadata", "attachments") if name in raw and raw["cell_type"] == cell.kind
        }
        new.append(made | kept)
    document |= {"cells": new, "nbformat": 4, "nbformat_minor": 5}
    document.setdefault("metadata", {})
    return encode(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def own_id(raw: dict[str, Any]) -> str:
    """The id of a raw cell, where it has a valid one."""
    id = raw.get("id", "")
    return id if isinstance(id, str) and CELL_ID.fullmatch(id) else ""


def free(wanted: str, taken: set[str]) -> str:
    """An id that is not taken: the wanted one, or that with a letter and a number behind it."""
    number, id = 0, wanted
    while id in taken:
        number += 1
        id = f"{wanted}-n{number}"
    return id


def partners(was: Sequence[Cell], now: Sequence[Cell]) -> list[int | None]:
    """For each cell of `now` the cell of `was` that it is, or has been: same source, same exercise, same place."""

    def name(cell: Cell) -> tuple[str, str]:
        return ("exercise", cell.exercise) if cell.exercise else key(cell)

    before, after = [name(cell) for cell in was], [name(cell) for cell in now]
    found: list[int | None] = [None] * len(now)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                if was[i].kind == now[j].kind and bool(was[i].exercise) == bool(now[j].exercise):
                    found[j] = i
    left = {before[i]: i for i in reversed(range(len(was))) if i not in found}
    for j, place in enumerate(found):
        if place is None and after[j] in left:
            found[j] = left.pop(after[j])
    return found
