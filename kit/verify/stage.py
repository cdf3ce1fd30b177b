"""The stage: a folder with everything that goes into a sandbox.

    STAGE/code/{kit,workshop}            our code, without chapters
    STAGE/chapters/06/cells/017-06.03    one finished cell, with what it redraws
    STAGE/chapters/06/site/nanogpt       what earlier chapters export; the chapter's own part loads when it's asked for

A walker opens a cell only when it gets there. A holder, which is forked before that, sees no such folder. So neither
a trial's disk nor its memory holds the answer to its exercise, or anything after it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgpack

from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.course.package import Package, defined
from kit.errors import KitError
from kit.judge.records import Job
from kit.judge.trials.trial import ScriptCell, Step, script_cells

LEFT_OUT = {"kit": shutil.ignore_patterns("__pycache__"), "workshop": shutil.ignore_patterns("ch[0-9]*")}
READY = b"ready"  # what the server on a stage says once it accepts jobs
FAULT = b"f"  # how its reply begins if a cell couldn't be judged, and why follows
OWN_PART = '''

def __getattr__(name: str) -> object:
    """What this chapter itself defines, once the chapter has got that far."""
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
    before = Package()
    for chapter in course.chapters:
        home, after = folder / "chapters" / chapter.id, before.extended(chapter)
        write_cells(chapter, home / "cells")
        write_package(chapter.entry.slug, before.files(), after.files(), home / "site" / "nanogpt")
        before = after


def write_cells(chapter: Chapter, folder: Path) -> None:
    """Write each code cell of a chapter that the judge runs to a file of its own."""
    folder.mkdir(parents=True)
    for number, cell in enumerate(script_cells(chapter)):
        step = cell.read()
        packed = msgpack.packb([step.code, step.where, step.redraws, step.todo])
        (folder / f"{number:03}-{cell.exercise}").write_bytes(packed)


def write_package(slug: str, before: Mapping[str, str], after: Mapping[str, str], folder: Path) -> None:
    """Write the package as it is at the start of a chapter, with the chapter's own part, which is in `after`, apart."""
    own = f"{slug}.py"
    texts = {**after, "__init__.py": before["__init__.py"]}
    if own in after:
        texts["__init__.py"] += OWN_PART.format(names=sorted(defined(after[own])), slug=slug)
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


class StagedChapter:
    """A chapter on the stage, for a walker to run. What its finished cells give isn't passed on."""

    def __init__(self, home: Path) -> None:
        self.files = sorted((home / "cells").iterdir())
        self.exercises = tuple(filter(None, map(exercise_of, self.files)))
        self.digest = hashlib.sha256("\n".join(file.name for file in self.files).encode()).hexdigest()

    def places(self) -> Iterator[ScriptCell]:
        """The cells in order; each is read only when the walker gets there."""
        for file in self.files:
            yield ScriptCell(exercise_of(file), lambda file=file: read_step(file))  # type: ignore[misc]

    def finished(self, exercise: str, salt: int) -> Job | None:
        """Nothing, whatever the exercise."""
        return None


def exercise_of(file: Path) -> str:
    """The id of the exercise that a cell's file is named after; empty for none."""
    return file.name.partition("-")[2]


def read_step(file: Path) -> Step:
    """The step in a cell's file."""
    code, where, redraws, todo = msgpack.unpackb(file.read_bytes())
    return Step(code, where, tuple(redraws), todo)


def staged_chapter(stage: Path, chapter_id: str) -> StagedChapter:
    """The chapter with this id.

    Raises:
        KitError: it isn't on the stage.
    """
    home = stage / "chapters" / chapter_id
    if not home.is_dir():
        raise KitError(f"there's no chapter {chapter_id}", "chapters.toml")
    return StagedChapter(home)
