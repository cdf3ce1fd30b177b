"""The course: where its files are, and its chapters, parsed on demand.

Course
  entries           the syllabus
  chapters          those that have a source, parsed
"""

from __future__ import annotations

import re
import unicodedata
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
BEGINS_AS_ID = re.compile(r"\d{1,2}[.,]")
TYPED_ID = re.compile(r"(?P<chapter>\d{1,2})[.,](?P<exercise>\d{1,2})")


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
            raise self.no_chapter(chapter_id)
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

    def exercise(self, word: str) -> tuple[Chapter, Exercise]:
        """The chapter and the exercise with this id, which may be typed in a hurry: `6.3` is `06.03`.

        Raises:
            KitError: there isn't one; the message says which there are.
        """
        exercise_id = typed_id(word)
        chapter = self.chapter(exercise_id[:2]) if exercise_id[:2] in self.written else None
        for exercise in chapter.exercises if chapter else ():
            if chapter and exercise.id == exercise_id:
                return chapter, exercise
        raise self.no_exercise(word, exercise_id, chapter)

    def no_exercise(self, word: str, exercise_id: str, chapter: Chapter | None) -> KitError:
        """The error for a word that names no exercise. `chapter` is the one that the word begins with."""
        if not EXERCISE_ID.fullmatch(exercise_id):
            if chapter and exercise_id in {item.id for item in chapter.items}:
                what = f"{exercise_id} is a line that you alone tick; no command looks at it"
                return KitError(what, "", f"name an exercise, such as {self.example(chapter)}")
            if chapter_id(word) in self.written:
                example = self.example(self.chapter(chapter_id(word)))
                return KitError(f"{word} is a chapter, and this needs an exercise", "", f"name one, such as {example}")
            return KitError(f"there's no exercise {word!r}", "", f"name one, such as {self.example(*self.chapters)}")
        if chapter is None:
            return self.no_chapter(exercise_id[:2])
        what, last = f"chapter {chapter.id} has no exercise {exercise_id}", chapter.exercises[-1:]
        advice = f"name one of those it has, {self.example(chapter)} to {last[0].id}" if last else ""
        return KitError(what, "", advice)

    def example(self, *chapters: Chapter) -> str:
        """The first exercise in these chapters, for a message."""
        return next((exercise.id for chapter in chapters for exercise in chapter.exercises), "06.03")

    def no_chapter(self, word: str) -> KitError:
        """The error for a word that names no chapter."""
        ids = list(self.written)
        if EXERCISE_ID.fullmatch(typed_id(word)) and typed_id(word)[:2] in ids:
            return KitError(f"{word} is an exercise, and this needs a chapter", "", f"name it: {typed_id(word)[:2]}")
        return KitError(f"there's no chapter {word!r}", "", f"name one, {ids[0]} to {ids[-1]}")

    def require_language(self, language: str) -> None:
        """Refuse a language that has no pairs.

        Raises:
            KitError: this one has none.
        """
        if language not in self.languages:
            there = ", ".join(self.languages)
            raise KitError(f"this course has no files in the language {language!r}", "", f"name one of {there}")

    def select(self, words: list[str]) -> list[tuple[Chapter, Exercise]]:
        """The exercises that words name: chapters (`06`, `6`, `ch06_attention_head`, a file) or exercises (`06.03`).

        Without words, all of them. They come in the course's order, each once.

        Raises:
            KitError: a word names nothing; the message says what there is.
        """
        chosen: dict[str, tuple[Chapter, Exercise]] = {}
        for word in words or [chapter.id for chapter in self.chapters]:
            if names_chapter(word):
                chapter = self.chapter(chapter_id(word))
                chosen |= {exercise.id: (chapter, exercise) for exercise in chapter.exercises}
            elif BEGINS_AS_ID.match(plain(word)):
                chapter, exercise = self.exercise(word)
                chosen[exercise.id] = chapter, exercise
            else:
                chapters, example = list(self.written), self.example(*self.chapters)
                advice = f"name a chapter, {chapters[0]} to {chapters[-1]}, or an exercise, such as {example}"
                raise KitError(f"there's no chapter or exercise {word!r}", "", advice)
        return [chosen[exercise_id] for exercise_id in sorted(chosen)]


def chapter_id(word: str) -> str:
    """The two digits of the chapter that a word names (`6`, `ch06_attention_head`, a file), or else the word itself."""
    word = plain(word)
    file = CHAPTER_FILE.search(Path(word).name) or CHAPTER_FILE.search(f"{Path(word).name}.py")
    return file["id"] if file else word.zfill(2) if word.isdecimal() else word


def names_chapter(word: str) -> bool:
    """Whether a word can only mean a chapter, be there one or not."""
    return chapter_id(word).isdecimal()


def typed_id(word: str) -> str:
    """The id of the exercise that somebody has typed: `6.3` is `06.03`; any other word is itself."""
    found = TYPED_ID.fullmatch(plain(word))
    return f"{int(found['chapter']):02d}.{int(found['exercise']):02d}" if found else plain(word)


def plain(word: str) -> str:
    """A word without spaces around it, and with plain digits and dots for wide ones."""
    return unicodedata.normalize("NFKC", word).strip()
