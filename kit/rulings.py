"""What verification has found before: outcomes by (exercise, cell, version of course and judge), on the disk.

    .workshop/verified.jsonl    one line each: ["digest", "passed" | "failed", "why"]

Written by the process that compares, outside of every sandbox, and read by nobody else. Lines are added as they come,
so a run that was ended has kept what it knew; a half line at the end is left out.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kit import disk
from kit.course import Course
from kit.errors import KitError
from kit.remembered import cell_name, judging_digest

FILE = "verified.jsonl"
MOST = 200_000  # lines; the newest are kept
CAGED = ("cage", "confinement", "evidence", "seccomp")  # what decides there besides the judge


@dataclass(frozen=True, slots=True)
class Ruling:
    """What came of one cell: whether it passed, and why not. `lasting` is False when it was not the cell's doing."""

    passed: bool
    why: str = ""
    lasting: bool = True


@dataclass(frozen=True)
class Version:
    """The version of a course: for each chapter, a digest of it, of those before it, and of the code that decides."""

    chapters: Mapping[str, bytes]

    def name(self, id: str, source: str) -> str:
        """What a cell is known by."""
        return cell_name(self.chapters[id[:2]], id, source)

    @cached_property
    def digest(self) -> str:
        """One digest for all of it."""
        return hashlib.sha256(b"".join(self.chapters[id] for id in sorted(self.chapters))).hexdigest()


def version_of(course: Course) -> Version:
    """The version of a course as it is now."""
    found: dict[str, bytes] = {}
    running = hashlib.sha256(judging_digest(*CAGED))
    for chapter in course.chapters:
        running.update((course.sources / f"{chapter.entry.stem}.py").read_bytes())
        found[chapter.id] = running.digest()
    return Version(found)


class Rulings:
    """The rulings that are known."""

    def __init__(self, course: Course) -> None:
        self.root = course.root
        self.version = version_of(course)
        self.known: dict[str, Ruling] = {}
        lines: list[bytes] = []
        with suppress(KitError):
            lines = (disk.read(self.path, self.root) or b"").split(b"\n")
        for line in lines:
            with suppress(ValueError, TypeError):
                name, outcome, why = json.loads(line)
                if outcome in ("passed", "failed"):
                    self.known[name] = Ruling(outcome == "passed", str(why))
        if len(lines) > MOST:
            self.shorten()

    @property
    def path(self) -> Path:
        """The file."""
        return self.root / disk.OWN / FILE

    def find(self, id: str, source: str) -> Ruling | None:
        """The ruling on this very cell in this very version, if there is one."""
        return self.known.get(self.version.name(id, source))

    def keep(self, rulings: Iterable[tuple[str, str, Ruling]]) -> None:
        """Remember rulings with their exercises and cells; where that cannot be written, until this process ends."""
        lines: list[str] = []
        for id, source, ruling in rulings:
            if ruling.lasting:
                name = self.version.name(id, source)
                self.known[name] = ruling
                lines.append(line_of(name, ruling))
        with suppress(KitError, OSError):
            real = disk.inside(self.path, self.root)
            real.parent.mkdir(exist_ok=True)
            handle = os.open(real, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                os.write(handle, ("\n" + "\n".join(lines) + "\n").encode())
            finally:
                os.close(handle)

    def shorten(self) -> None:
        """Write the newest lines anew."""
        newest = list(self.known.items())[-MOST // 2 :]
        with suppress(KitError):
            text = "".join(f"{line_of(name, ruling)}\n" for name, ruling in newest)
            disk.write(self.path, text.encode(), self.root)


def line_of(name: str, ruling: Ruling) -> str:
    """A ruling as a line of the file."""
    return json.dumps([name, "passed" if ruling.passed else "failed", ruling.why])
