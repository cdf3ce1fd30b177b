"""A roster: a CSV file that lists the students and where their forks are.

name,url,branch,group
student-01,https://host/student-01/workshop.git,,blue

Exports of classroom tools are rosters too if they name a repository or an account on the server:

GitHub Classroom, roster   identifier, github_username, github_id, name
GitHub Classroom, grades   ..., github_username, roster_identifier, student_repository_name, student_repository_url, ...
GitLab, members            Name, Username, Email, ...
Moodle, Canvas             First name, Last name (or Surname), ... and Student, ...: add a column `login` or `url`
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kit.errors import KitError
from kit.text import label

# What each column may be called, in any case, with spaces or underscores. The first one present counts, and if its cell
# is empty, the next. A classroom's own identifier comes before the name that people gave their accounts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("identifier", "roster identifier", "name", "student", "full name"),
    "url": ("url", "student repository url", "repository url", "clone url"),
    "login": ("login", "github username", "github login", "github", "gitlab username", "username"),
    "branch": ("branch",),
}
PARTS = (("first name",), ("last name", "surname"))  # of a name in two columns
NOT_A_STUDENT = re.compile(r"\s*points possible\s*", re.IGNORECASE)  # a row of Canvas exports
POSTING = re.compile(r"\s*(?:muted|manual posting.*)?\s*", re.IGNORECASE)  # the cells of another one
BUNDLE = re.compile(rb"# v\d+ git bundle\n")
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATOR = re.compile(r'"?sep=(.)"?[ \t]*[,;]*(?:\r\n|\r|\n|$)', re.IGNORECASE)  # a spreadsheet's first line
ACCOUNT = re.compile(r"(?:https?://[^/]+/)?@?([\w.-]+)/?")


@dataclass(frozen=True, slots=True)
class Student:
    """A row of the roster. `url` is just as it's written there: unchecked, and possibly with a token in it.

    `login` is the student's account on the server. `cells` is the whole row by title, with whatever other systems know
    the student by, but without addresses.
    """

    name: str
    url: str
    branch: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    login: str = ""
    cells: Mapping[str, str] = field(default_factory=dict, compare=False)


def decode(data: bytes) -> str:
    """The text of a CSV file, in any encoding that spreadsheets use: UTF-8, UTF-16 with a byte order mark, Latin-1."""
    if data.startswith(UTF_16):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def normal_title(title: str) -> str:
    """A column's title, spelled as in `COLUMNS`."""
    return re.sub(r"[\s_-]+", " ", title).strip().casefold()


def find_columns(titles: Sequence[str]) -> dict[str, list[tuple[int, ...]]]:
    """Where each column is, best first, by index; a name may be in two columns."""
    by_title: dict[str, int] = {}
    for place, title in enumerate(titles):
        by_title.setdefault(normal_title(title), place)
    found: dict[str, list[tuple[int, ...]]] = {
        column: [(by_title[name],) for name in names if name in by_title] for column, names in COLUMNS.items()
    }
    parts = [next((by_title[name] for name in names if name in by_title), None) for names in PARTS]
    if None not in parts:
        found["name"].append(tuple(part for part in parts if part is not None))
    return found


def delimiter_of(text: str) -> str:
    """What stands between the columns: what gives the first line most of the titles we know, and then most columns."""

    def found(delimiter: str) -> tuple[int, int]:
        titles = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        return sum(map(bool, find_columns(titles).values())), len(titles)

    return max(",;\t|", key=found)


def refused(data: bytes, where: str) -> bytes:
    """The same bytes, if they may be a roster.

    Raises:
        KitError: they're something else: a bundle, an archive, a spreadsheet.
    """
    if BUNDLE.match(data):
        raise KitError("this is a git bundle, not a roster", where, f"git clone {where} FOLDER, then name that folder")
    if data.startswith(b"PK") and (b"xl/" in data or b"opendocument.spreadsheet" in data):
        raise KitError("this is a spreadsheet, not a roster", where, "save it as CSV, then name that file")
    if data.startswith(ARCHIVES):
        raise KitError("this is an archive, not a roster", where, "unpack it, then name the folder with the clones")
    if b"\0" in data and not data.startswith(UTF_16):
        raise KitError("this file isn't text, and so no roster", where, "name a folder of clones or a CSV file")
    return data


def account(text: str) -> str:
    """The account in a cell: `octo`, `@octo` or the address of its page."""
    found = ACCOUNT.fullmatch(text.strip())
    return found[1] if found else ""


def parse_roster(data: bytes, where: str) -> tuple[Student, ...]:
    """The students on a roster, in its order; columns other than name, url, login and branch are kept as `extra`.

    Raises:
        KitError: it isn't CSV, or a column is missing.
    """
    text = decode(refused(data, where)).lstrip("\ufeff \t\r\n")
    said = SEPARATOR.match(text)
    text = text[said.end() :].lstrip() if said else text
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=said[1] if said else delimiter_of(text)))
    except csv.Error as error:
        raise KitError(f"not CSV: {error}", where, "save the roster as CSV with the columns name and url") from error
    titles = [label(title) for title in rows[0]] if rows else []
    columns = find_columns(titles)
    if not (columns["name"] or columns["login"]):
        raise KitError("this roster has no column `name`", where, "make its first line `name,url`")
    if not (columns["url"] or columns["login"]):
        raise KitError(
            "this roster has neither a column `url` nor a column `login`",
            where,
            "add a column `login` with each student's account, or a column `url` with the address of their fork",
        )
    known = {places[0][0] for places in columns.values() if places}
    known |= {place for places in columns["name"] if len(places) > 1 for place in places}
    others = [(place, title) for place, title in enumerate(titles) if title and place not in known]
    secret = {places[0] for places in columns["url"]}  # there may be tokens in them
    named = [(place, title) for place, title in reversed([*enumerate(titles)]) if title and place not in secret]
    students: list[Student] = []
    for row in rows[1:]:
        cells = dict(enumerate(row))
        if NOT_A_STUDENT.fullmatch(row[0] if row else "") or all(map(POSTING.fullmatch, row)):
            continue

        def best(column: str, cells: dict[int, str] = cells) -> str:
            read = (" ".join(cells.get(place, "").strip() for place in places) for places in columns[column])
            return next((text for text in map(str.strip, read) if text), "")

        extra = {title: label(cells.get(place, "")) for place, title in others}
        login = account(best("login"))
        whole = {title: label(cells.get(place, "")) for place, title in named}
        students.append(Student(label(best("name")) or login, best("url"), best("branch"), extra, login, whole))
    return tuple(students)


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students on the roster at `path`.

    Raises:
        KitError: it can't be read.
    """
    try:
        return parse_roster(path.read_bytes(), str(path))
    except OSError as error:
        raise KitError("the roster can't be read", str(path), "check its name and permissions") from error
