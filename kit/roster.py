"""A roster: a CSV file that says which students there are and where their forks lie.

name,url,branch,group
student-01,https://host/student-01/workshop.git,,blue
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kit.errors import KitError
from kit.label import label

COLUMNS = {"name": ("name",), "url": ("url",), "branch": ("branch",)}  # what each may be called, in any case
NEEDED = ("name", "url")


@dataclass(frozen=True, slots=True)
class Student:
    """A row of the roster. `url` is as it stands there: not yet judged, and it may hold a token."""

    name: str
    url: str
    branch: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


def decode(data: bytes) -> str:
    """The text of a CSV file, as spreadsheets write them: UTF-8, UTF-16 with its mark, or Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def parse_roster(data: bytes, where: str) -> tuple[Student, ...]:
    """The students of a roster, in its order; columns other than name, url and branch are kept as `extra`.

    Raises:
        KitError: it is no CSV, or a needed column is missing.
    """
    text = decode(data)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise KitError(
            f"this roster is no CSV: {error}", where, "save it as CSV with the columns name and url"
        ) from error
    titles = [label(title) for title in rows[0]] if rows else []
    places: dict[str, int] = {}
    for column, names in COLUMNS.items():
        found = [place for place, title in enumerate(titles) if title.casefold() in names]
        if found:
            places[column] = found[0]
    lost = [column for column in NEEDED if column not in places]
    if lost:
        raise KitError(
            f"this roster has no column {' and no column '.join(lost)}", where, "its first line is `name,url`"
        )
    others = [(place, title) for place, title in enumerate(titles) if title and place not in places.values()]
    students: list[Student] = []
    for row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(enumerate(row))
        known = {column: cells.get(place, "").strip() for column, place in places.items()}
        extra = {title: label(cells.get(place, "")) for place, title in others}
        students.append(Student(label(known["name"]), known["url"], known.get("branch", ""), extra))
    return tuple(students)


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students of the roster at `path`.

    Raises:
        KitError: it cannot be read.
    """
    try:
        return parse_roster(path.read_bytes(), str(path))
    except OSError as error:
        raise KitError("the roster cannot be read", str(path), "check its name and its rights") from error
