"""One chapter, two files: the same cells, as a `.py` holds them and as a notebook shows them.

    bytes of a .py  --script_cells-->  cells in script form  <--notebook_cells--  bytes of a notebook
                    <--script_bytes--                        --notebook_bytes-->  (outputs and ids kept)

Cells are compared in script form. It differs from a notebook's only where a `.py` can't hold the same:
a magic (`%timeit x`, `!ls`) becomes the comment `# notebook: %timeit x`, and a line that would read as a cell marker
moves one space to the right.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any

from kit.course.answers import CONFLICT
from kit.course.cells import MARKER, Cell, from_notebook, from_percent, is_colab_link, to_percent, unify_newlines
from kit.course.notebook import CELL_ID, cell_ids, raw_cell, to_notebook
from kit.course.syntax import KEPT, magic_lines
from kit.errors import KitError

KEPT_MAGIC = re.compile(r"^# notebook: (?=[ \t]*[%!?]|.*=[ \t]*[%!]|.*\?)", re.MULTILINE)
KEPT_LINE = re.compile(r"^# notebook:(?: |$)", re.MULTILINE)
MARKER_IN_CODE = re.compile(r"^#\s?(?=%%(?!%))", re.MULTILINE)
MARKER_IN_TEXT = re.compile(r"^(?=%%(?!%))", re.MULTILINE)
EMPTY_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
KIND_WORD = re.compile(r"\[(?:markdown|md|raw|code)\]")
SURROGATE = re.compile("[\ud800-\udfff]")


def parses(code: str) -> bool:
    """Whether this is valid Python."""
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def decode(data: bytes, where: str) -> str:
    """A file's text with plain line endings.

    Raises:
        KitError: it isn't UTF-8.
    """
    try:
        return unify_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise KitError("this file isn't UTF-8", where, "save it as UTF-8, then run the same command again") from error


def for_script(cell: Cell) -> Cell:
    """A cell in script form, whichever file it comes from."""
    if cell.kind != "code":
        return Cell(cell.kind, MARKER_IN_TEXT.sub(" ", cell.source), cell.line)
    source = EMPTY_LINES.sub("", cell.source)
    magic = magic_lines(source)
    if magic and not parses(source):
        commented = "\n".join(
            f"{KEPT}{line}" if number in magic else line for number, line in enumerate(source.split("\n"))
        )
        if source.startswith("%%") and not parses(commented):
            commented = "\n".join(f"# notebook: {line}".rstrip() for line in source.split("\n"))
        source = commented
    return Cell("code", MARKER_IN_CODE.sub("#  ", source), cell.line)


def for_notebook(cell: Cell) -> Cell:
    """A cell in script form, as the notebook shows it: `for_script` turns it back into the same cell."""
    if cell.kind == "code" and KEPT_MAGIC.search(cell.source):
        for prefix in (KEPT_LINE, KEPT_MAGIC):
            shown = Cell("code", prefix.sub("", cell.source), cell.line)
            if for_script(shown) == cell:
                return shown
    return cell


def key(cell: Cell) -> tuple[str, str]:
    """What cells are compared by: trailing spaces and empty lines around the cell don't count."""
    return cell.kind, "\n".join(line.rstrip() for line in cell.source.split("\n")).strip("\n")


def keys(cells: Iterable[Cell]) -> list[tuple[str, str]]:
    """The keys of cells, in order."""
    return [key(cell) for cell in cells]


def script_cells(data: bytes, where: str) -> tuple[Cell, ...]:
    """The cells of a `.py`. A title after a marker (`# %% my try`) becomes the cell's first line, so it isn't lost.

    Raises:
        KitError: it isn't UTF-8, or a merge left conflict markers in it.
    """
    text = decode(data, where)
    if "<<<<<<<" in text and CONFLICT.search(text):
        raise KitError("a merge left <<<<<<< and >>>>>>> in it", where, "resolve the conflict, then run this again")
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
    """The cells of a notebook, in script form.

    Raises:
        KitError: it's damaged, or has a cell of an unknown kind.
    """
    cells = from_notebook(data, where)
    if len(cells) != sum(not is_colab_link(raw) for raw in json.loads(data)["cells"]):
        raise KitError("this notebook has a cell of an unknown kind", where, "delete that cell")
    return tuple(for_script(cell) for cell in cells)


def script_bytes(cells: Iterable[Cell]) -> bytes:
    """The `.py` of these cells."""
    return to_percent(cells).encode()


def encode(notebook: str) -> bytes:
    """A notebook's text as UTF-8; half a surrogate pair, which UTF-8 can't hold, is escaped the way JSON does it."""
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", notebook).encode()


def notebook_bytes(cells: Sequence[Cell], chapter_id: str, old: bytes | None = None) -> bytes:
    """The notebook of these cells, which are in script form.

    `old` is the notebook it replaces. A cell whose source hasn't changed stays just as it was, outputs included; an
    edited cell keeps its id, its metadata and its attachments. The notebook's own metadata stays too.
    """
    shown = [for_notebook(cell) for cell in cells]
    if old is None:
        return encode(to_notebook(shown, chapter_id))
    old_cells = notebook_cells(old, "notebook")
    document = json.loads(old)
    old_raws = [raw for raw in document["cells"] if not is_colab_link(raw)]
    sources = predecessors(old_cells, cells)
    reserved = {valid_id(old_raws[place]) for place in sources if place is not None}
    used: set[str] = set()
    raws = []
    for cell, plain, place, usual_id in zip(cells, shown, sources, cell_ids(shown, chapter_id), strict=True):
        raw = old_raws[place] if place is not None else {}
        cell_id = valid_id(raw)
        if not cell_id or cell_id in used:
            cell_id = unused_id(usual_id, reserved | used)
        used.add(cell_id)
        if place is not None and key(old_cells[place]) == key(cell):
            raws.append({**raw_cell(cell.kind, cell_id, ""), **raw, "id": cell_id})
        else:
            same_kind = raw.get("cell_type") == cell.kind
            kept = {name: raw[name] for name in ("metadata", "attachments") if same_kind and name in raw}
            raws.append(raw_cell(plain.kind, cell_id, plain.source) | kept)
    document |= {"cells": raws, "nbformat": 4, "nbformat_minor": 5}
    document.setdefault("metadata", {})
    return encode(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def valid_id(raw: dict[str, Any]) -> str:
    """The id of a raw cell; empty if it has none, or an invalid one."""
    cell_id = raw.get("id", "")
    return cell_id if isinstance(cell_id, str) and CELL_ID.fullmatch(cell_id) else ""


def unused_id(wanted: str, taken: set[str]) -> str:
    """The wanted id, with `-n1`, `-n2`, ... appended if it is taken."""
    number, cell_id = 0, wanted
    while cell_id in taken:
        number += 1
        cell_id = f"{wanted}-n{number}"
    return cell_id


def predecessors(old: Sequence[Cell], new: Sequence[Cell]) -> list[int | None]:
    """For each new cell, the place of the old cell that it is or was edited from: same exercise, source or place."""

    def name(cell: Cell) -> tuple[str, str]:
        return ("exercise", cell.exercise) if cell.exercise else key(cell)

    before, after = [name(cell) for cell in old], [name(cell) for cell in new]
    found: list[int | None] = [None] * len(new)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                if old[i].kind == new[j].kind and bool(old[i].exercise) == bool(new[j].exercise):
                    found[j] = i
    moved = {before[i]: i for i in reversed(range(len(old))) if i not in found}
    for j, place in enumerate(found):
        if place is None and after[j] in moved:
            found[j] = moved.pop(after[j])
    return found
