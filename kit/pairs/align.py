"""Which cell of one version of a chapter is which of another: unmoved, moved or edited.

base, script, notebook --> one token for each cell, the same for the same cell
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

from kit.course.cells import Cell
from kit.course.checklist import items
from kit.pairs.convert import key

Token = tuple[str, int]  # the list in which a cell was first met, and its place there
WORD = re.compile(r"\w+")
ALIKE = 0.6  # share of common words from which on one cell counts as an edit of another


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
    """Add to `found` cells that share most of their words and stand between the same neighbours. Two different
    exercises are never the same cell. The places in `settled`, in `new`, are not looked at."""
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
            other = len({old[i].exercise, cell.exercise} - {""}) == 2
            if i not in taken and old[i].kind == cell.kind and not other and total and common / total >= ALIKE:
                found[j] = low = i
                break


def assign(
    base: Sequence[Cell], script: Sequence[Cell], notebook: Sequence[Cell], alike: bool
) -> tuple[list[Token], list[Token]]:
    """A token for each cell of both sides, the same for the same cell. First come the cells that are the same as
    one of the base's, then those that are the same on both sides, then those that are an edit of one of the base's;
    `alike` lets two cells that both sides have added be edits of each other."""
    one, two = align(base, script), align(base, notebook)
    left, right = ([j for j in range(len(side)) if j not in known] for side, known in ((script, one), (notebook, two)))
    added, added_too = [script[j] for j in left], [notebook[j] for j in right]
    shared = align(added, added_too)
    if alike:
        match_edited(shared, added, added_too)
    twins = {right[j]: left[i] for j, i in shared.items()}
    match_edited(one, base, script, twins.values())
    match_edited(two, base, notebook, twins)
    by_script: list[Token] = [("base", one[j]) if j in one else ("script", j) for j in range(len(script))]
    by_notebook: list[Token] = [("base", two[j]) if j in two else ("notebook", j) for j in range(len(notebook))]
    for j, i in twins.items():
        by_notebook[j] = by_script[i]
    return by_script, by_notebook
