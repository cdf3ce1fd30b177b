"""The course: where its files are, and its chapters, parsed on demand.

Course
  entries           the syllabus
  chapters          those that have a source, parsed
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from kit.course.chapter import Chapter, Exercise
from kit.course.home import Home, parse_home
from kit.course.markup import read_chapter
from kit.course.syllabus import Entry, read_syllabus, syllabus_text
from kit.errors import KitError
from kit.files import ROOT as ROOT
from kit.files import SYLLABUS
from kit.files import find_root as find_root

CHAPTER_FILE = re.compile(r"ch(?P<id>\d\d)(?:_\w*)?\.(?:py|ipynb)$")
EXERCISE_ID = re.compile(r"\d\d\.\d\d")


@dataclass(frozen=True)
class Course:
    """A course in a folder. `Course()` is the real one; tests make small ones."""

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
        """The languages that have pairs, English first."""
        folders = sorted(path.name for path in (self.root / "workshop").glob("*") if any(path.glob("ch*.py")))
        return ("en", *(name for name in folders if name != "en"))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The whole syllabus, planned chapters included."""
        return read_syllabus(self.root / SYLLABUS)

    @cached_property
    def home(self) -> Home:
        """Where the course is on the web.

        Raises:
            KitError: the syllabus can't be read, or what it says about that is wrong.
        """
        return parse_home(syllabus_text(self.root / SYLLABUS))

    @cached_property
    def written(self) -> dict[str, Entry]:
        """The entries that have a source, by id."""
        return {entry.id: entry for entry in self.entries if not entry.planned}

    @cached_property
    def stems(self) -> frozenset[str]:
        """What the files of the chapters are called, without a suffix."""
        return frozenset(entry.stem for entry in self.written.values())

    @cached_property
    def _parsed(self) -> dict[str, Chapter]:
        return {}

    def chapter(self, chapter_id: str) -> Chapter:
        """The chapter with this two-digit id; each is parsed once.

        Raises:
            KitError: there isn't one, or its source breaks a rule.
        """
        if chapter_id not in self.written:
            raise unknown_id(chapter_id, list(self.written))
        if chapter_id not in self._parsed:
            read = read_chapter(self.written[chapter_id], self.sources, self.root)
            self._parsed[chapter_id] = replace(read, home=self.home)
        return self._parsed[chapter_id]

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """Every chapter that has a source, in order.

        Raises:
            KitError: a source breaks a rule, or isn't in the syllabus.
        """
        stray = {path.stem for path in self.sources.glob("*.py")} - {entry.stem for entry in self.written.values()}
        if stray:
            path = f"checkpoints/{min(stray)}.py"
            raise KitError("this source isn't in the syllabus", path, "add it to chapters.toml, or delete it")
        return tuple(self.chapter(chapter_id) for chapter_id in self.written)

    def exercise(self, exercise_id: str) -> tuple[Chapter, Exercise]:
        """The chapter and the exercise with this id.

        Raises:
            KitError: there isn't one; the message suggests the nearest ids.
        """
        chapters = (self.chapter(exercise_id[:2]),) if exercise_id[:2] in self.written else self.chapters
        for chapter in chapters:
            for exercise in chapter.exercises:
                if exercise.id == exercise_id:
                    return chapter, exercise
        raise unknown_id(exercise_id, [exercise.id for chapter in chapters for exercise in chapter.exercises])

    def select(self, words: list[str]) -> list[tuple[Chapter, Exercise]]:
        """The exercises that words name: chapters (`06`, `6`, `ch06_attention_head`, a file) or exercises (`06.03`).

        Without words, all of them. They come in the course's order, each once.

        Raises:
            KitError: a word names nothing; the message suggests the nearest ids.
        """
        chosen: dict[str, tuple[Chapter, Exercise]] = {}
        for word in words or [chapter.id for chapter in self.chapters]:
            if EXERCISE_ID.fullmatch(word):
                chosen[word] = self.exercise(word)
            else:
                chapter = self.chapter(chapter_id(word))
                chosen |= {exercise.id: (chapter, exercise) for exercise in chapter.exercises}
        return [chosen[exercise_id] for exercise_id in sorted(chosen)]


def chapter_id(word: str) -> str:
    """The two digits of the chapter that a word names (`6`, `ch06_attention_head`, a file), or else the word itself."""
    file = CHAPTER_FILE.search(Path(word).name) or CHAPTER_FILE.search(f"{Path(word).name}.py")
    return file["id"] if file else word.zfill(2) if word.isdigit() else word


def unknown_id(word: str, known: list[str]) -> KitError:
    """The error for an id that doesn't exist. It suggests the nearest ids."""
    near = difflib.get_close_matches(word, known, n=3, cutoff=0.4) or known[:3]
    return KitError(f"there's no {word!r} in this course", "", f"try {', '.join(near)}")
