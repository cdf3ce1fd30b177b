"""What verification has found before, by (exercise, cell, version of course and kit), in the course's cache.

Written by the process that compares, outside of every sandbox, and read by nobody else. Results are added as they come,
so a run that was ended has kept what it knew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from kit.cache import Cache, code_digest
from kit.course.course import Course
from kit.files import WORKSHOP_FOLDER
from kit.judge.verdict_cache import cell_key


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one cell: whether it passed, and why not. `lasting` is False when it was not the cell's doing."""

    passed: bool
    why: str = ""
    lasting: bool = True


@dataclass(frozen=True)
class CourseVersion:
    """The version of a course: for each chapter, a digest of it, of those before it, and of the kit's code."""

    chapters: Mapping[str, str]

    def key(self, exercise_id: str, source: str) -> bytes:
        """The cache key of a cell's ruling."""
        return cell_key("ruling", self.chapters[exercise_id[:2]], exercise_id, source)

    @cached_property
    def digest(self) -> str:
        """One digest for all of it."""
        return hashlib.sha256("".join(self.chapters[id] for id in sorted(self.chapters)).encode()).hexdigest()


def version_of(course: Course) -> CourseVersion:
    """The version of a course as it is now."""
    found: dict[str, str] = {}
    running = hashlib.sha256(code_digest().encode())
    for chapter in course.chapters:
        running.update((course.sources / f"{chapter.entry.stem}.py").read_bytes())
        found[chapter.id] = running.hexdigest()
    return CourseVersion(found)


class ResultCache:
    """The rulings that are known: those of earlier runs, and those of this one even where nothing can be written."""

    def __init__(self, course: Course) -> None:
        self.version = version_of(course)
        self.cache = Cache(course.root / WORKSHOP_FOLDER)
        self.known: dict[bytes, Result] = {}

    def find(self, exercise_id: str, source: str) -> Result | None:
        """The ruling on this very cell in this very version, if there is one."""
        key = self.version.key(exercise_id, source)
        if key not in self.known:
            with suppress(ValueError, TypeError):
                passed, why = json.loads(self.cache.get(key) or b"")
                self.known[key] = Result(passed is True, str(why))
        return self.known.get(key)

    def keep(self, rulings: Iterable[tuple[str, str, Result]]) -> None:
        """Keep rulings with their exercises and cells: those that last on disk too."""
        fresh: dict[bytes, bytes] = {}
        for exercise_id, source, ruling in rulings:
            key = self.version.key(exercise_id, source)
            self.known[key] = ruling
            if ruling.lasting:
                fresh[key] = json.dumps([ruling.passed, ruling.why]).encode()
        self.cache.put(fresh)
