"""A learner's chapter brought to a newer version of the course: texts and exercises arrive, answers and ticks stay.

    todo before (base) ---+--- the learner's cells (ours) ---+
                          |                                  +---> Revision: cells, and what became of the answers
                          +--- todo now (theirs) ------------+

Exercises are matched by id, or by text where the course has renumbered them (`renumber`). If only one side has changed
a cell, that side's version is taken. If both have, the changes are merged line by line if they don't touch. Otherwise
an answer stays as it was, and any other cell becomes the course's version, followed by the learner's as comments. Work
on exercises that the course no longer has is returned for `kit.learner.update.archive` to keep.
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
from kit.pairs.align import Token
from kit.pairs.convert import parses
from kit.pairs.line_merge import merge_lines
from kit.pairs.merge import Versions, name, rejected_version, same, unmarked

Outcome = Literal["", "kept", "merged", "clash", "removed"]
COURSE_ABOVE = "you and the course have both changed it. The one above is the course's, this one is yours."
ELSEWHERE_ABOVE = "it was changed in two places. The one above is from elsewhere, this one is from here."
OURS_ABOVE = "it was changed in two places. The one above is from this copy, this one is from the other."


@dataclass(frozen=True, slots=True)
class RemovedWork:
    """The learner's work on an exercise or item that the course no longer has, under the id it had."""

    id: str
    item: str = ""  # its checklist line, as it was
    source: str = ""  # its cell, if there was work in it


@dataclass(frozen=True, slots=True)
class Revision:
    """The chapter's new cells.

    `kept` names changed exercises whose answers are as they were, `merged` those whose answers are now in the changed
    cell, `clashes` the cells kept in two versions, `new` the exercises that were added, `renumbered` those with another
    id, as (old, new).
    """

    cells: tuple[Cell, ...]
    kept: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()
    removed: tuple[RemovedWork, ...] = ()
    new: tuple[str, ...] = ()
    renumbered: tuple[tuple[str, str], ...] = ()


class Choice(NamedTuple):
    """The version of a cell that stays, the rejected one to keep after it, and what that means for the learner."""

    cell: Cell | None
    rejected: Cell | None = None
    outcome: Outcome = ""


def revise(
    base: Sequence[Cell] | None, ours: Sequence[Cell], theirs: Sequence[Cell], elsewhere: bool = False
) -> Revision:
    """The learner's cells with what has changed from `base` to `theirs`; `base` is `None` if it isn't known.

    All cells are in script form. Revising the result again adds nothing and removes nothing. `theirs` is the course's,
    or with `elsewhere` the learner's own, saved in another place.
    """
    ids = {} if base is None else new_ids(base, theirs, ours)
    theirs_by_id = exercises(theirs)
    origin = renamed(base or (), ids, theirs_by_id)
    mine = ours if base and is_newer(base, ours, theirs) else renamed(ours, ids, theirs_by_id)
    versions = Versions(None if base is None else origin, theirs, mine)
    old_cells = dict(zip(versions.second, ours, strict=True))
    ticks = merge_ticks(tick_marks(origin), tick_marks(mine), tick_marks(theirs))

    chosen: dict[Token, Cell] = {}
    rejected: dict[Token, Cell] = {}
    outcomes: dict[Outcome, list[str]] = {"kept": [], "merged": [], "clash": []}
    lost: list[Cell] = []
    for token in versions.tokens():
        choice = resolve(versions.base.get(token), versions.second.get(token), versions.first.get(token), elsewhere)
        if choice.outcome == "removed":
            lost.append(old_cells[token])
        elif choice.outcome:
            outcomes[choice.outcome].append(name(choice.cell or versions.second[token]))
        if choice.cell is not None:
            chosen[token] = with_marks(choice.cell, ticks)
            if choice.rejected is not None:
                rejected[token] = choice.rejected
    cells = versions.assemble(chosen, rejected)
    known = exercises(origin)
    return Revision(
        cells,
        tuple(outcomes["kept"]),
        tuple(outcomes["merged"]),
        tuple(outcomes["clash"]),
        removed_work(ours, mine, lost, {item_id for item_id, mark in tick_marks(cells).items() if mark != " "}),
        tuple(each for each in theirs_by_id if base is not None and each not in known),
        tuple(
            (old, ids[old]) for old in exercises(base or ()) if ids.get(old, old) != old and ids[old] in theirs_by_id
        ),
    )


def resolve(base: Cell | None, ours: Cell | None, theirs: Cell | None, elsewhere: bool = False) -> Choice:
    """Which version of a cell stays."""
    if ours is None or theirs is None:
        return resolve_missing(base, ours, theirs)
    if base is not None and base.exercise and not theirs.exercise:  # an exercise has become a given cell
        return Choice(theirs, None, "removed" if ours.exercise and not same(base, ours) else "")
    if same(ours, theirs) or (base and same(base, ours)):
        return Choice(theirs)
    if base and same(base, theirs):
        return Choice(ours)
    if ours.kind == theirs.kind == "markdown":
        old, mine, other = (unmarked(cell) if cell else None for cell in (base, ours, theirs))
        if mine in (old, other):
            return Choice(theirs)
        if old == other:
            return Choice(ours)
    merged = merged_text(base, ours, theirs) if base else None
    if merged is not None:
        return Choice(merged, None, "merged" if merged.exercise else "")
    if ours.exercise and is_filled(ours.source):
        if is_filled(theirs.source):
            return Choice(ours, rejected_version(name(ours), theirs, OURS_ABOVE), "clash")
        return Choice(ours, None, "kept")
    above = ELSEWHERE_ABOVE if elsewhere else COURSE_ABOVE
    return Choice(theirs, rejected_version(name(theirs), ours, above), "clash")


def resolve_missing(base: Cell | None, ours: Cell | None, theirs: Cell | None) -> Choice:
    """Which version stays if only one side has the cell: the other side added it, or this one deleted it."""
    if ours is None:
        unchanged = base is not None and theirs is not None and unmarked(base) == unmarked(theirs)
        return Choice(None if unchanged else theirs)
    if base is None:
        return Choice(ours)
    if ours.kind == "markdown" and unmarked(base) == unmarked(ours):
        return Choice(None)
    if base.exercise:
        return Choice(None, None, "" if same(base, ours) else "removed")
    return Choice(None if same(base, ours) else ours)


def merged_text(base: Cell, ours: Cell, theirs: Cell) -> Cell | None:
    """A cell with both sides' changes; `None` if they touch, or if the result would be blank or invalid Python."""
    if not base.kind == ours.kind == theirs.kind:
        return None
    text = merge_lines(*(unticked(cell).source for cell in (base, ours, theirs)))
    if text is None:
        return None
    cell = Cell(theirs.kind, text, theirs.line)
    if cell.kind == "markdown":
        return cell
    emptied = is_filled(ours.source) and not is_filled(text)
    return cell if cell.exercise == theirs.exercise and parses(text) and not emptied else None


def chapter_of(cells: Iterable[Cell]) -> str:
    """The two digits that most of the exercises' ids begin with; empty if there are no exercises."""
    found = Counter(cell.exercise[:2] for cell in cells if cell.exercise)
    return found.most_common(1)[0][0] if found else ""


def new_ids(base: Sequence[Cell], theirs: Sequence[Cell], ours: Sequence[Cell]) -> dict[str, str]:
    """The ids that change, old to new; all of them if the chapter itself has another number now."""
    was, now = chapter_of(base), chapter_of(theirs)
    shift: dict[str, str] = {}
    if was and now and was != now:
        ids = {*exercises(base), *tick_marks(base), *exercises(ours), *tick_marks(ours)}
        shift = {each: now + each[2:] for each in ids if each[:2] == was}
    shifted = set(shift.values())
    later = renames(renamed(base, shift, shifted), theirs, renamed(ours, shift, shifted))
    found = {old: later.get(new, new) for old, new in shift.items()}
    return found | {old: new for old, new in later.items() if old not in shifted and old not in found}


def is_newer(base: Sequence[Cell], ours: Sequence[Cell], theirs: Sequence[Cell]) -> bool:
    """Whether our cells already have the newer texts and checklists, and so the new ids."""

    def texts(cells: Sequence[Cell]) -> set[tuple[str, str]]:
        listed = (item for cell in cells if cell.kind == "markdown" for item in items(cell.source))
        return {*map(unmarked, cells), *((item.id, item.text) for item in listed)}

    old, mine, new = map(texts, (base, ours, theirs))
    return len(mine & (new - old)) > len(mine & (old - new))


def removed_work(
    ours: Sequence[Cell], mine: Sequence[Cell], lost: Sequence[Cell], ticked: set[str]
) -> tuple[RemovedWork, ...]:
    """The lost cells, and our ticks that aren't in the result (`ticked`). `mine` is `ours` with new ids."""
    found = {cell.exercise: RemovedWork(cell.exercise, "", cell.source) for cell in lost}
    for cell, new in zip(ours, mine, strict=True):
        if cell.kind != "markdown":
            continue
        for item, other in zip(items(cell.source), items(new.source), strict=True):
            if item.id in found or (other.id not in ticked and tick_marks([new]).get(other.id, " ") != " "):
                line = cell.source.split("\n")[item.line - 1].strip()
                found[item.id] = RemovedWork(item.id, line, found[item.id].source if item.id in found else "")
    return tuple(found[each] for each in sorted(found))


def describe_revision(done: Revision, archive: str = "") -> list[str]:
    """What the learner should look at, as lines: none if every change fitted.

    Work on removed exercises is in the `archive`, or else in the chapter itself.
    """
    lines = [f"{each} has changed; your answer is in the new version of its cell: check it" for each in done.merged]
    lines += [f"{each} has changed; your answer is as it was: check it" for each in done.kept]
    lines += [f"both versions of {title} are kept: pick one and delete the lower cell" for title in done.clashes]
    for lost in done.removed:
        if archive:
            lines.append(f"{lost.id} is no longer in the course; your work is in {archive}")
        else:
            lines.append(f"{lost.id} is no longer in the course; your work is at the chapter's end, as comments")
    return lines
