"""A chapter's pair: a `.py`, which git merges and people review, and the notebook beside it, which is read and run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kit import files
from kit.course.cells import Cell
from kit.course.course import CHAPTER_FILE, Course
from kit.course.render import learner_cells
from kit.errors import KitError
from kit.pairs import convert

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
        return self.root / files.WORKSHOP_FOLDER / "base" / self.language / f"{self.stem}.py"

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
    real, root = Path(os.path.realpath(path.parent)) / path.name, Path(os.path.realpath(course.root))
    parts = real.relative_to(root).parts if real.is_relative_to(root) else ()
    if len(parts) != 3 or parts[0] != "workshop" or not CHAPTER_FILE.fullmatch(parts[2]):
        raise KitError("this is no chapter's file", str(path), "name one such as workshop/en/ch00_start.py")
    return Pair(course.root, parts[1], real.stem)


def todo(course: Course, pair: Pair) -> Cells:
    """The cells of both files before the learner's first edit.

    Raises:
        KitError: the course does not have this chapter, or not in this language.
    """
    if pair.language != "en":
        raise KitError(f"the course has no todo in the language {pair.language!r}", pair.name, "take the English one")
    return learner_cells(course.chapter(pair.id))


def read(pair: Pair) -> Sides:
    """Both files of a pair.

    Raises:
        KitError: one cannot be read, or the `.py` is not to be understood.
    """
    script, notebook = files.read(pair.script, pair.root), files.read(pair.notebook, pair.root)
    left = convert.script_cells(script, f"{pair.name}.py") if script and script.strip() else ()
    right: Cells = ()
    damaged = False
    if notebook is not None:
        try:
            right = convert.notebook_cells(notebook, f"{pair.name}.ipynb")
        except KitError:
            damaged = bool(notebook.strip())
    return Sides(script, notebook, left or None, right or None, damaged)


def written(pair: Pair, sides: Sides, script: Cells, notebook: Cells) -> dict[Path, bytes]:
    """What to write so that the files have these cells, the `.py` first; a file that has them already is not in it."""
    found: dict[Path, bytes] = {}
    if sides.script is None or convert.keys(sides.script) != convert.keys(script):
        found[pair.script] = visible(convert.script(script), sides.script_bytes)
    if sides.notebook is None or convert.keys(sides.notebook) != convert.keys(notebook):
        old = sides.notebook_bytes if sides.notebook else None
        found[pair.notebook] = visible(convert.notebook(notebook, pair.id, old), sides.notebook_bytes)
    return found


def write(pair: Pair, sides: Sides, cells: Cells) -> tuple[Side, ...]:
    """Write these cells into the files that do not have them yet, if those still hold what was read.

    Raises:
        disk.Changed: one of them does not.
        KitError: one of them cannot be written.
    """
    found = written(pair, sides, cells, cells)
    before: dict[Path, bytes | None] = {pair.script: sides.script_bytes, pair.notebook: sides.notebook_bytes}
    for path, data in found.items():
        files.write(path, data, pair.root, expected=before[path])
    return tuple("script" if path == pair.script else "notebook" for path in found)


def visible(new: bytes, old: bytes | None) -> bytes:
    """The new bytes, an empty line longer where they are as many as the old: an editor that holds unsaved edits tells
    by the size alone that the file has changed under it."""
    return new + b"\n" if old is not None and len(new) == len(old) else new
