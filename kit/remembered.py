"""Verdicts that were given here before, by what was judged: the finished chapter and the learner's cell.

    .workshop/verdicts.json: {digest of both, and of what judges: outcome}

So the same cell need not be judged twice by who asks often: a table of where one is, the classes that are one's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kit import disk
from kit.course import Course
from kit.errors import KitError
from kit.verdict import OUTCOMES, Outcome, Verdict

FILE = "verdicts.json"
MOST = 4096  # the newest are kept
JUDGING = ("compare", "job", "judge", "observation", "program", "state")  # the modules that decide of a verdict


def judging_digest(*more: str) -> bytes:
    """A digest of the code that decides: `JUDGING`, and these modules of the kit."""
    here = Path(__file__).parent
    return hashlib.sha256(b"\0".join((here / f"{name}.py").read_bytes() for name in (*JUDGING, *more))).digest()


def cell_name(version: bytes, id: str, source: str) -> str:
    """What a cell is known by, in one version of its chapter; space at the ends of lines does not count."""
    text = "\n".join([id, *(line.rstrip() for line in source.strip().split("\n"))])
    return hashlib.sha256(version + text.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True)
class Remembered:
    """What is remembered: the outcomes, and by chapter the digest of all that a verdict there depends on."""

    course: Course
    chapters: dict[str, bytes]
    outcomes: dict[str, Outcome]

    def name(self, id: str, source: str) -> str:
        """What a cell is remembered by."""
        return cell_name(self.chapters.get(id[:2], b""), id, source)

    def outcome(self, id: str, source: str) -> Outcome | None:
        """The outcome that this very cell got from this very chapter, if it is known."""
        return self.outcomes.get(self.name(id, source))

    def keep(self, verdicts: Iterable[tuple[Verdict, str]]) -> None:
        """Remember verdicts with the cells that they are about. Where that cannot be written, nothing is lost."""
        fresh = {self.name(verdict.id, source): verdict.outcome for verdict, source in verdicts}
        if fresh and self.outcomes | fresh != self.outcomes:
            for name in fresh:
                self.outcomes.pop(name, None)
            self.outcomes.update(fresh)
            with suppress(KitError):
                text = json.dumps(dict(list(self.outcomes.items())[-MOST:]))
                disk.write(self.course.root / disk.OWN / FILE, text.encode(), self.course.root)


def recall(course: Course) -> Remembered:
    """What is remembered in this course's folder; nothing where that cannot be read."""
    shared = hashlib.sha256(judging_digest())
    for file in sorted((course.root / "nanogpt").glob("*.py")):
        with suppress(OSError):
            shared.update(file.read_bytes())
    chapters: dict[str, bytes] = {}
    for entry in course.entries:
        with suppress(OSError):
            own = hashlib.sha256((course.sources / f"{entry.stem}.py").read_bytes())
            chapters[entry.id] = own.digest() + shared.digest()
    known: dict[str, Outcome] = {}
    with suppress(KitError, ValueError, AttributeError):
        found = json.loads(disk.read(course.root / disk.OWN / FILE, course.root) or b"{}")
        known = {str(name): outcome for name, outcome in found.items() if outcome in OUTCOMES}
    return Remembered(course, chapters, known)
