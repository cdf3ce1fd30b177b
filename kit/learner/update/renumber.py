"""Ids that the course has changed: an exercise is known by its id, and where the numbers have moved, by its text.

todo before, todo now --> {"06.03": "06.04"}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from kit.course.cells import ANCHOR, Cell
from kit.course.checklist import ITEM, items
from kit.pairs.align import match_edited
from kit.pairs.convert import key

COMMENT = re.compile(r"#[^\n]*")
ID = re.compile(r"(?<![\d.])\d\d\.\d\d(?![\d.])")
LAST = 99  # ids end with two digits


def nameless(cell: Cell) -> Cell:
    """An exercise with the id that all have here, and in which no comment names another."""
    return with_ids(cell, lambda _: "00.00")


def with_ids(cell: Cell, new: Callable[[str], str], mention: Callable[[str], str] | None = None) -> Cell:
    """The cell with other ids in its items, or in its `check(...)`; those in comments become what `mention` says."""

    def put(found: re.Match[str]) -> str:
        whole, start = found[0], found.start()
        return whole[: found.start("id") - start] + new(found["id"]) + whole[found.end("id") - start :]

    if cell.kind == "markdown":
        return Cell(cell.kind, ITEM.sub(put, cell.source), cell.line) if "[" in cell.source else cell
    if cell.kind != "code":
        return cell
    say = mention or new
    source = ANCHOR.sub(put, cell.source) if cell.exercise else cell.source
    if "#" in source:
        source = COMMENT.sub(lambda found: ID.sub(lambda id: say(id[0]), found[0]), source)
    return Cell(cell.kind, source, cell.line)


def renamed(cells: Iterable[Cell], ids: Mapping[str, str], known: Container[str]) -> tuple[Cell, ...]:
    """The cells with these ids, old to new, changed all at once; in comments only those whose new ones are `known`."""

    def mention(id: str) -> str:
        new = ids.get(id, id)
        return new if new in known else id

    return tuple(with_ids(cell, lambda id: ids.get(id, id), mention) for cell in cells) if ids else tuple(cells)


def exercises(cells: Iterable[Cell]) -> dict[str, Cell]:
    """The exercises by id, the first cell of each."""
    found: dict[str, Cell] = {}
    for cell in cells:
        if cell.exercise:
            found.setdefault(cell.exercise, cell)
    return found


def successors(base: Sequence[Cell], theirs: Sequence[Cell]) -> dict[str, str]:
    """For each exercise of the old todo the id that it has in the new one; one that is gone is not in it.

    The same text under another id is the same exercise; so a number that has moved takes the answer along. Else the
    same id is, unless it belongs to a text that has moved there. An exercise that has lost its number in this way and
    was edited as well is looked for between its neighbours.
    """
    before, after = exercises(base), exercises(theirs)
    olds, news = by_body(before), by_body(after)
    found: dict[str, str] = {}
    for text, ids in olds.items():
        there = news.get(text, [])
        stay = [id for id in ids if id in there]
        found |= {id: id for id in stay}
        moved, places = [id for id in ids if id not in stay], [id for id in there if id not in stay]
        if len(moved) == len(places):
            found |= dict(zip(moved, places, strict=True))
    taken = set(found.values())
    found |= {id: id for id in before if id not in found and id in after and id not in taken}
    return found | edited(before, after, found)


def by_body(cells: Mapping[str, Cell]) -> dict[str, list[str]]:
    """Ids by what stands in their cells."""
    found: dict[str, list[str]] = {}
    for id, cell in cells.items():
        found.setdefault(key(nameless(cell))[1], []).append(id)
    return found


def edited(before: Mapping[str, Cell], after: Mapping[str, Cell], known: Mapping[str, str]) -> dict[str, str]:
    """The successors of exercises whose number now belongs to another one, by the likeness of their texts."""
    olds, news = list(before), list(after)
    places = {news.index(new): olds.index(old) for old, new in known.items()}
    free = [id for id in olds if id not in known]
    if not any(id in after for id in free):
        return {}
    first = dict(places)
    match_edited(places, [*map(nameless, before.values())], [*map(nameless, after.values())])
    found = {olds[i]: news[j] for j, i in places.items() if j not in first}
    return {old: new for old, new in found.items() if old in after}


def renames(base: Sequence[Cell], theirs: Sequence[Cell], others: Iterable[Cell] = ()) -> dict[str, str]:
    """The ids that change: of exercises, and of self-reported items whose text stands under another id.

    An exercise that is gone and whose id belongs to another one now gets an id that occurs in none of the cells, those
    of `others` included, so that the two are not taken for one.
    """
    known = successors(base, theirs)
    used = {id for cell in (*base, *theirs, *others) for id in ids_of(cell)}
    found = {old: new for old, new in known.items() if old != new}
    for id in exercises(base):
        if id not in known and id in set(known.values()):
            numbers = (f"{id[:3]}{number:02d}" for number in range(LAST, -1, -1))
            free = next(number for number in numbers if number not in used)
            used.add(free)
            found[id] = free
    before, after = reported(base), reported(theirs)
    for id, text in before.items():
        same = [new for new, other in after.items() if other == text and new not in before]
        if id not in after and len(same) == 1:
            found[id] = same[0]
    return found


def ids_of(cell: Cell) -> list[str]:
    """All ids in a cell."""
    return [item.id for item in items(cell.source)] if cell.kind == "markdown" else [cell.exercise]


def reported(cells: Iterable[Cell]) -> dict[str, str]:
    """The texts of the self-reported items by id."""
    found = (item for cell in cells if cell.kind == "markdown" for item in items(cell.source))
    return {item.id: item.text for item in found if not item.id[3:].isdigit()}
