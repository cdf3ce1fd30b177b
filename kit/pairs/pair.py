"""A chapter's pair: the `.py`, which git merges and people review, and its notebook, which people read and run."""

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
from kit.translation.edition import edition, has_edition

Cells = tuple[Cell, ...]
FileKind = Literal["script", "notebook"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The two files of one chapter in one language, whether they exist or not."""

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
    def paths(self) -> tuple[str, str]:
        """Both files, as git names them: relative to the root, the `.py` first."""
        return f"{self.name}.py", f"{self.name}.ipynb"

    @property
    def base(self) -> Path:
        """The file with what both said after the last sync."""
        return self.root / files.WORKSHOP_FOLDER / "base" / self.language / f"{self.stem}.py"

    @property
    def name(self) -> str:
        """What messages call the pair: its path without a suffix."""
        return f"workshop/{self.language}/{self.stem}"


@dataclass(frozen=True, slots=True)
class PairFiles:
    """Both files as read: their bytes (`None`: no file), and their cells (`None`: missing, empty or damaged)."""

    script_bytes: bytes | None
    notebook_bytes: bytes | None
    script: Cells | None
    notebook: Cells | None
    damaged: bool = False

    @property
    def cells(self) -> Cells | None:
        """The cells of the `.py`, or of the notebook where the `.py` has none."""
        return self.script or self.notebook


def list_pairs(course: Course) -> list[Pair]:
    """Every pair of a chapter of the course with at least one existing file, in order."""
    folders = sorted(path for path in (course.root / "workshop").glob("*") if path.is_dir())
    return [
        Pair(course.root, folder.name, stem)
        for folder in folders
        for stem in sorted(
            course.stems & {path.stem for path in folder.glob("ch*") if CHAPTER_FILE.fullmatch(path.name)}
        )
    ]


def pair_of(course: Course, path: Path) -> Pair:
    """The pair that a file belongs to.

    Raises:
        KitError: it isn't a chapter's file.
    """
    real, root = Path(os.path.realpath(path.parent)) / path.name, Path(os.path.realpath(course.root))
    parts = real.relative_to(root).parts if real.is_relative_to(root) else ()
    if len(parts) != 3 or parts[0] != "workshop" or not CHAPTER_FILE.fullmatch(parts[2]):
        raise KitError("this isn't a chapter's file", str(path), "name one such as workshop/en/ch00_start.py")
    return Pair(course.root, parts[1], real.stem)


def todo_cells(course: Course, pair: Pair) -> Cells:
    """The cells of both files before the learner's first edit.

    Raises:
        KitError: the course doesn't have this chapter, or not in this language.
    """
    if not has_edition(course.root, pair.language):
        raise KitError(f"the course has no todos in the language {pair.language!r}", pair.name, "use the English one")
    return learner_cells(edition(course, course.chapter(pair.id), pair.language), language=pair.language)


def read_pair(pair: Pair) -> PairFiles:
    """Both files of a pair.

    Raises:
        KitError: a file can't be read, or the `.py` isn't UTF-8 or has conflict markers in it.
    """
    script, notebook = files.read(pair.script, pair.root), files.read(pair.notebook, pair.root)
    script_cells = convert.script_cells(script, f"{pair.name}.py") if script and script.strip() else ()
    notebook_cells: Cells = ()
    damaged = False
    if notebook is not None:
        try:
            notebook_cells = convert.notebook_cells(notebook, f"{pair.name}.ipynb")
        except KitError:
            damaged = bool(notebook.strip())
    return PairFiles(script, notebook, script_cells or None, notebook_cells or None, damaged)


def bytes_to_write(pair: Pair, found: PairFiles, script: Cells, notebook: Cells) -> dict[Path, bytes]:
    """New bytes for the files that don't have these cells yet, the `.py` first."""
    wanted: dict[Path, bytes] = {}
    if found.script is None or convert.keys(found.script) != convert.keys(script):
        wanted[pair.script] = resized(convert.script_bytes(script), found.script_bytes)
    if found.notebook is None or convert.keys(found.notebook) != convert.keys(notebook):
        old = found.notebook_bytes if found.notebook else None
        wanted[pair.notebook] = resized(convert.notebook_bytes(notebook, pair.id, old), found.notebook_bytes)
    return wanted


def write_pair(pair: Pair, found: PairFiles, cells: Cells) -> tuple[FileKind, ...]:
    """Write these cells to the files that don't have them yet, provided those files are still as they were read.

    Raises:
        files.FileChanged: one of them has been written to since.
        KitError: one of them can't be written.
    """
    wanted = bytes_to_write(pair, found, cells, cells)
    before: dict[Path, bytes | None] = {pair.script: found.script_bytes, pair.notebook: found.notebook_bytes}
    for path, data in wanted.items():
        files.write(path, data, pair.root, expected=before[path])
    return tuple("script" if path == pair.script else "notebook" for path in wanted)


def resized(new: bytes, old: bytes | None) -> bytes:
    """The new bytes, plus an empty line if there'd be exactly as many as before.

    An editor with unsaved edits only notices that its file has changed on disk if the size has.
    """
    return new + b"\n" if old is not None and len(new) == len(old) else new
