"""What progress needs to know about each chapter, cached between runs, since parsing the chapters takes a while.

Course -> Outline, Outline, ...
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from kit.cache import Cache, code_digest, key_of
from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.course.own_code import known_names
from kit.files import WORKSHOP_FOLDER


@dataclass(frozen=True)
class Outline:
    """A chapter's exercises and items by id, with each exercise's finished code and number of blanks.

    `names` are those that the chapter makes for the first time up to and in each exercise. `challenge` is the id of the
    optional exercise, or empty. A `bonus` chapter comes after the course, and counts in no total. `titles` has each
    item's words; an exercise's are those of its tick.
    """

    id: str
    title: str
    stem: str
    exercises: tuple[str, ...]
    items: tuple[str, ...]
    finished: Mapping[str, str]
    blanks: Mapping[str, int]
    names: Mapping[str, tuple[str, ...]]
    challenge: str = ""
    bonus: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def required(self) -> tuple[str, ...]:
        """The exercises that count: all but the challenge."""
        return self.exercises[:-1] if self.challenge else self.exercises

    @cached_property
    def lines(self) -> Mapping[str, tuple[str, ...]]:
        """The lines of each exercise's finished code, without their indentation."""
        return {x: tuple(line.strip() for line in code.split("\n")) for x, code in self.finished.items()}

    def known(self, exercise_id: str) -> frozenset[str]:
        """The names that the finished chapter has once this exercise is done."""
        reached = self.exercises[: self.exercises.index(exercise_id) + 1]
        return frozenset(name for each in reached for name in self.names[each])


def outline_of(chapter: Chapter) -> Outline:
    """The outline of a chapter of the course."""
    return Outline(
        chapter.id,
        chapter.entry.title,
        chapter.entry.stem,
        tuple(exercise.id for exercise in chapter.exercises),
        tuple(item.id for item in chapter.items),
        {exercise.id: exercise.code for exercise in chapter.exercises},
        {exercise.id: len(exercise.blanks) for exercise in chapter.exercises},
        new_names(chapter),
        next((exercise.id for exercise in chapter.exercises if exercise.challenge), ""),
        chapter.entry.bonus,
        {item.id: item.text for item in chapter.items},
    )


def in_totals(outlines: Iterable[Outline]) -> tuple[Outline, ...]:
    """The chapters whose exercises count in totals: all but the bonus chapters."""
    return tuple(outline for outline in outlines if not outline.bonus)


def new_names(chapter: Chapter) -> dict[str, tuple[str, ...]]:
    """For each exercise, the names that the chapter makes for the first time up to it and in it."""
    before = frozenset[str]()
    found: dict[str, tuple[str, ...]] = {}
    for exercise_id, names in known_names(chapter).items():
        found[exercise_id], before = tuple(sorted(names - before)), names
    return found


def course_digest(course: Course) -> str:
    """One hash over the course's sources, its syllabus and the kit's code. An unreadable file counts as empty."""
    total = hashlib.sha256(code_digest().encode())
    for file in [*sorted(course.sources.glob("*.py")), course.root / "chapters.toml"]:
        try:
            data = file.read_bytes()
        except OSError:
            data = b""
        total.update(f"{file.name} {len(data)}\n".encode() + data)
    return total.hexdigest()


def outlines_of(course: Course) -> tuple[Outline, ...]:
    """The outlines of the course's chapters, from the cache if nothing has changed since they were stored there.

    Raises:
        KitError: a chapter's source is missing or wrong.
    """
    cache, key = Cache(course.root / WORKSHOP_FOLDER), key_of("outlines", course_digest(course))
    try:
        known = cache.get(key)
        if known is not None:
            with suppress(ValueError, KeyError, TypeError):
                return tuple(map(from_json, json.loads(known)))
        found = tuple(map(outline_of, course.chapters))
        cache.put({key: json.dumps([asdict(outline) for outline in found]).encode()})
        return found
    finally:
        cache.close()


def from_json(row: dict[str, Any]) -> Outline:
    """The outline from its JSON."""
    names = {exercise_id: tuple(names) for exercise_id, names in row["names"].items()}
    return Outline(**row | {"exercises": tuple(row["exercises"]), "items": tuple(row["items"]), "names": names})
