"""A chapter as its author wrote it, in records that every command shares. `kit.course.markup` reads a source into them.

Chapter
  Text              prose and items
  Code              plain or exported code
    Exercise        id, blanks, hint, mistakes, alternatives, probes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.course.blanks import Blank, empty, fill
from kit.course.checklist import Item, items
from kit.course.home import NOWHERE, Home
from kit.course.syllabus import Entry

FETCHING = "Run this first: it fetches the workshop if it isn't here, as on Colab or Kaggle"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer for one blank (counted from 0), and what to tell someone who gives it."""

    blank: int
    expression: str
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another right answer for one blank (counted from 0)."""

    blank: int
    expression: str
    line: int


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A mutant (kit.judge.proof.mutants) that is no wrong answer, by its name, and why."""

    mutant: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Exercise:
    """What makes a code cell an exercise. `code` is the finished cell, `check(...)` included.

    `captions` say what a probe is about, in the learner's words. `typed` are the names and probes whose type counts.
    A `challenge` is optional; it says how long it takes.
    """

    id: str
    code: str
    line: int
    blanks: tuple[Blank, ...]
    hint: str
    mistakes: tuple[Mistake, ...]
    alternatives: tuple[Alternative, ...] = ()
    probes: tuple[str, ...] = ()
    captions: Mapping[str, str] = field(default_factory=dict)
    typed: tuple[str, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()
    challenge: str = ""

    @property
    def todo(self) -> str:
        """The cell as the learner first sees it."""
        return empty(self.code, self.blanks)

    def answer(self, blank: int) -> str:
        """The expression that a blank hides."""
        return self.code[self.blanks[blank].start : self.blanks[blank].end]

    def with_answer(self, blank: int, expression: str) -> str:
        """The finished cell with another expression in one blank."""
        return fill(self.code, [self.blanks[blank]], [expression])


@dataclass(frozen=True, slots=True)
class Text:
    """A text cell. `line` is the line of the file it starts on."""

    source: str
    line: int

    @property
    def items(self) -> tuple[Item, ...]:
        """The checklist lines in it."""
        return tuple(items(self.source))


@dataclass(frozen=True, slots=True)
class Code:
    """A code cell: `code` is the finished code without markup, `redraws` its `#! redraw:` statements.

    A `slow` given cell takes seconds, so the judge never runs it.
    """

    code: str
    line: int
    exported: bool = False
    redraws: tuple[str, ...] = ()
    exercise: Exercise | None = None
    slow: bool = False

    @property
    def todo(self) -> str:
        """The code as the learner first sees it."""
        return self.exercise.todo if self.exercise else self.code


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter's cells, its entry in the syllabus, the path of its source, and where the course is on the web.

    `fetching` is what the cell that fetches the course says about itself.
    """

    entry: Entry
    path: str
    cells: tuple[Text | Code, ...]
    home: Home = NOWHERE
    fetching: str = FETCHING
    exercises: tuple[Exercise, ...] = field(init=False)
    items: tuple[Item, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the exercises and the items once."""
        exercises = tuple(cell.exercise for cell in self.cells if isinstance(cell, Code) and cell.exercise)
        object.__setattr__(self, "exercises", exercises)
        found = tuple(item for cell in self.cells if isinstance(cell, Text) for item in cell.items)
        object.__setattr__(self, "items", found)

    @property
    def id(self) -> str:
        """Two digits: `06`."""
        return self.entry.id

    def exercise(self, exercise_id: str) -> Exercise:
        """The exercise with this id; `KeyError` if there isn't one."""
        for exercise in self.exercises:
            if exercise.id == exercise_id:
                return exercise
        raise KeyError(exercise_id)
