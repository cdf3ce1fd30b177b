"""Which cell in one version of a chapter is which cell in another, even if it was moved or edited.

base, script, notebook --> one token per cell, equal for the same cell
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

from kit.course.cells import Cell
from kit.course.checklist import items
from kit.pairs.convert import key

Token = tuple[str, int]  # the version in which we first met the cell, and its place there
WORD = re.compile(r"\w+")
SIMILAR = 0.6  # with at least this share of words in common, one cell counts as an edit of the other


def identities(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """What identifies each cell: its exercise, if it's the first cell with that id, or else its text."""
    seen: set[str] = set()
    found = []
    for cell in cells:
        first = bool(cell.exercise) and cell.exercise not in seen
        seen.add(cell.exercise)
        found.append(("exercise", cell.exercise) if first else key(cell))
    return found


def align(old: Sequence[Cell], new: Sequence[Cell]) -> dict[int, int]:
    """Places in `new`, mapped to the same cells' places in `old`: same exercise, text or item, moved or not."""
    before, after = identities(old), identities(new)
    found: dict[int, int] = {}
    for i, j, size in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        found |= {j + k: i + k for k in range(size)}
    match_moved(found, before, after)
    first_items = [item_ids(cell)[:1] for cell in old]
    for j, cell in enumerate(new):
        if j in found:
            continue
        ids, taken = item_ids(cell), set(found.values())
        same = (i for i, first in enumerate(first_items) if i not in taken and first and first[0] in ids)
        place = next(same, None)
        if place is not None:
            found[j] = place
    return found


def item_ids(cell: Cell) -> list[str]:
    """The ids of the items in a text cell."""
    return [item.id for item in items(cell.source)] if cell.kind == "markdown" else []


def match_moved(found: dict[int, int], before: Sequence[object], after: Sequence[object]) -> None:
    """Add to `found` the cells with the same identity at different places, each cell once."""
    taken = set(found.values())
    free: dict[object, list[int]] = {}
    for i in reversed(range(len(before))):
        if i not in taken:
            free.setdefault(before[i], []).append(i)
    for j, identity in enumerate(after):
        if j not in found and free.get(identity):
            found[j] = free[identity].pop()


def similar(one: Counter[str], other: Counter[str]) -> bool:
    """Whether two texts, given as word counts, share enough words to be versions of one text."""
    total = one.total() + other.total()
    return total > 0 and 2 * (one & other).total() / total >= SIMILAR


def match_edited(found: dict[int, int], old: Sequence[Cell], new: Sequence[Cell], skip: Collection[int] = ()) -> None:
    """Add to `found` the cells that share most of their words and have the same neighbours.

    Two different exercises are never the same cell. `skip` holds places in `new` to leave alone.
    """
    old_words = [Counter(WORD.findall(cell.source)) for cell in old]
    low = -1
    for j, cell in enumerate(new):
        if j in found:
            low = max(low, found[j])
            continue
        if j in skip:
            continue
        high = min((i for k, i in found.items() if k > j and i > low), default=len(old))
        words, taken = Counter(WORD.findall(cell.source)), set(found.values())
        for i in range(low + 1, high):
            two_exercises = len({old[i].exercise, cell.exercise} - {""}) == 2
            if i not in taken and old[i].kind == cell.kind and not two_exercises and similar(words, old_words[i]):
                found[j] = low = i
                break


def assign_tokens(
    base: Sequence[Cell], first: Sequence[Cell], second: Sequence[Cell], match_new: bool
) -> tuple[list[Token], list[Token]]:
    """A token for each cell of two versions that come from `base`, the same token for the same cell.

    They're matched in this order: cells that are in the base, cells that both versions added, and edits of a cell in
    the base. With `match_new`, two added cells may be edits of each other.
    """
    in_first, in_second = align(base, first), align(base, second)
    new_first = [j for j in range(len(first)) if j not in in_first]
    new_second = [j for j in range(len(second)) if j not in in_second]
    added_first, added_second = [first[j] for j in new_first], [second[j] for j in new_second]
    shared = align(added_first, added_second)
    if match_new:
        match_edited(shared, added_first, added_second)
    twins = {new_second[j]: new_first[i] for j, i in shared.items()}  # place in `second`: place in `first`
    match_edited(in_first, base, first, skip=twins.values())
    match_edited(in_second, base, second, skip=twins)

    first_tokens: list[Token] = [("base", in_first[j]) if j in in_first else ("first", j) for j in range(len(first))]
    second_tokens: list[Token] = [
        first_tokens[twins[j]] if j in twins else ("base", in_second[j]) if j in in_second else ("second", j)
        for j in range(len(second))
    ]
    return first_tokens, second_tokens
