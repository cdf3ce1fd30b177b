"""A chapter's pair: a `.py` and the notebook beside it, kept to say the same by what is in them, never by file times.

    .py -------+
               +--> sync --> both, and the base that the next sync starts from
    .ipynb ----+

The base is the text of the last sync, `.workshop/base/<language>/<chapter>.py`; else the newest commit in which both
sides agree; else the chapter's todo.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kit import backup, clone, disk, mirror
from kit.backup import Backup
from kit.cell import Cell
from kit.course import CHAPTER_FILE, Course
from kit.errors import KitError
from kit.merge import marks, merge
from kit.render import learner_cells
from kit.work import is_filled

Cells = tuple[Cell, ...]
Side = Literal["script", "notebook"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The two files of one chapter in one language, there or not."""

    root: Path
    language: str
    stem: str

    @property
    def id(self) -> str:
        """The chapter's two digits."""
        return self.stem[2:4]

    @property
    def script(self) -> Path:
        """The `.py`."""
        return self.root / "workshop" / self.language / f"{self.stem}.py"

    @property
    def notebook(self) -> Path:
        """The notebook."""
        return self.script.with_suffix(".ipynb")

    @property
    def base(self) -> Path:
        """What both said after the last sync."""
        return self.root / disk.OWN / "base" / self.language / f"{self.stem}.py"

    @property
    def name(self) -> str:
        """The pair as a message names it."""
        return f"workshop/{self.language}/{self.stem}"


@dataclass(frozen=True, slots=True)
class Sides:
    """What was read: the bytes of both files, and their cells. `None` where a file is missing, empty or damaged."""

    script_bytes: bytes | None
    notebook_bytes: bytes | None
    script: Cells | None
    notebook: Cells | None
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync has done to a pair: which files it wrote, the cells of which two versions are kept, and the backup
    of what would else be gone."""

    pair: Pair
    wrote: tuple[Side, ...] = ()
    clashes: tuple[str, ...] = ()
    damaged: bool = False
    backup: Backup | None = None


def pairs(course: Course) -> list[Pair]:
    """Every pair of the course of which a file is there, in order."""
    folders = sorted(path for path in (course.root / "workshop").glob("*") if path.is_dir())
    return [
        Pair(course.root, folder.name, stem)
        for folder in folders
        for stem in sorted({path.stem for path in folder.glob("ch*") if CHAPTER_FILE.fullmatch(path.name)})
    ]


def pair_of(course: Course, path: Path) -> Pair:
    """The pair that a file belongs to.

    Raises:
        KitError: it is no chapter's file.
    """
    absolute, root = path.absolute(), course.root.absolute()
    parts = absolute.relative_to(root).parts if absolute.is_relative_to(root) else ()
    if len(parts) != 3 or parts[0] != "workshop" or not CHAPTER_FILE.fullmatch(parts[2]):
        raise KitError("this is no chapter's file", str(path), "name one such as workshop/en/ch00_start.py")
    return Pair(course.root, parts[1], absolute.stem)


def read(pair: Pair) -> Sides:
    """Both files of a pair.

    Raises:
        KitError: one cannot be read, or the `.py` is not to be understood.
    """
    script, notebook = disk.read(pair.script, pair.root), disk.read(pair.notebook, pair.root)
    left = mirror.script_cells(script, f"{pair.name}.py") if script and script.strip() else ()
    right: Cells = ()
    damaged = False
    if notebook is not None:
        try:
            right = mirror.notebook_cells(notebook, f"{pair.name}.ipynb")
        except KitError:
            damaged = bool(notebook.strip())
    return Sides(script, notebook, left or None, right or None, damaged)


def bases(pair: Pair, hook: bool) -> Iterator[Cells]:
    """What both sides may come from, best first.

    In a pre-commit run (`hook`) a file that is not staged stands there as HEAD has it, so HEAD is asked first.
    """
    found = [synced, committed]
    for ask in reversed(found) if hook else found:
        cells = ask(pair)
        if cells:
            yield cells


def synced(pair: Pair) -> Cells | None:
    """What both sides said after the last sync, if it is known."""
    try:
        data = disk.read(pair.base, pair.root)
        return mirror.script_cells(data, pair.base.name) if data else None
    except KitError:
        return None


def committed(pair: Pair) -> Cells | None:
    """What the newest commit says in which both sides agree, or in which there is only one."""
    for script, notebook in clone.past(pair.root, [f"{pair.name}.py", f"{pair.name}.ipynb"]):
        try:
            one = mirror.script_cells(script, pair.name) if script else ()
            two = mirror.notebook_cells(notebook, pair.name) if notebook else ()
        except KitError:
            continue
        if not one or not two or mirror.keys(one) == mirror.keys(two):
            return one or two or None
    return None


def todo(course: Course, pair: Pair) -> Cells | None:
    """The chapter's todo, where the course has it in this language."""
    with contextlib.suppress(KitError):
        if pair.language == "en":
            return learner_cells(course.chapter(pair.id))
    return None


def combine(course: Course, pair: Pair, script: Cells, notebook: Cells, hook: bool) -> tuple[Cells, tuple[str, ...]]:
    """The cells that both sides shall have, and the names of those of which two versions are kept."""
    one, two = mirror.keys(script), mirror.keys(notebook)
    known: list[Cells] = []
    for base in bases(pair, hook):
        known.append(base)
        if mirror.keys(base) == one:
            return notebook, ()
        if mirror.keys(base) == two:
            return script, ()
    if not known:
        start = todo(course, pair)
        known = [start] if start else []
    here = {*one}, {*two}
    nearest = max(known, key=lambda base: sum(len(side & {*mirror.keys(base)}) for side in here), default=None)
    merged = merge(nearest, script, notebook)
    return merged.cells, merged.clashes


def lost(before: Iterable[Sequence[Cell]], after: Sequence[Cell]) -> bool:
    """Whether a filled exercise or a tick that was on a side is on none any more."""

    def work(cells: Sequence[Cell]) -> set[str]:
        filled = {cell.exercise for cell in cells if cell.exercise and is_filled(cell.source)}
        return filled | {f"item {id}" for id, mark in marks(cells).items() if mark == "x"}

    return any(work(cells) - work(after) for cells in before)


def sync(course: Course, pair: Pair, hook: bool = False) -> Synced:
    """Make both files say the same, and remember what they say.

    A file whose cells are right is not touched. The `.py` is written first.

    Raises:
        KitError: a file cannot be read or written, or neither has a cell in it.
    """
    return disk.steadily(pair.root, lambda: sync_once(course, pair, hook))


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
    elif mirror.keys(sides.script) == mirror.keys(sides.notebook):
        remember(pair, sides.script)
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
    remember(pair, cells)
    return Synced(pair, wrote, clashes, sides.damaged, saved)


def write(pair: Pair, sides: Sides, cells: Cells) -> tuple[Side, ...]:
    """Write the files that do not have these cells yet, the `.py` first, if they still hold what was read.

    Raises:
        disk.Changed: one of them does not.
        KitError: one of them cannot be written.
    """
    wrote: list[Side] = []
    wanted = mirror.keys(cells)
    if sides.script is None or mirror.keys(sides.script) != wanted:
        data = visible(mirror.script(cells), sides.script_bytes)
        disk.write(pair.script, data, pair.root, expected=(sides.script_bytes,))
        wrote.append("script")
    if sides.notebook is None or mirror.keys(sides.notebook) != wanted:
        old = sides.notebook_bytes if sides.notebook else None
        data = visible(mirror.notebook(cells, pair.id, old), sides.notebook_bytes)
        disk.write(pair.notebook, data, pair.root, expected=(sides.notebook_bytes,))
        wrote.append("notebook")
    return tuple(wrote)


def visible(new: bytes, old: bytes | None) -> bytes:
    """The new bytes, an empty line longer where they are as many as the old: an editor that holds unsaved edits tells
    by the size alone that the file has changed under it."""
    return new + b"\n" if old is not None and len(new) == len(old) else new


def remember(pair: Pair, cells: Sequence[Cell]) -> None:
    """Keep these cells as the base of the next sync. Nothing is lost where that fails: then an older base serves."""
    with contextlib.suppress(KitError):
        disk.write(pair.base, mirror.script(cells), pair.root)


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
