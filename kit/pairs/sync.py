"""Makes both files of a pair say the same, going by what's in them and never by file times.

.py -------+
           +--> sync --> both files, and the base for the next sync
.ipynb ----+
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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
from kit.pairs.pair import Cells, FileKind, Pair, PairFiles, read_pair, write_pair


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did to a pair.

    `wrote` names the files it wrote, `clashes` the cells kept in two versions; `backup` has what would otherwise be
    lost. `cells` is what both files say now, with the line numbers of the `.py`.
    """

    pair: Pair
    wrote: tuple[FileKind, ...] = ()
    clashes: tuple[str, ...] = ()
    damaged: bool = False
    backup: Backup | None = None
    cells: Cells = field(default=(), compare=False, repr=False)


def combine(course: Course, pair: Pair, script: Cells, notebook: Cells, hook: bool) -> tuple[Cells, tuple[str, ...]]:
    """The cells that both files should have, and the names of those kept in two versions."""
    in_script, in_notebook = convert.keys(script), convert.keys(notebook)
    known: list[Cells] = []
    for base in candidate_bases(course, pair, hook):
        known.append(base)
        if convert.keys(base) == in_script:
            return notebook, ()
        if convert.keys(base) == in_notebook:
            return script, ()

    def shared_cells(base: Cells) -> int:
        keys = {*convert.keys(base)}
        return len(keys & {*in_script}) + len(keys & {*in_notebook})

    merged = merge(max(known, key=shared_cells, default=None), script, notebook)
    return merged.cells, merged.clashes


def work_in(cells: Sequence[Cell]) -> set[str]:
    """The filled exercises and the ticks in these cells."""
    filled = {cell.exercise for cell in cells if cell.exercise and is_filled(cell.source)}
    return filled | {f"item {item_id}" for item_id, mark in tick_marks(cells).items() if mark == "x"}


def loses_work(before: Iterable[Sequence[Cell]], after: Sequence[Cell]) -> bool:
    """Whether a filled exercise or a tick that was in one of the files is now in neither."""
    return any(work_in(cells) - work_in(after) for cells in before)


def sync(course: Course, pair: Pair, hook: bool = False) -> Synced:
    """Make both files say the same, and remember what they say.

    A file that already has the right cells isn't touched. The `.py` is written first.

    Raises:
        KitError: a file can't be read or written, or neither has a cell in it.
    """
    return while_locked(pair.root, lambda: sync_once(course, pair, hook))


def sync_once(course: Course, pair: Pair, hook: bool) -> Synced:
    """One attempt at a sync; raises `files.FileChanged` if something else writes to a file meanwhile."""
    found = read_pair(pair)
    if found.cells is None:
        raise KitError(
            "both the .py and the notebook are empty or missing",
            pair.name,
            f"python scripts/reset_to_todo.py {pair.id}, or git checkout -- {pair.name}.py",
        )
    cells: Cells
    clashes: tuple[str, ...] = ()
    if not found.script or not found.notebook:
        cells = found.cells
    elif convert.keys(found.script) == convert.keys(found.notebook):
        store_base(pair, found.script)
        return Synced(pair, cells=found.script)
    else:
        cells, clashes = combine(course, pair, found.script, found.notebook, hook)
    saved = None
    lossy = found.damaged or loses_work([side for side in (found.script, found.notebook) if side], cells)
    if lossy or clashes:
        try:
            saved = backup.make(pair.root, "sync", pair.name, [pair.script, pair.notebook])
        except KitError:
            if lossy:  # after a mere clash, the files themselves keep both versions
                raise
    wrote = write_pair(pair, found, cells)
    store_base(pair, cells)
    if found.script is None or "script" in wrote:
        script = convert.script_cells(convert.script_bytes(cells), pair.name)
    else:
        script = found.script
    return Synced(pair, wrote, clashes, found.damaged, saved, script)


def read_synced(course: Course, pair: Pair) -> PairFiles:
    """Both files of a pair after a sync; a pair without any cells is left as it is.

    Raises:
        KitError: as `read_pair` and `sync`.
    """
    found = read_pair(pair)
    return read_pair(pair) if found.cells is not None and sync(course, pair).wrote else found


def describe(done: Synced) -> str:
    """What a sync did, in one line."""
    name = done.pair.name
    if done.damaged:
        text = f"{name}.ipynb was damaged, so it was rebuilt from the .py"
    elif len(done.wrote) == 2:
        text = f"{name}: merged the .py and the notebook"
    else:
        updated, source = (".py", "notebook") if done.wrote == ("script",) else (".ipynb", ".py")
        text = f"{name}{updated} updated from the {source}"
    if done.clashes:
        text += f"; both versions of {', '.join(done.clashes)} are kept: pick one and delete the lower cell"
    if done.backup:
        text += f"; to get the old files back: {done.backup.command}"
    return text
