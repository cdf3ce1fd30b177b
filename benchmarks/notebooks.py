"""How long each finished notebook takes from top to bottom, in its own kernel."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from benchmarks import Row
from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import finished, learner_cells

SECONDS = 20.0
TRAINS = ("12", "13", "14")  # their training is long on purpose; benchmarks/training.py measures chapter 12's


def execute(chapter: Chapter, folder: Path) -> nbformat.NotebookNode:
    """The finished notebook after all its cells have run, in a kernel whose working folder is this one.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised.
    """
    cells = learner_cells(chapter, finished(chapter))
    notebook: nbformat.NotebookNode = nbformat.reads(to_notebook(cells, chapter.id), as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def measure(chapters: Sequence[Chapter] | None = None) -> list[Row]:
    """A row for each chapter without a long training."""
    course = Course()
    rows = []
    for chapter in course.chapters if chapters is None else chapters:
        if chapter.id in TRAINS:
            continue
        start = time.perf_counter()
        execute(chapter, course.pairs())
        seconds = time.perf_counter() - start
        how = f"{len(chapter.exercises)} verdicts, each cell run once, including the kernel's start"
        bar = f"< {SECONDS:g} s"
        rows.append(Row(f"chapter {chapter.id}'s notebook, finished", f"{seconds:.1f} s", bar, seconds < SECONDS, how))
    return rows
