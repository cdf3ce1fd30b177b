"""Cells, and the two files that hold them: a percent-format `.py` and a notebook.

    text of a .py ----> tuple[Cell, ...] <---- bytes of a .ipynb

Nothing here knows about chapters: a cell is a text, its kind, and the line it starts on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from kit.course.blanks import SENTINEL
from kit.course.syntax import code_alone, without_magics
from kit.errors import KitError

Kind = Literal["markdown", "code", "raw"]
KINDS = ("markdown", "code", "raw")
MARKER = re.compile(r"^#\s?%%(?!%)(?P<rest>.*)$")
ANCHOR = re.compile(
    r"""^check\(\s*(?P<quote>["'])(?P<id>\d\d\.\d\d)(?P=quote)\s*\)[ \t]*+(?:;[ \t]*+)?(#.*)?$""",
    re.MULTILINE,
)
CALL = re.compile(r"""(?<!\w)check\(\s*(?P<quote>["'])(?P<id>\d\d\.\d\d)(?P=quote)\s*\)""")
ASKED = "\0"  # stands for such a call, and for hint(...) and solution(...)
ASKS = re.compile(r"(?<![\w.])[\w.]*\b(?:check|hint|solution)\([^()\n]*\)")
# A function that asks for nothing.
FUNCTION = re.compile(r"^[ \t]*(?:async[ \t]+)?def\b(?![^\0]*\n[ \t]+[^\0\n]*\0)", re.MULTILINE)
# A statement that only asks for a verdict, or shows something: `ok = check(...)`, `print(x)`, `if done:`, `c = check`.
ASKING = re.compile(
    r"""\s*(?:
        (?:(?:if|for|else|with|try)\b[^\0]*:)?\s*(?:\w+\s*=\s*)?(?:assert\b|not\b|print\b|display\b|[\[(\s])*\0[^=]*
        |(?:if|elif|else|for|while|try|except|finally|with|def)\b.*:
        |(?:import|from)\b.*
        |(?:print|display)\(.*
        |\w+\s*=\s*[\w.]*check
        |\w+\(\s*\)
        |[\w.]*,?[\s\])}]*
    )\s*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `line` is the 1-based line of its first source line in the file it was read from."""

    kind: Kind
    source: str
    line: int = 1

    @property
    def exercise(self) -> str:
        """The id in the cell's last `check("NN.NN")`; empty if there is none."""
        found = checks(self.source) if self.kind == "code" else []
        return found[-1][0] if found else ""


def checks(source: str) -> list[tuple[str, int, int]]:
    """The `check("NN.NN")` calls in a code cell, wherever they are in it: the id, where it starts, where it ends.

    One in a comment or a text is none.
    """
    if "check(" not in source:
        return []
    code = code_alone(source)
    return [(call["id"], *call.span()) for call in CALL.finditer(source) if code[call.start()] == "c"]


def asks_only(source: str) -> bool:
    """Whether a code cell only asks for a verdict or shows something, so that the answer must be elsewhere."""
    if SENTINEL in source:
        return False
    code = ASKS.sub(ASKED, code_alone(without_magics(source)))
    if FUNCTION.search(code):
        return False
    statements = (" ".join(part.split()) for line in code.split("\n") for part in line.split(";"))
    return all(map(ASKING.fullmatch, statements))  # one space at a time, which bounds what the expression tries


def exercise_cells(source: str) -> dict[str, str]:
    """The cell of each exercise in a code cell. It's the code cell itself, unless that checks several.

    Then each has what's above its `check`, down from the one before; lines keep their numbers. With nothing there, or
    if a `check` is indented, it's the whole cell.
    """
    calls = checks(source)
    ids = dict.fromkeys(exercise for exercise, _, _ in calls)
    starts = [source.rfind("\n", 0, start) + 1 for _, start, _ in calls]
    if len(ids) < 2 or any(source[start].isspace() for start in starts):
        return dict.fromkeys(ids, source)
    ends = {exercise: source.find("\n", end) + 1 or len(source) for exercise, _, end in calls}
    ends[calls[-1][0]] = len(source)
    found: dict[str, str] = {}
    above = 0
    for exercise, end in ends.items():
        part = source[above:end]
        found[exercise] = source if asks_only(part) else "\n" * source.count("\n", 0, above) + part.rstrip()
        above = max(above, end)
    return found


def unify_newlines(text: str) -> str:
    """The text with `\\n` as its only line ending, and no byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def encodable(text: str) -> str:
    """The text with `?` for lone surrogates, which JSON can hold but a file can't."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def kind_of(marker: str) -> Kind:
    """The kind, from what follows a `# %%`: `[markdown]` or `[md]`, `[raw]`, or else code."""
    if "[markdown]" in marker or "[md]" in marker:
        return "markdown"
    return "raw" if "[raw]" in marker else "code"


def uncomment(line: str) -> str:
    """A line of a text cell, without its `# `."""
    return line[2:] if line.startswith("# ") else line[1:] if line.startswith("#") else line


def percent_cell(kind: Kind, lines: list[str], start: int) -> Cell:
    """The cell made of the lines after its marker, the first of which is line `start` of the file."""
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    body = lines[first:] if kind == "code" else [uncomment(line) for line in lines[first:]]
    return Cell(kind, "\n".join(body).rstrip(), start + first)


def from_percent(text: str) -> tuple[Cell, ...]:
    """The cells of a percent-format file. Anything before the first marker is a code cell."""
    lines = unify_newlines(text).split("\n")
    markers = [(number, found["rest"]) for number, line in enumerate(lines) if (found := MARKER.match(line))]
    ends = [*(number for number, _ in markers), len(lines)]
    head = percent_cell("code", lines[: ends[0]], 1)
    cells = [
        percent_cell(kind_of(rest), lines[n + 1 : end], n + 2) for (n, rest), end in zip(markers, ends[1:], strict=True)
    ]
    return (head, *cells) if head.source else tuple(cells)


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
    """A cell from its JSON; `KeyError`, `TypeError` or `AttributeError` if that isn't a cell."""
    return Cell(raw["cell_type"], unify_newlines(encodable("".join(raw["source"]))).rstrip(), place)


COLAB_LINK = re.compile(
    r"""\s*<a href="https://colab\.research\.google\.com/[^"\s]*"[^<>]*><img [^<>]*alt="Open In Colab"\s*/?></a>\s*"""
)


def is_colab_link(raw: dict[str, Any]) -> bool:
    """Whether a cell's JSON is the badge that Colab puts on top of a notebook which it saves to GitHub.

    It's nobody's text. `KeyError` or `TypeError` if that isn't a cell.
    """
    return raw["cell_type"] == "markdown" and COLAB_LINK.fullmatch("".join(raw["source"])) is not None


def from_notebook(data: str | bytes, where: str = "notebook") -> tuple[Cell, ...]:
    """The cells of a notebook, without Colab's link to itself; `line` is the cell's place, counted from 1.

    Raises:
        KitError: it isn't JSON, or not a notebook of format 4.
    """
    try:
        cells = list[dict[str, Any]](json.loads(data)["cells"])
        known = [(n, raw) for n, raw in enumerate(cells, 1) if raw["cell_type"] in KINDS and not is_colab_link(raw)]
        return tuple(from_raw(raw, n) for n, raw in known)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KitError(
            "this notebook can't be read; it's damaged or in another format",
            where,
            "git checkout -- <file> restores the committed one; or delete it, since the .py beside it is enough",
        ) from error
