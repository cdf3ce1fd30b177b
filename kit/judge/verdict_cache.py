"""Verdicts given here before, keyed by what was judged: the kit's code, the finished chapter, the package, the cell.

So `status.py`, `save.py` and `workshop.mine`, which ask often, don't judge the same cell twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property

from kit.cache import Cache, code_digest, key_of
from kit.course.course import Course
from kit.files import WORKSHOP_FOLDER
from kit.judge.records import OUTCOMES, Outcome, Verdict


def cell_key(kind: str, version: str, exercise_id: str, source: str) -> bytes:
    """The cache key of a cell in one version of its chapter; trailing spaces don't count."""
    lines = "\n".join(line.rstrip() for line in source.strip().split("\n"))
    return key_of(kind, version, exercise_id, lines)


class VerdictCache:
    """The outcomes known in a course's folder, and the lines they're about."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.cache = Cache(course.root / WORKSHOP_FOLDER)
        self.versions: dict[str, str] = {}

    @cached_property
    def shared(self) -> bytes:
        """A digest of what every chapter's verdicts depend on: the kit's code and the exported package."""
        total = hashlib.sha256(code_digest().encode())
        for file in sorted((self.course.root / "nanogpt").glob("*.py")):
            with suppress(OSError):
                total.update(file.read_bytes())
        return total.digest()

    def key(self, exercise_id: str, source: str) -> bytes:
        """The key of the verdict on a cell."""
        chapter = exercise_id[:2]
        if chapter not in self.versions:
            total = hashlib.sha256(self.shared)
            for entry in self.course.entries:
                if entry.id == chapter:
                    with suppress(OSError):
                        total.update((self.course.sources / f"{entry.stem}.py").read_bytes())
            self.versions[chapter] = total.hexdigest()
        return cell_key("verdict", self.versions[chapter], exercise_id, source)

    def outcome(self, exercise_id: str, source: str) -> Outcome | None:
        """The outcome this cell got before, in this version of its chapter; None if it isn't known."""
        found = self.found(exercise_id, source)[0]
        return next((outcome for outcome in OUTCOMES if outcome == found), None)

    def line(self, exercise_id: str, source: str) -> int:
        """The line of this cell, from 1, that its verdict was about; 1 if it isn't known."""
        return int(self.found(exercise_id, source)[1] or 1)

    def found(self, exercise_id: str, source: str) -> tuple[str, str]:
        """The outcome and the line that are kept for this cell; empty if there are none."""
        outcome, _, line = (self.cache.get(self.key(exercise_id, source)) or b"").decode().partition(" ")
        return outcome, line

    def keep(self, verdicts: Iterable[tuple[Verdict, str]]) -> None:
        """Keep verdicts, each with its cell. If the cache can't be written, they just aren't kept."""
        self.cache.put({self.key(v.id, source): f"{v.outcome} {v.line}".encode() for v, source in verdicts})


def verdict_cache(course: Course) -> VerdictCache:
    """The verdicts known in this course's folder."""
    return VerdictCache(course)
