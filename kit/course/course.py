"""The course: where its files lie, and its chapters, read when they are asked for.

Course
  entries           the syllabus, thirteen of them
  chapters          those that have a source, parsed
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kit.course.chapter import Chapter, Exercise
from kit.course.markup import read_chapter
from kit.course.syllabus import Entry, read_syllabus
from kit.errors import KitError

ROOT = Path(__file__).resolve().parents[2]
CHAPTER_FILE = re.compile(r"ch(?P<id>\d\d)(?:_\w*)?\.(?:py|ipynb)$")
EXERCISE_ID = re.compile(r"\d\d\.\d\d")


@dataclass(frozen=True)
class Course:
    """A course in a folder. Tests make small ones; the real one is `Course()`."""

    root: Path = ROOT

    @property
    def sources(self) -> Path:
        """The folder of the finished chapters."""
        return self.root / "checkpoints"

    def pairs(self, language: str = "en") -> Path:
        """The folder of the learner's pairs in one language."""
        return self.root / "workshop" / language

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages whose pairs exist; English first."""
        folders = sorted(path.name for path in (self.root / "workshop").glob("*") if any(path.glob("ch*.py")))
        return ("en", *(name for name in folders if name != "en"))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The whole syllabus, planned chapters included."""
        return read_syllabus(self.root / "chapters.toml")

    @cached_property
    def _parsed(self) -> dict[str, Chapter]:
        return {}

    def chapter(self, id: str) -> Chapter:
        """The parsed chapter with this two-digit id; each is read once.

        Raises:
            KitError: there is none, or its source breaks a rule.
        """
        if id not in self._parsed:
            entry = next((entry for entry in self.entries if entry.id == id and not entry.planned), None)
            if entry is None:
                raise unknown_id(id, [entry.id for entry in self.entries if not entry.planned])
            self._parsed[id] = read_chapter(entry, self.sources, self.root)
        return self._parsed[id]

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """Every chapter that has a source, in order."""
        stray = {path.stem for path in self.sources.glob("*.py")} - {e.stem for e in self.entries if not e.planned}
        if stray:
            raise KitError(
                "this source is in no syllabus entry", f"checkpoints/{min(stray)}.py", "name it in chapters.toml"
            )
        return tuple(self.chapter(entry.id) for entry in self.entries if not entry.planned)

    def exercise(self, id: str) -> tuple[Chapter, Exercise]:
        """The exercise with this id and its chapter.

        Raises:
            KitError: there is none; the nearest ids are named.
        """
        known = [entry.id for entry in self.entries if not entry.planned]
        if id[:2] not in known:
            raise unknown_id(id, [exercise.id for chapter in self.chapters for exercise in chapter.exercises])
        chapter = self.chapter(id[:2])
        try:
            return chapter, chapter.exercise(id)
        except KeyError:
            raise unknown_id(id, [exercise.id for exercise in chapter.exercises]) from None

    def select(self, words: list[str]) -> list[tuple[Chapter, Exercise]]:
        """The exercises that words name: chapters (`06`, `6`, `ch06_attention_head`, a file) or exercises (`06.03`).

        Without words, all of them. In the course's order, each once.

        Raises:
            KitError: a word names nothing; the nearest ids are named.
        """
        chosen: dict[str, tuple[Chapter, Exercise]] = {}
        for word in words:
            if EXERCISE_ID.fullmatch(word):
                chosen[word] = self.exercise(word)
                continue
            chapter = self.chapter(chapter_id(word))
            chosen |= {exercise.id: (chapter, exercise) for exercise in chapter.exercises}
        if not words:
            chosen = {e.id: (chapter, e) for chapter in self.chapters for e in chapter.exercises}
        return [chosen[id] for id in sorted(chosen)]


def chapter_id(word: str) -> str:
    """The two digits of the chapter that a word names: `6`, `ch06_attention_head`, a file. Else the word itself."""
    file = CHAPTER_FILE.search(Path(word).name) or CHAPTER_FILE.search(f"{Path(word).name}.py")
    return file["id"] if file else word.zfill(2) if word.isdigit() else word


def find_root(folder: Path) -> Path:
    """The course that a folder lies in, else the one that this package belongs to."""
    for parent in (folder, *folder.parents):
        if (parent / "chapters.toml").is_file():
            return parent
    return ROOT


def unknown_id(word: str, known: list[str]) -> KitError:
    """The error for an id that does not exist, with the ids that are nearest to it."""
    near = difflib.get_close_matches(word, known, n=3, cutoff=0.4) or known[:3]
    return KitError(f"there is no {word!r} in this course", "", f"try {', '.join(near)}")
