"""What is carried into a sandbox, as a folder: the kit's code, and each chapter cut into cells that are read in turn.

    STAGE/code/{kit,workshop}            without chapters
    STAGE/chapters/06/cells/017-06.03    one finished cell, with what it redraws
    STAGE/chapters/06/site/nanogpt       what chapters before this one export; its own part is imported when asked for

A walker opens a cell when its turn is there. A holder, which was forked before, hides the folder first: so neither the
disk nor the memory of a trial holds the answer to its exercise, or anything later.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgpack

from kit.course.chapter import Chapter, Code
from kit.course.course import Course
from kit.course.package import defined, package_files
from kit.errors import KitError
from kit.judge.jobs import Job
from kit.judge.trial import ScriptCell, Step, step_of

LEFT_OUT = {"kit": shutil.ignore_patterns("__pycache__"), "workshop": shutil.ignore_patterns("ch[0-9]*")}
READY = b"ready"  # what the process on a stage says when it takes jobs
LATE = '''

def __getattr__(name: str) -> object:
    """What this chapter itself defines; there is none of it before the chapter has come so far."""
    from importlib import import_module

    if name in {names}:
        return getattr(import_module("nanogpt.{slug}"), name)
    raise AttributeError(name)
'''


def build(course: Course, folder: Path) -> None:
    """Write the stage into an empty folder."""
    for name, left_out in LEFT_OUT.items():
        found = importlib.util.find_spec(name)
        assert found and found.origin
        shutil.copytree(Path(found.origin).parent, folder / "code" / name, ignore=left_out)
    for place, chapter in enumerate(course.chapters):
        home = folder / "chapters" / chapter.id
        write_cells(chapter, home / "cells")
        write_package(course.chapters[: place + 1], home / "site" / "nanogpt")


def write_cells(chapter: Chapter, folder: Path) -> None:
    """Write each code cell of a chapter as a file of its own."""
    folder.mkdir(parents=True)
    for number, cell in enumerate(cell for cell in chapter.cells if isinstance(cell, Code)):
        step = step_of(chapter, cell)
        id = cell.exercise.id if cell.exercise else ""
        (folder / f"{number:03}-{id}").write_bytes(msgpack.packb([step.code, step.where, step.redraws, step.todo]))


def write_package(chapters: Sequence[Chapter], folder: Path) -> None:
    """Write the package as it is when the last of these chapters begins."""
    before, after = package_files(chapters[:-1]), package_files(chapters)
    folder.mkdir(parents=True)
    for name, text in after.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "__init__.py").write_text(before["__init__.py"], encoding="utf-8")
    slug = chapters[-1].entry.slug
    if f"{slug}.py" in after:
        names = set(defined(after[f"{slug}.py"]))
        with (folder / "__init__.py").open("a", encoding="utf-8") as file:
            file.write(LATE.format(names=sorted(names), slug=slug))


class StagedChapter:
    """A chapter on the stage, as a walker runs it: nobody is told what its finished cells give."""

    def __init__(self, home: Path) -> None:
        self.files = sorted((home / "cells").iterdir())
        self.exercises = tuple(id for id in map(exercise_of, self.files) if id)
        self.digest = hashlib.sha256("\n".join(file.name for file in self.files).encode()).hexdigest()

    def places(self) -> Iterator[ScriptCell]:
        """The cells in order, each read when its turn is there."""
        for file in self.files:
            yield ScriptCell(exercise_of(file), lambda file=file: read_step(file))  # type: ignore[misc]

    def finished(self, exercise: str, salt: int) -> Job | None:
        """Nothing, whatever the exercise."""
        return None


def exercise_of(file: Path) -> str:
    """The exercise that a cell's file is named after; empty for none."""
    return file.name.partition("-")[2]


def read_step(file: Path) -> Step:
    """The step in a cell's file."""
    code, where, redraws, todo = msgpack.unpackb(file.read_bytes())
    return Step(code, where, tuple(redraws), todo)


class Stage:
    """The chapters of a stage by their ids."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, id: str) -> StagedChapter:
        """The chapter with this id.

        Raises:
            KitError: it is not on the stage.
        """
        home = self.folder / "chapters" / id
        if not home.is_dir():
            raise KitError(f"there is no chapter {id}", "chapters.toml")
        return StagedChapter(home)
