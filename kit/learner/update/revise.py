"""A learner's chapter brought to a newer text of the course: texts and exercises arrive, answers and ticks stay.

    todo before (base) ---+--- the learner's cells (ours) ---+
                          |                                  +---> Revision: cells, and what became of the answers
                          +--- todo now (theirs) ------------+

Exercises are known by their ids, and by their texts where the course has renumbered them (renumber). What only
one side has changed is taken from it. Where both have, the changes are woven line by line if they do not touch; else
an answer stays and the new todo yields, and of any other cell the course's version stands with the learner's behind
it as comments. What belonged to an exercise that is gone is handed back, for kit.learner.update.archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kit.course.answers import is_filled
from kit.course.cells import Cell
from kit.course.checklist import items, merge_ticks, tick_marks, unticked, with_marks
from kit.learner.update.renumber import exercises, renamed, renames
from kit.pairs.align import Token, assign
from kit.pairs.convert import key, parses
from kit.pairs.line_merge import merge_lines
from kit.pairs.merge import arrange, name, rejected_version, same, unmarked

Fate = Literal["", "kept", "woven", "both", "gone"]
THEIRS_ABOVE = "the course has changed it, and so have you. The one above is the course's, this one yours."
OURS_ABOVE = "it was changed in two places. The one above is this copy's, this one the other's."


@dataclass(frozen=True, slots=True)
class RemovedWork:
    """What the learner had in an exercise or item that the course has no longer, under the id that it had."""

    id: str
    item: str = ""  # its checklist line, as it stood there
    source: str = ""  # its cell, where it was worked on


@dataclass(frozen=True, slots=True)
class Revision:
    """The chapter's new cells.

    `kept` names exercises that have changed and whose answers stand as they were, `woven` those whose answers stand
    in the changed cell, `both` the cells of which two versions are kept, `new` the exercises that were added,
    `moved` those that have another id now, old and new.
    """

    cells: tuple[Cell, ...]
    kept: tuple[str, ...] = ()
    woven: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    gone: tuple[RemovedWork, ...] = ()
    new: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()


class Resolved(NamedTuple):
    """The version of a cell that stands, the one behind it, and what has happened to the learner's."""

    cell: Cell | None
    beside: Cell | None = None
    fate: Fate = ""


def revise(base: Sequence[Cell] | None, ours: Sequence[Cell], theirs: Sequence[Cell]) -> Revision:
    """The learner's cells with what has changed from `base` to `theirs`; `None`: it is not known what they come from.

    All cells are in the script's form. Doing it again with the result adds nothing and takes nothing away.
    """
    ids = {} if base is None else new_ids(base, theirs, ours)
    now = exercises(theirs)
    origin = renamed(base or (), ids, now)
    mine = ours if base and is_newer(base, ours, theirs) else renamed(ours, ids, now)
    by_theirs, by_ours = assign(origin, theirs, mine, alike=base is None)
    b = {("base", place): cell for place, cell in enumerate(origin)}
    t = dict(zip(by_theirs, theirs, strict=True))
    o = dict(zip(by_ours, mine, strict=True))
    before = dict(zip(by_ours, ours, strict=True))
    ticks = merge_ticks(tick_marks(origin), tick_marks(mine), tick_marks(theirs))

    chosen: dict[Token, Cell] = {}
    behind: dict[Token, Cell] = {}
    fates: dict[Fate, list[str]] = {"kept": [], "woven": [], "both": []}
    lost: list[Cell] = []
    for token in {**t, **o}:
        cell, beside, fate = resolve(b.get(token), o.get(token), t.get(token))
        if fate == "gone":
            lost.append(before[token])
        elif fate:
            fates[fate].append(name(cell or o[token]))
        if cell is not None:
            chosen[token] = with_marks(cell, ticks)
            if beside is not None:
                behind[token] = beside
    cells: list[Cell] = []
    there = {key(cell) for cell in chosen.values()}
    for token in arrange(list(b), by_theirs, by_ours, chosen):
        cells.append(chosen[token])
        if token in behind and key(behind[token]) not in there:
            cells.append(behind[token])
    old = exercises(base or ())
    return Revision(
        tuple(cells),
        tuple(fates["kept"]),
        tuple(fates["woven"]),
        tuple(fates["both"]),
        gone(ours, mine, lost, {id for id, mark in tick_marks(cells).items() if mark != " "}),
        tuple(id for id in now if base is not None and id not in exercises(origin)),
        tuple((id, ids[id]) for id in old if ids.get(id, id) != id and ids[id] in now),
    )


def resolve(base: Cell | None, ours: Cell | None, theirs: Cell | None) -> Resolved:
    """Which version of one cell stands."""
    if ours is None or theirs is None:
        return resolve_missing(base, ours, theirs)
    if base is not None and base.exercise and not theirs.exercise:  # no exercise any more, but a given cell
        return Resolved(theirs, None, "gone" if ours.exercise and not same(base, ours) else "")
    if same(ours, theirs) or (base and same(base, ours)):
        return Resolved(theirs)
    if base and same(base, theirs):
        return Resolved(ours)
    if ours.kind == theirs.kind == "markdown":
        old, mine, other = (unmarked(cell) if cell else None for cell in (base, ours, theirs))
        if mine in (old, other):
            return Resolved(theirs)
        if old == other:
            return Resolved(ours)
    together = merged_text(base, ours, theirs) if base else None
    if together is not None:
        return Resolved(together, None, "woven" if together.exercise else "")
    if ours.exercise and is_filled(ours.source):
        if is_filled(theirs.source):
            return Resolved(ours, rejected_version(name(ours), theirs, OURS_ABOVE), "both")
        return Resolved(ours, None, "kept")
    return Resolved(theirs, rejected_version(name(theirs), ours, THEIRS_ABOVE), "both")


def resolve_missing(base: Cell | None, ours: Cell | None, theirs: Cell | None) -> Resolved:
    """A cell that one side does not have: new there, or deleted here."""
    if ours is None:
        unchanged = base is not None and theirs is not None and unmarked(base) == unmarked(theirs)
        return Resolved(None if unchanged else theirs)
    if base is None:
        return Resolved(ours)
    if ours.kind == "markdown" and unmarked(base) == unmarked(ours):
        return Resolved(None)
    if base.exercise:
        return Resolved(None, None, "" if same(base, ours) else "gone")
    return Resolved(None if same(base, ours) else ours)


def merged_text(base: Cell, ours: Cell, theirs: Cell) -> Cell | None:
    """Both sides' changes to a cell in one, where they do not touch and nothing that was filled is empty then."""
    if not base.kind == ours.kind == theirs.kind:
        return None
    clean = [unticked(cell).source for cell in (base, ours, theirs)]
    text = merge_lines(*clean)
    if text is None:
        return None
    cell = Cell(theirs.kind, text, theirs.line)
    if cell.kind == "markdown":
        return cell
    emptied = is_filled(ours.source) and not is_filled(text)
    return cell if cell.exercise == theirs.exercise and parses(text) and not emptied else None


def chapter_of(cells: Iterable[Cell]) -> str:
    """The two digits with which most ids of exercises begin; empty where there is none."""
    found = Counter(cell.exercise[:2] for cell in cells if cell.exercise)
    return found.most_common(1)[0][0] if found else ""


def new_ids(base: Sequence[Cell], theirs: Sequence[Cell], ours: Sequence[Cell]) -> dict[str, str]:
    """The ids that change, old to new; all of them where the chapter itself has another number now."""
    was, now = chapter_of(base), chapter_of(theirs)
    shift: dict[str, str] = {}
    if was and now and was != now:
        every = {*exercises(base), *tick_marks(base), *exercises(ours), *tick_marks(ours)}
        shift = {id: now + id[2:] for id in every if id[:2] == was}
    every = set(shift.values())
    later = renames(renamed(base, shift, every), theirs, renamed(ours, shift, every))
    found = {id: later.get(new, new) for id, new in shift.items()}
    return found | {id: new for id, new in later.items() if id not in set(shift.values()) and id not in found}


def is_newer(base: Sequence[Cell], ours: Sequence[Cell], theirs: Sequence[Cell]) -> bool:
    """Whether these cells have the newer texts and checklists already, so that their ids are the new ones."""

    def said(cells: Sequence[Cell]) -> set[tuple[str, str]]:
        lists = (item for cell in cells if cell.kind == "markdown" for item in items(cell.source))
        return {*map(unmarked, cells), *((item.id, item.text) for item in lists)}

    old, mine, new = map(said, (base, ours, theirs))
    return len(mine & (new - old)) > len(mine & (old - new))


def gone(ours: Sequence[Cell], mine: Sequence[Cell], lost: Sequence[Cell], left: set[str]) -> tuple[RemovedWork, ...]:
    """What has no place any more: the cells that are lost, and ticks whose items are not among those `left`."""
    found = {cell.exercise: RemovedWork(cell.exercise, "", cell.source) for cell in lost}
    for cell, new in zip(ours, mine, strict=True):
        if cell.kind != "markdown":
            continue
        for item, other in zip(items(cell.source), items(new.source), strict=True):
            if item.id in found or (other.id not in left and tick_marks([new]).get(other.id, " ") != " "):
                line = cell.source.split("\n")[item.line - 1].strip()
                found[item.id] = RemovedWork(item.id, line, found[item.id].source if item.id in found else "")
    return tuple(found[id] for id in sorted(found))
