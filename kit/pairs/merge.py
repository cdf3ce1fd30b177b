"""Two versions of a chapter's cells, and the base they both come from, merged into one.

    base ---+--- the script's ----+
            |                     +---> Merged: cells, clashes
            +--- the notebook's --+

A cell is identified by its exercise, its items or its text. If one side changed a cell, that side's version is taken;
items are merged one by one. If both sides changed a cell in different ways, one version stays in place, and the other
follows it as comments: see `rejected_version`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kit.course.answers import is_filled
from kit.course.cells import Cell
from kit.course.checklist import items, merge_ticks, tick_marks, unticked, with_marks
from kit.pairs.align import Token, assign_tokens
from kit.pairs.convert import key

ASIDE = "# Two versions of "
SCRIPT_ABOVE = "both files were changed. The one above is from the .py, this one is from the notebook."
NOTEBOOK_ABOVE = "both files were changed. The one above is from the notebook, this one is from the .py."


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged cells; `clashes` names those kept in two versions."""

    cells: tuple[Cell, ...]
    clashes: tuple[str, ...] = ()


class Choice(NamedTuple):
    """The version of a cell that stays, if one does, and the rejected one to keep after it, with the reason."""

    cell: Cell | None
    rejected: Cell | None = None
    reason: str = ""


class Versions:
    """A base and two versions of it, cell by cell: each is a mapping from tokens, one token for each distinct cell."""

    def __init__(self, base: Sequence[Cell] | None, first: Sequence[Cell], second: Sequence[Cell]) -> None:
        """With `None` as the base, nothing is known about what the versions come from."""
        origin = base or ()
        first_tokens, second_tokens = assign_tokens(origin, first, second, match_new=base is None)
        self.base: dict[Token, Cell] = {("base", place): cell for place, cell in enumerate(origin)}
        self.first = dict(zip(first_tokens, first, strict=True))
        self.second = dict(zip(second_tokens, second, strict=True))

    def tokens(self) -> Iterable[Token]:
        """All tokens of the two versions, each once."""
        return {**self.first, **self.second}

    def assemble(self, chosen: Mapping[Token, Cell], after: Mapping[Token, Cell]) -> tuple[Cell, ...]:
        """The chosen cells in order, each followed by its cell in `after`, unless the chapter has that already."""
        present = {key(cell) for cell in chosen.values()}
        cells: list[Cell] = []
        for token in arrange(list(self.base), list(self.first), list(self.second), chosen):
            cells.append(chosen[token])
            if token in after and key(after[token]) not in present:
                cells.append(after[token])
        return tuple(cells)


def merge(
    base: Sequence[Cell] | None,
    script: Sequence[Cell],
    notebook: Sequence[Cell],
    reasons: tuple[str, str] = (SCRIPT_ABOVE, NOTEBOOK_ABOVE),
) -> Merged:
    """The cells of both sides; with `None` as the base, nothing is known about what they come from.

    Where both versions of a cell are kept, `reasons` says why: the first if the script's is above, or else the second.

    Merging the result with either side again changes nothing, so an interrupted sync can be repeated.
    """
    versions = Versions(base, script, notebook)
    ticks = merge_ticks(tick_marks(base or ()), tick_marks(script), tick_marks(notebook))
    chosen: dict[Token, Cell] = {}
    rejected: dict[Token, Cell] = {}
    clashes: list[str] = []
    for token in versions.tokens():
        choice = resolve(versions.base.get(token), versions.first.get(token), versions.second.get(token), reasons)
        if choice.cell is None:
            continue
        chosen[token] = with_marks(choice.cell, ticks)
        if choice.rejected is not None:
            title = name(choice.cell)
            clashes.append(title)
            rejected[token] = rejected_version(title, choice.rejected, choice.reason)
    return Merged(versions.assemble(chosen, rejected), tuple(clashes))


def resolve(
    base: Cell | None,
    script: Cell | None,
    notebook: Cell | None,
    reasons: tuple[str, str] = (SCRIPT_ABOVE, NOTEBOOK_ABOVE),
) -> Choice:
    """Which version of a cell stays. A cell that one side deleted goes, unless the other side changed it."""
    if script is None or notebook is None:
        left = script or notebook
        deleted = left is not None and base is not None and same(base, left)
        return Choice(None if deleted else left)
    if same(script, notebook) or (base and same(base, notebook)):
        return Choice(script)
    if base and same(base, script):
        return Choice(notebook)
    if script.kind == notebook.kind == "markdown":
        old, in_script, in_notebook = (unmarked(cell) if cell else None for cell in (base, script, notebook))
        if in_notebook in (in_script, old):
            return Choice(script)
        if in_script == old:
            return Choice(notebook)
    if script.exercise and is_filled(notebook.source) and not is_filled(script.source):
        return Choice(notebook, script, reasons[1])
    return Choice(script, notebook, reasons[0])


def same(one: Cell, two: Cell) -> bool:
    """Whether two cells say the same thing."""
    return key(one) == key(two)


def name(cell: Cell) -> str:
    """What messages call a cell: its exercise, its first item, or the beginning of its first line."""
    item = next(items(cell.source), None) if cell.kind == "markdown" else None
    first = next((line.strip() for line in cell.source.split("\n") if line.strip()), "an empty cell")
    return cell.exercise or (item.id if item else f"“{first[:40].strip()}”")


def rejected_version(title: str, cell: Cell, reason: str) -> Cell:
    """The cell that keeps a version after the other one: nothing but comments, so it neither runs nor counts."""
    lines = [
        f"{ASIDE}{title}: {reason}",
        "# Copy what you want to keep into the cell above, then delete this cell.",
        "#",
        *(f"#   {line}".rstrip() for line in cell.source.split("\n")),
    ]
    return Cell("code", "\n".join(lines))


def arrange(
    base: Sequence[Token], first: Sequence[Token], second: Sequence[Token], keep: Mapping[Token, object]
) -> list[Token]:
    """The order of the kept cells: that of the version that moved some (the first, if both did).

    A cell that only the other version has comes after the cell it follows there.
    """
    first, second = [t for t in first if t in keep], [t for t in second if t in keep]
    in_both = set(first) & set(second)
    old_order = [t for t in base if t in in_both]
    known = set(old_order)
    if [t for t in first if t in known] == old_order != [t for t in second if t in known]:
        first, second = second, first
    in_second = set(second)
    result = list(first)
    place = 0
    for token in second:
        if token in in_both:
            place = result.index(token) + 1
            continue
        while place < len(result) and result[place] not in in_second:
            place += 1
        result.insert(place, token)
        place += 1
    return result


def unmarked(cell: Cell) -> tuple[str, str]:
    """What a text cell says apart from its ticks."""
    return key(unticked(cell))
