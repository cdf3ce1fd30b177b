"""Cells, and the two files that hold them: a percent-format `.py` and a notebook.

    text of a .py ----> tuple[Cell, ...] <---- bytes of a .ipynb

Nothing here knows what a chapter is; a cell is text of one kind at one line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from kit.errors import KitError

Kind = Literal["markdown", "code", "raw"]
KINDS = ("markdown", "code", "raw")
MARKER = re.compile(r"^#\s?%%(?!%)(?P<rest>.*)$")
ANCHOR = re.compile(
    r"""^check\(\s*(?P<quote>["'])(?P<id>\d\d\.\d\d)(?P=quote)\s*\)[ \t]*+(?:;[ \t]*+)?(#.*)?$""",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `line` is the 1-based line of its first source line in the file it was read from."""

    kind: Kind
    source: str
    line: int = 1

    @property
    def exercise(self) -> str:
        """The id in the cell's last `check("NN.NN")`, or an empty string."""
        if self.kind != "code" or "check(" not in self.source:
            return ""
        found = ANCHOR.findall(self.source)
        return str(found[-1][1]) if found else ""


def unify_newlines(text: str) -> str:
    """The same text with line ends of one kind and without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def encodable(text: str) -> str:
    """The same text with `?` for halves of surrogate pairs, which JSON can hold and no file can."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def kind_of(marker: str) -> Kind:
    """The kind that a marker's rest names: `[markdown]` or `[md]`, `[raw]`, else code."""
    if "[markdown]" in marker or "[md]" in marker:
        return "markdown"
    return "raw" if "[raw]" in marker else "code"


def uncomment(line: str) -> str:
    """A line of a text cell without its comment mark."""
    return line[2:] if line.startswith("# ") else line[1:] if line.startswith("#") else line


def percent_cell(kind: Kind, lines: list[str], start: int) -> Cell:
    """The cell of the lines behind its marker, the first of which is line `start` of the file."""
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    body = lines[first:] if kind == "code" else [uncomment(line) for line in lines[first:]]
    return Cell(kind, "\n".join(body).rstrip(), start + first)


def from_percent(text: str) -> tuple[Cell, ...]:
    """The cells of a percent-format file; what stands before the first marker is a code cell, if anything does."""
    cells: list[Cell] = []
    kind: Kind = "code"
    start, lines = 1, list[str]()

    def close() -> None:
        cell = percent_cell(kind, lines, start)
        if cell.source or cells or start > 1:
            cells.append(cell)

    for number, line in enumerate(unify_newlines(text).split("\n"), 1):
        marker = MARKER.match(line)
        if marker is None:
            lines.append(line)
            continue
        close()
        kind, start, lines = kind_of(marker["rest"]), number + 1, []
    close()
    return tuple(cells)


def to_percent(cells: Iterable[Cell]) -> str:
    """The percent-format file of these cells, as jupytext writes it."""
    blocks = []
    for cell in cells:
        if cell.kind == "code":
            blocks.append(f"# %%\n{cell.source}\n" if cell.source else "# %%\n")
        else:
            body = "\n".join(f"# {line}" if line else "#" for line in cell.source.split("\n"))
            blocks.append(f"# %% [{cell.kind}]\n{body}\n")
    return "\n".join(blocks)


def from_raw(raw: dict[str, Any], place: int) -> Cell:
    """A cell from its JSON; `KeyError`, `TypeError` or `AttributeError` when it is none."""
    return Cell(raw["cell_type"], unify_newlines(encodable("".join(raw["source"]))).rstrip(), place)


def from_notebook(data: str | bytes, where: str = "notebook") -> tuple[Cell, ...]:
    """The cells of a notebook; `line` is the place of the cell, counted from 1.

    Raises:
        KitError: it is no JSON, or no notebook of format 4.
    """
    try:
        cells = list[dict[str, Any]](json.loads(data)["cells"])
        return tuple(from_raw(raw, n) for n, raw in enumerate(cells, 1) if raw["cell_type"] in KINDS)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KitError(
            "this notebook cannot be read, it is damaged or of another format",
            where,
            "bring back the last good one with `git checkout -- <file>`, or delete it: the .py beside it is enough",
        ) from error
