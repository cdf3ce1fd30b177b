"""Ids that the course has changed. An exercise is matched by its id or, if the numbers have moved, by its text.

todo before, todo now --> {"06.03": "06.04"}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from kit.course.cells import CALL, Cell
from kit.course.checklist import ITEM, items
from kit.pairs.align import match_edited
from kit.pairs.convert import key

COMMENT = re.compile(r"#[^\n]*")
ID = re.compile(r"(?<![\d.])\d\d\.\d\d(?![\d.])")
LAST = 99  # an id ends with two digits


def without_ids(cell: Cell) -> Cell:
    """The cell with every id in it replaced by the same one, even in comments."""
    return with_ids(cell, lambda _: "00.00")


def with_ids(cell: Cell, new: Callable[[str], str], mention: Callable[[str], str] | None = None) -> Cell:
    """The cell with new ids in its items, its `check(...)` and its comments; `mention` gives those for comments."""

    def put(found: re.Match[str]) -> str:
        whole, start = found[0], found.start()
        return whole[: found.start("id") - start] + new(found["id"]) + whole[found.end("id") - start :]

    if cell.kind == "markdown":
        return Cell(cell.kind, ITEM.sub(put, cell.source), cell.line) if "[" in cell.source else cell
    if cell.kind != "code":
        return cell
    in_comment = mention or new
    source = CALL.sub(put, cell.source) if cell.exercise else cell.source
    if "#" in source:
        source = COMMENT.sub(lambda comment: ID.sub(lambda found: in_comment(found[0]), comment[0]), source)
    return Cell(cell.kind, source, cell.line)


def renamed(cells: Iterable[Cell], ids: Mapping[str, str], known: Container[str]) -> tuple[Cell, ...]:
    """The cells with these ids changed, old to new, all at once; in comments only if the new id is `known`."""

    def rename(old: str) -> str:
        return ids.get(old, old)

    def mention(old: str) -> str:
        return rename(old) if rename(old) in known else old

    return tuple(with_ids(cell, rename, mention) for cell in cells) if ids else tuple(cells)


def exercises(cells: Iterable[Cell]) -> dict[str, Cell]:
    """The first cell of each exercise, by id."""
    found: dict[str, Cell] = {}
    for cell in cells:
        if cell.exercise:
            found.setdefault(cell.exercise, cell)
    return found


def successors(base: Sequence[Cell], theirs: Sequence[Cell]) -> dict[str, str]:
    """The id in the new todo of each exercise of the old one, as long as it's still there.

    The same text under another id is the same exercise, so an answer follows its number. Otherwise the same id means
    the same exercise, unless another one's text has moved there. An exercise that lost its number in this way, and was
    edited as well, is looked for between its neighbours.
    """
    before, after = exercises(base), exercises(theirs)
    olds, news = by_body(before), by_body(after)
    found: dict[str, str] = {}
    for text, ids in olds.items():
        there = news.get(text, [])
        stay = [each for each in ids if each in there]
        found |= {each: each for each in stay}
        moved, places = [each for each in ids if each not in stay], [each for each in there if each not in stay]
        if len(moved) == len(places):
            found |= dict(zip(moved, places, strict=True))
    taken = set(found.values())
    found |= {each: each for each in before if each not in found and each in after and each not in taken}
    return found | edited(before, after, found)


def by_body(cells: Mapping[str, Cell]) -> dict[str, list[str]]:
    """Ids, keyed by the text of their cells."""
    found: dict[str, list[str]] = {}
    for exercise_id, cell in cells.items():
        found.setdefault(key(without_ids(cell))[1], []).append(exercise_id)
    return found


def edited(before: Mapping[str, Cell], after: Mapping[str, Cell], known: Mapping[str, str]) -> dict[str, str]:
    """The successors of exercises whose number now belongs to another one, by how similar their texts are."""
    olds, news = list(before), list(after)
    places = {news.index(new): olds.index(old) for old, new in known.items()}
    if not any(each in after for each in olds if each not in known):
        return {}
    first = dict(places)
    match_edited(places, [*map(without_ids, before.values())], [*map(without_ids, after.values())])
    found = {olds[i]: news[j] for j, i in places.items() if j not in first}
    return {old: new for old, new in found.items() if old in after}


def renames(base: Sequence[Cell], theirs: Sequence[Cell], others: Iterable[Cell] = ()) -> dict[str, str]:
    """The ids that change: those of exercises, and of self-reported items whose text is now under another id.

    If a removed exercise's id now belongs to another one, the removed one gets an id that no cell has, `others`
    included, so that the two aren't mixed up.
    """
    known = successors(base, theirs)
    used = {each for cell in (*base, *theirs, *others) for each in ids_in(cell)}
    found = {old: new for old, new in known.items() if old != new}
    for removed in exercises(base):
        if removed not in known and removed in set(known.values()):
            candidates = (f"{removed[:3]}{number:02d}" for number in range(LAST, -1, -1))
            found[removed] = next(candidate for candidate in candidates if candidate not in used)
            used.add(found[removed])
    before, after = self_reported(base), self_reported(theirs)
    for item_id, text in before.items():
        same = [new for new, other in after.items() if other == text and new not in before]
        if item_id not in after and len(same) == 1:
            found[item_id] = same[0]
    return found


def ids_in(cell: Cell) -> list[str]:
    """The ids of a cell's exercise or items."""
    return [item.id for item in items(cell.source)] if cell.kind == "markdown" else [cell.exercise]


def self_reported(cells: Iterable[Cell]) -> dict[str, str]:
    """The texts of the self-reported items, by id."""
    found = (item for cell in cells if cell.kind == "markdown" for item in items(cell.source))
    return {item.id: item.text for item in found if not item.id[3:].isdigit()}
