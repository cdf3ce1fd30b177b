"""What a chapter consists of, as far as progress is concerned; remembered between runs, since parsing takes a while.

Course -> Outline, Outline, ...
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kit.chapter import Chapter
from kit.course import Course
from kit.disk import OWN, write
from kit.errors import KitError

PARSERS = ("blank.py", "cell.py", "chapter.py", "outline.py", "syllabus.py", "tick.py")  # what decides of an outline


@dataclass(frozen=True)
class Outline:
    """A chapter's exercises and items by id, with the finished code and the number of blanks of each exercise."""

    id: str
    title: str
    stem: str
    exercises: tuple[str, ...]
    items: tuple[str, ...]
    finished: Mapping[str, str]
    blanks: Mapping[str, int]


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
    )


def fingerprint(course: Course) -> str:
    """A hash over everything from which outlines are made, this code included; what cannot be read counts as empty."""
    here = Path(__file__).parent
    files = [*sorted(course.sources.glob("*.py")), course.root / "chapters.toml", *(here / name for name in PARSERS)]
    total = hashlib.sha256()
    for file in files:
        try:
            data = file.read_bytes()
        except OSError:
            data = b""
        total.update(f"{file.name} {len(data)}\n".encode() + data)
    return total.hexdigest()


def outlines_of(course: Course) -> tuple[Outline, ...]:
    """The outlines of the course's chapters, from `.workshop/outlines.json` if that is of these very sources.

    Raises:
        KitError: a chapter's source is missing or wrong.
    """
    place = course.root / OWN / "outlines.json"
    key = fingerprint(course)
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(place.read_bytes())
        if known["of"] == key:
            return tuple(map(from_json, known["outlines"]))
    found = tuple(map(outline_of, course.chapters))
    with suppress(KitError):  # where it cannot be written, the next run takes as long
        write(place, json.dumps({"of": key, "outlines": [asdict(outline) for outline in found]}).encode(), course.root)
    return found


def from_json(row: dict[str, Any]) -> Outline:
    """An outline as it was before it became JSON."""
    return Outline(**row | {"exercises": tuple(row["exercises"]), "items": tuple(row["items"])})
