"""Two versions of a chapter's cells and the one they both come from, made into one.

    base ---+--- the script's ----+
            |                     +---> Merged: cells, clashes
            +--- the notebook's --+

A cell is known by its exercise, by its items, or by what stands in it. An exercise or any other cell that one side
has changed is taken from that side; items are merged one by one. Where both sides have changed the same cell in
different ways, one version stays in its place and the other stands behind it as comments: see `aside`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kit.course.answers import is_filled
from kit.course.cells import Cell
from kit.course.checklist import items, merge_ticks, tick_marks, unticked, with_marks
from kit.pairs.align import Token, assign
from kit.pairs.convert import key

ASIDE = "# Two versions of "


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged cells; `clashes` names those of which two versions are kept."""

    cells: tuple[Cell, ...]
    clashes: tuple[str, ...] = ()


def merge(base: Sequence[Cell] | None, script: Sequence[Cell], notebook: Sequence[Cell]) -> Merged:
    """The cells of both sides; `None` as base means that nothing is known of what they come from.

    Merging the result with a side again adds nothing and takes nothing away, so an interrupted sync can be repeated.
    """
    origin = base or ()
    by_script, by_notebook = assign(origin, script, notebook, alike=base is None)
    b = {("base", place): cell for place, cell in enumerate(origin)}
    s = dict(zip(by_script, script, strict=True))
    n = dict(zip(by_notebook, notebook, strict=True))
    ticks = merge_ticks(tick_marks(origin), tick_marks(script), tick_marks(notebook))

    chosen: dict[Token, Cell] = {}
    beside: dict[Token, Cell] = {}
    clashes: list[str] = []
    for token in {**s, **n}:
        cell, other, side = resolve(b.get(token), s.get(token), n.get(token))
        if cell is None:
            continue
        chosen[token] = with_marks(cell, ticks)
        if other is not None:
            clashes.append(name(cell))
            beside[token] = rejected_version(name(cell), other, story(side))
    cells: list[Cell] = []
    there = {key(cell) for cell in chosen.values()}
    for token in arrange(list(b), by_script, by_notebook, chosen):
        cells.append(chosen[token])
        if token in beside and key(beside[token]) not in there:
            cells.append(beside[token])
    return Merged(tuple(cells), tuple(clashes))


def resolve(
    base: Cell | None, script: Cell | None, notebook: Cell | None
) -> tuple[Cell | None, Cell | None, Literal["script", "notebook"]]:
    """The version that stands, the version that must be kept beside it (where there is one) and whose that is.

    A cell that one side has deleted goes, unless the other side has changed it.
    """
    if script is None or notebook is None:
        left = script or notebook
        gone = left is not None and base is not None and same(base, left)
        return (None if gone else left), None, "notebook"
    if same(script, notebook) or (base and same(base, notebook)):
        return script, None, "notebook"
    if base and same(base, script):
        return notebook, None, "notebook"
    if script.kind == notebook.kind == "markdown":
        old, one, two = (unmarked(cell) if cell else None for cell in (base, script, notebook))
        if one == two or old == two:
            return script, None, "notebook"
        if old == one:
            return notebook, None, "notebook"
    if script.exercise and is_filled(notebook.source) and not is_filled(script.source):
        return notebook, script, "script"
    return script, notebook, "notebook"


def same(one: Cell, two: Cell) -> bool:
    """Whether two cells say the same."""
    return key(one) == key(two)


def name(cell: Cell) -> str:
    """How a message names a cell: its exercise, its first item, or the beginning of its first line."""
    item = next(items(cell.source), None) if cell.kind == "markdown" else None
    first = next((line.strip() for line in cell.source.split("\n") if line.strip()), "an empty cell")
    return cell.exercise or (item.id if item else f"“{first[:40].strip()}”")


def story(side: Literal["script", "notebook"]) -> str:
    """Where two versions come from, the lower of which is this side's."""
    here, there = (".py", "notebook") if side == "script" else ("notebook", ".py")
    return f"both files were changed. The one above is the {there}'s, this one the {here}'s."


def rejected_version(title: str, cell: Cell, story: str) -> Cell:
    """The cell that keeps a version beside another: nothing but comments, so that it neither runs nor counts."""
    lines = [
        f"{ASIDE}{title}: {story}",
        "# Take from it into the cell above what you want to have there, then delete this cell.",
        "#",
        *(f"#   {line}".rstrip() for line in cell.source.split("\n")),
    ]
    return Cell("code", "\n".join(lines))


def arrange(
    base: Sequence[Token], script: Sequence[Token], notebook: Sequence[Token], keep: Mapping[Token, object]
) -> list[Token]:
    """The order of the kept cells: that of the side that has moved some (the script's if both have), the other
    side's additions behind the cell that they stand behind there."""
    first, second = [t for t in script if t in keep], [t for t in notebook if t in keep]
    both = set(first) & set(second)
    was = [t for t in base if t in both]
    if [t for t in first if t in both and t in set(was)] == was:
        order = [t for t in second if t in both and t in set(was)]
        if order != was:
            first, second = second, first
    known = set(second)
    result = list(first)
    place = 0
    for token in second:
        if token in both:
            place = result.index(token) + 1
            continue
        while place < len(result) and result[place] not in known:
            place += 1
        result.insert(place, token)
        place += 1
    return result


def unmarked(cell: Cell) -> tuple[str, str]:
    """What a text cell says besides its ticks."""
    return key(unticked(cell))
