"""What verification has found so far, by exercise, cell and version of course and kit, in the course's cache.

Only the process that compares writes them, outside any sandbox, and nothing else reads them. Results are stored as they
come in, so a run that is stopped keeps what it found. The seed of the hidden inputs is kept beside them: the same for
all students and runs, and known to none of them.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from kit.cache import Cache, code_digest, key_of
from kit.course.course import Course
from kit.files import WORKSHOP_FOLDER
from kit.judge.judge import SEEDS
from kit.judge.verdict_cache import cell_key

MAX_REASON = 300  # characters


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a cell passed, and if not, why. `lasting` is False if the fault wasn't the cell's."""

    passed: bool
    why: str = ""
    lasting: bool = True


@dataclass(frozen=True)
class CourseVersion:
    """The version of a course: for each chapter, a digest of it, of the chapters before it, and of the kit's code."""

    chapters: Mapping[str, str]

    def key(self, exercise_id: str, source: str) -> bytes:
        """The cache key for a cell's result."""
        return cell_key("result", self.chapters[exercise_id[:2]], exercise_id, source)

    @cached_property
    def digest(self) -> str:
        """One digest of everything."""
        return hashlib.sha256("".join(digest for _, digest in sorted(self.chapters.items())).encode()).hexdigest()


def version_of(course: Course) -> CourseVersion:
    """The version of a course as it is now."""
    found: dict[str, str] = {}
    running = hashlib.sha256(code_digest().encode())
    for chapter in course.chapters:
        running.update((course.sources / f"{chapter.entry.stem}.py").read_bytes())
        found[chapter.id] = running.hexdigest()
    return CourseVersion(found)


class ResultCache:
    """The known results: those of earlier runs, and this run's own even if nothing can be written."""

    def __init__(self, course: Course, listed: Mapping[tuple[str, str], Result] | None = None) -> None:
        """`listed` are known whatever was kept, by exercise's id and cell."""
        self.listed = listed or {}
        self.version = version_of(course)
        self.cache = Cache(course.root / WORKSHOP_FOLDER)
        self.known: dict[bytes, Result] = {}

    def seed(self) -> int:
        """The seed of this instructor's hidden inputs: drawn at the first verification, and kept with the results."""
        key = key_of("verification seed")
        found = self.cache.get(key)
        if found is None:
            found = str(secrets.choice(SEEDS)).encode()
            self.cache.put({key: found})
        return int(found)

    def find(self, exercise_id: str, source: str) -> Result | None:
        """The result for exactly this cell in exactly this version, if there's one."""
        if (exercise_id, source) in self.listed:
            return self.listed[exercise_id, source]
        key = self.version.key(exercise_id, source)
        if key not in self.known:
            with suppress(ValueError, TypeError):
                passed, why = json.loads(self.cache.get(key) or b"")
                self.known[key] = Result(passed is True, str(why))
        return self.known.get(key)

    def keep(self, results: Iterable[tuple[str, str, Result]]) -> None:
        """Remember results, each with its exercise's id and cell; lasting ones are also kept on disk."""
        fresh: dict[bytes, bytes] = {}
        for exercise_id, source, result in results:
            key = self.version.key(exercise_id, source)
            self.known[key] = result
            if not result.lasting:
                if self.cache.get(key):  # of an earlier run, which was to be judged again
                    fresh[key] = b""
            else:
                fresh[key] = json.dumps([result.passed, result.why]).encode()
        self.cache.put(fresh)
