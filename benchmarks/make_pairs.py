"""A chapter's pair of files, made cell by cell: what's the same in the next student's pair isn't made again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from kit.course.cells import Cell, to_percent
from kit.course.chapter import Chapter
from kit.course.checklist import items, with_ticks
from kit.course.notebook import cell_ids, dump, raw_cell
from kit.course.render import learner_cells
from kit.pairs.fast_read import NOTEBOOK_CELL, NOTEBOOK_END, NOTEBOOK_START

BETWEEN = b"\n  }" + NOTEBOOK_CELL
Piece = tuple[bytes, bytes]  # a cell in the script, and in the notebook


@lru_cache(maxsize=4096)
def piece(cell: Cell, cell_id: str) -> Piece:
    """The cell in the form of both files."""
    text = dump([raw_cell(cell.kind, cell_id, cell.source)]).encode()
    return to_percent([cell]).encode(), text[len(NOTEBOOK_START) : text.rindex(NOTEBOOK_END)]


@dataclass(frozen=True)
class Sheet:
    """A chapter's todo: its cells with their ids, which one has which exercise, and the items of each text cell."""

    chapter: Chapter
    cells: tuple[Cell, ...]
    ids: tuple[str, ...]
    exercises: Mapping[str, int]
    items: Mapping[int, frozenset[str]]
    end: bytes

    @classmethod
    def of(cls, chapter: Chapter) -> Sheet:
        """The sheet of a chapter."""
        cells = learner_cells(chapter)
        found = {n: frozenset(i.id for i in items(cell.source)) for n, cell in enumerate(cells) if cell.kind != "code"}
        whole = dump([raw_cell("raw", "x", "")]).encode()
        places = {cell.exercise: n for n, cell in enumerate(cells) if cell.exercise}
        ids = tuple(cell_ids(cells, chapter.id))
        end = whole[whole.rindex(NOTEBOOK_END) :]
        return cls(chapter, cells, ids, places, {n: i for n, i in found.items() if i}, end)

    def pair(self, answers: Mapping[str, str], ticked: Collection[str]) -> dict[str, bytes]:
        """Both files with these answers and ticks, by path: as `kit.instructor.demo_students.pair` does, but faster."""
        cells = list(self.cells)
        for exercise_id in self.exercises.keys() & answers.keys():
            place = self.exercises[exercise_id]
            cells[place] = replace(cells[place], source=answers[exercise_id])
        for place, known in self.items.items():
            wanted = known.intersection(ticked)
            if wanted:
                cells[place] = ticked_cell(cells[place], wanted)
        pieces = [piece(cell, cell_id) for cell, cell_id in zip(cells, self.ids, strict=True)]
        stem = f"workshop/en/{self.chapter.entry.stem}"
        return {
            f"{stem}.py": b"\n".join(script for script, _ in pieces),
            f"{stem}.ipynb": NOTEBOOK_START + BETWEEN.join(book for _, book in pieces) + self.end,
        }


@lru_cache(maxsize=4096)
def ticked_cell(cell: Cell, wanted: frozenset[str]) -> Cell:
    """The same cell with these items ticked."""
    return with_ticks([cell], dict.fromkeys(wanted, True))[0]
