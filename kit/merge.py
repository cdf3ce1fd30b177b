"""Two versions of a chapter's cells and the one they both come from, made into one.

    base ---+--- the script's ----+
            |                     +---> Merged: cells, clashes
            +--- the notebook's --+

A cell is known by its exercise, by its items, or by what stands in it. An exercise or any other cell that one side
has changed is taken from that side; items are merged one by one. Where both sides have changed the same cell in
different ways, one version stays in its place and the other stands behind it as comments: see `aside`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from kit.cell import Cell
from kit.mirror import key
from kit.tick import ITEM, items
from kit.work import is_filled

Token = tuple[str, int]  # which list a cell was first met in, and its place there
ASIDE = "# Two versions of "
WORD = re.compile(r"\w+")
ALIKE = 0.6  # share of common words from which on one cell counts as an edit of another


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
    ticks = merge_ticks(marks(origin), marks(script), marks(notebook))

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
            beside[token] = aside(name(cell), other, side)
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


def aside(title: str, cell: Cell, side: Literal["script", "notebook"]) -> Cell:
    """The cell that keeps a version beside another: nothing but comments, so that it neither runs nor counts."""
    here, there = (".py", "notebook") if side == "script" else ("notebook", ".py")
    lines = [
        f"{ASIDE}{title}: both files were changed. The one above is the {there}'s, this one the {here}'s.",
        "# Take from it into the cell above what you want to have there, then delete this cell.",
        "#",
        *(f"#   {line}".rstrip() for line in cell.source.split("\n")),
    ]
    return Cell("code", "\n".join(lines))


# Which cell is which ------------------------------------------------------------------------------------------------


def identities(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """What each cell is known by: its exercise, where it is the first with it, else its text."""
    met: set[str] = set()
    found = []
    for cell in cells:
        first = bool(cell.exercise) and cell.exercise not in met
        met.add(cell.exercise)
        found.append(("exercise", cell.exercise) if first else key(cell))
    return found


def align(old: Sequence[Cell], new: Sequence[Cell]) -> dict[int, int]:
    """For places in `new` the places in `old` of the same cells, moved or not: same exercise, text or item."""
    before, after = identities(old), identities(new)
    found: dict[int, int] = {}
    for i, j, size in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        found |= {j + k: i + k for k in range(size)}
    match(found, before, after)
    firsts = [item_ids(cell)[:1] for cell in old]
    for j, cell in enumerate(new):
        ids = [] if j in found else item_ids(cell)
        taken = set(found.values())
        for i in (i for i, first in enumerate(firsts) if i not in taken and first and first[0] in ids):
            found[j] = i
            break
    return found


def item_ids(cell: Cell) -> list[str]:
    """The ids of the items in a text cell."""
    return [item.id for item in items(cell.source)] if cell.kind == "markdown" else []


def match(found: dict[int, int], before: Sequence[object], after: Sequence[object]) -> None:
    """Add to `found` what is the same on both sides and stands elsewhere; each cell once."""
    taken = set(found.values())
    free: dict[object, list[int]] = {}
    for i in reversed(range(len(before))):
        if i not in taken:
            free.setdefault(before[i], []).append(i)
    for j, identity in enumerate(after):
        if j not in found and free.get(identity):
            found[j] = free[identity].pop()


def match_edited(
    found: dict[int, int], old: Sequence[Cell], new: Sequence[Cell], settled: Collection[int] = ()
) -> None:
    """Add to `found` cells that share most of their words and stand between the same neighbours. The places in
    `settled`, in `new`, are not looked at."""
    words_old = [Counter(WORD.findall(cell.source)) for cell in old]
    low = -1
    for j, cell in enumerate(new):
        if j in found:
            low = max(low, found[j])
            continue
        if j in settled:
            continue
        high = min((i for k, i in found.items() if k > j and i > low), default=len(old))
        words, taken = Counter(WORD.findall(cell.source)), set(found.values())
        for i in range(low + 1, high):
            total = words.total() + words_old[i].total()
            common = 2 * (words & words_old[i]).total()
            if i not in taken and old[i].kind == cell.kind and total and common / total >= ALIKE:
                found[j] = low = i
                break


def assign(
    base: Sequence[Cell], script: Sequence[Cell], notebook: Sequence[Cell], alike: bool
) -> tuple[list[Token], list[Token]]:
    """A token for each cell of both sides, the same for the same cell. First come the cells that are the same as
    one of the base's, then those that are the same on both sides, then those that are an edit of one of the base's;
    `alike` lets two cells that both sides have added be edits of each other."""
    one, two = align(base, script), align(base, notebook)
    left = [j for j in range(len(script)) if j not in one or one[j] not in two.values()]
    right = [j for j in range(len(notebook)) if j not in two or two[j] not in one.values()]
    added, added_too = [script[j] for j in left], [notebook[j] for j in right]
    shared = align(added, added_too)
    if alike:
        match_edited(shared, added, added_too)
    twins = {right[j]: left[i] for j, i in shared.items()}
    for j, i in twins.items():
        if i in one:
            two[j] = one[i]
        elif j in two:
            one[i] = two[j]
    match_edited(one, base, script, twins.values())
    match_edited(two, base, notebook, twins)
    by_script: list[Token] = [("base", one[j]) if j in one else ("script", j) for j in range(len(script))]
    by_notebook: list[Token] = [("base", two[j]) if j in two else ("notebook", j) for j in range(len(notebook))]
    for j, i in twins.items():
        by_notebook[j] = by_script[i]
    assert len({*by_script}) == len(by_script)
    assert len({*by_notebook}) == len(by_notebook)
    return by_script, by_notebook


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


# Ticks --------------------------------------------------------------------------------------------------------------


def marks(cells: Iterable[Cell]) -> dict[str, str]:
    """The mark of each item: `x`, a space, or what else stands there. Of two with one id a ticked one counts."""
    found: dict[str, str] = {}
    for cell in cells:
        if cell.kind == "markdown" and "[" in cell.source:
            for line in ITEM.finditer(cell.source):
                mark = line["mark"].replace("X", "x")
                if found.get(line["id"]) != "x":
                    found[line["id"]] = mark
    return found


def merge_ticks(base: Mapping[str, str], script: Mapping[str, str], notebook: Mapping[str, str]) -> dict[str, str]:
    """The mark of each item: the one that a side has changed; if both have, in different ways, a tick wins."""
    merged: dict[str, str] = {}
    for id in {**script, **notebook}:
        old, one, two = base.get(id, " "), script.get(id), notebook.get(id)
        one, two = (two if one is None else one), (one if two is None else two)
        assert one is not None and two is not None
        if one == two or old == two:
            merged[id] = one
        elif old == one:
            merged[id] = two
        else:
            merged[id] = "x" if "x" in (one, two) else one
    return merged


def with_marks(cell: Cell, wanted: Mapping[str, str]) -> Cell:
    """The cell with its items marked as wanted. `X` stays `X` where a tick is wanted."""
    if cell.kind != "markdown" or "[" not in cell.source:
        return cell

    def put(found: re.Match[str]) -> str:
        mark = wanted.get(found["id"], found["mark"])
        return found[0] if mark == found["mark"].replace("X", "x") else f"{found['head']}{mark}{found['tail']}"

    return Cell(cell.kind, ITEM.sub(put, cell.source), cell.line)


def unmarked(cell: Cell) -> tuple[str, str]:
    """What a text cell says besides its ticks."""
    return key(with_marks(cell, dict.fromkeys(marks([cell]), " ")))
