"""The syllabus: `chapters.toml` as records.

Syllabus
  Entry: number, slug, title, minutes, removed
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from kit.errors import KitError

SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One chapter in the syllabus. A `planned` one has no source yet.

    A `bonus` chapter comes after the course, and counts in no total.
    `removed` are ids of exercises that are no more. They aren't used again: forks and results are keyed by them.
    """

    number: int
    slug: str
    title: str
    minutes: int
    planned: bool = False
    removed: tuple[str, ...] = ()
    bonus: bool = False

    @property
    def id(self) -> str:
        """Two digits: `06`."""
        return f"{self.number:02d}"

    @property
    def stem(self) -> str:
        """The file name without its ending: `ch06_attention_head`."""
        return f"ch{self.id}_{self.slug}"


def parse_syllabus(text: str, where: str = "chapters.toml") -> tuple[Entry, ...]:
    """The entries of a syllabus, numbered in order from 0. `where` is what messages call the file.

    Raises:
        KitError: a key is missing, unknown or of the wrong type, a slug occurs twice, or the order is wrong.
    """
    try:
        rows = tomllib.loads(text).get("chapter", [])
    except tomllib.TOMLDecodeError as error:
        raise KitError(f"this isn't TOML: {error}", where, "fix the line it names") from error
    entries: list[Entry] = []
    for number, row in enumerate(rows):
        place = f"{where}: chapter {number:02d}"
        wrong = (set(row) - {"planned", "removed", "bonus"}) ^ {"slug", "title", "minutes"}
        if wrong:
            raise KitError(f"keys missing or unknown: {', '.join(sorted(wrong))}", place, "give slug, title, minutes")
        slug, title, minutes = row["slug"], row["title"], row["minutes"]
        if not isinstance(slug, str) or not SLUG.fullmatch(slug) or slug in (entry.slug for entry in entries):
            raise KitError(f"the slug {slug!r} must be lower_case, and not used twice", place)
        if not isinstance(title, str) or not isinstance(minutes, int) or minutes <= 0:
            raise KitError("the title must be text, and the minutes a whole number above 0", place)
        removed = row.get("removed", [])
        if not isinstance(removed, list) or not all(isinstance(each, str) for each in removed):
            raise KitError("`removed` is a list of exercises' ids", place)
        planned, bonus = row.get("planned", False), row.get("bonus", False)
        if entries and entries[-1].bonus and not bonus:
            raise KitError("the chapter before this one is a bonus", place, "put bonus chapters at the end")
        entries.append(Entry(number, slug, title, minutes, planned, tuple(removed), bonus))
    if not 0 < len(entries) <= 100:
        raise KitError(f"a syllabus has 1 to 100 chapters; this one has {len(entries)}", where)
    return tuple(entries)


def read_syllabus(path: Path) -> tuple[Entry, ...]:
    """The entries of the file at `path`.

    Raises:
        KitError: the file is missing or wrong.
    """
    return parse_syllabus(syllabus_text(path), path.name)


def syllabus_text(path: Path) -> str:
    """The text of the file at `path`.

    Raises:
        KitError: it can't be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise KitError("the syllabus can't be read", str(path), "run this inside the workshop's folder") from error
