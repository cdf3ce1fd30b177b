"""Both files of a pair made to say the same, by what is in them and never by file times.

.py -------+
           +--> sync --> both, and the base that the next sync starts from
.ipynb ----+
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.course.answers import is_filled
from kit.course.cells import Cell
from kit.course.checklist import tick_marks
from kit.course.course import Course
from kit.errors import KitError
from kit.git import backup
from kit.git.backup import Backup
from kit.lock import while_locked
from kit.pairs import convert
from kit.pairs.base import candidate_bases, store_base
from kit.pairs.merge import merge
from kit.pairs.pair import Cells, Pair, Side, read, write


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync has done to a pair: which files it wrote, the cells of which two versions are kept, and the backup
    of what would else be gone."""

    pair: Pair
    wrote: tuple[Side, ...] = ()
    clashes: tuple[str, ...] = ()
    damaged: bool = False
    backup: Backup | None = None


def combine(course: Course, pair: Pair, script: Cells, notebook: Cells, hook: bool) -> tuple[Cells, tuple[str, ...]]:
    """The cells that both sides shall have, and the names of those of which two versions are kept."""
    one, two = convert.keys(script), convert.keys(notebook)
    known: list[Cells] = []
    for base in candidate_bases(course, pair, hook):
        known.append(base)
        if convert.keys(base) == one:
            return notebook, ()
        if convert.keys(base) == two:
            return script, ()
    here = {*one}, {*two}
    nearest = max(known, key=lambda base: sum(len(side & {*convert.keys(base)}) for side in here), default=None)
    merged = merge(nearest, script, notebook)
    return merged.cells, merged.clashes


def lost(before: Iterable[Sequence[Cell]], after: Sequence[Cell]) -> bool:
    """Whether a filled exercise or a tick that was on a side is on none any more."""

    def work(cells: Sequence[Cell]) -> set[str]:
        filled = {cell.exercise for cell in cells if cell.exercise and is_filled(cell.source)}
        return filled | {f"item {id}" for id, mark in tick_marks(cells).items() if mark == "x"}

    return any(work(cells) - work(after) for cells in before)


def sync(course: Course, pair: Pair, hook: bool = False) -> Synced:
    """Make both files say the same, and remember what they say.

    A file whose cells are right is not touched. The `.py` is written first.

    Raises:
        KitError: a file cannot be read or written, or neither has a cell in it.
    """
    return while_locked(pair.root, lambda: sync_once(course, pair, hook))


def sync_once(course: Course, pair: Pair, hook: bool) -> Synced:
    """One attempt at a sync; `disk.Changed` when somebody else wrote in the middle of it."""
    sides = read(pair)
    if sides.script is None and sides.notebook is None:
        raise KitError(
            "neither the .py nor the notebook has anything in it",
            pair.name,
            f"python scripts/reset_to_todo.py {pair.id}, or git checkout -- {pair.name}.py",
        )
    clashes: tuple[str, ...] = ()
    if sides.script is None or sides.notebook is None:
        cells = sides.script or sides.notebook or ()
    elif convert.keys(sides.script) == convert.keys(sides.notebook):
        store_base(pair, sides.script)
        return Synced(pair)
    else:
        cells, clashes = combine(course, pair, sides.script, sides.notebook, hook)
    saved = None
    gone = lost([side for side in (sides.script, sides.notebook) if side], cells)
    if sides.damaged or gone or clashes:
        try:
            saved = backup.make(pair.root, "sync", pair.name, [pair.script, pair.notebook])
        except KitError:
            if sides.damaged or gone:  # of a clash both versions are kept in the files
                raise
    wrote = write(pair, sides, cells)
    store_base(pair, cells)
    return Synced(pair, wrote, clashes, sides.damaged, saved)


def describe(done: Synced) -> str:
    """What a sync has done, in a line."""
    name, both = done.pair.name, len(done.wrote) == 2
    if done.damaged:
        text = f"{name}.ipynb was damaged and is made anew from the .py"
    elif both:
        text = f"{name}.py and .ipynb merged"
    else:
        here, there = (".py", ".ipynb") if done.wrote == ("script",) else (".ipynb", ".py")
        text = f"{name}{here} follows {there}"
    if done.clashes:
        text += (
            f"; two versions kept of {', '.join(done.clashes)}, one behind the other: choose, and delete the lower one"
        )
    if done.backup:
        text += f"; what was there before: {done.backup.command}"
    return text
