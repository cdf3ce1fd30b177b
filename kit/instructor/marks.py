"""Marks that people give: a CSV with a line for each student and item, shown beside what the judge says.

name,item,points,of,comment
octo,06,3,4,clear names
octo,project,17.5,20,

FILE --read_marks--> GivenMark, ... --with_marks--> Cohort whose forks have them
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kit.errors import KitError
from kit.forks.cohort import Cohort
from kit.forks.records import Fork, Mark
from kit.sources.roster import decode, normal_title
from kit.text import first_few, label

WHO = ("name", "student", "login", "identifier", "email address", "id")  # the title of the first column may be any
NEEDED = ("item", "points", "of")
MOST = 5


@dataclass(frozen=True, slots=True)
class GivenMark:
    """A line of the file: whose mark it is, as it's written there, and where."""

    who: str
    mark: Mark
    line: int


def amount(text: str, column: str, where: str) -> float:
    """A number in a cell, with a point or a comma.

    Raises:
        KitError: it isn't one.
    """
    try:
        found = float(text.strip().replace(",", "."))
    except ValueError:
        found = math.nan
    if not math.isfinite(found) or (column == "of" and found <= 0):
        raise KitError(f"this can't be a number of `{column}`: {label(text, 40)!r}", where, "write 3 or 2.5")
    return found


def read_marks(path: Path) -> tuple[GivenMark, ...]:
    """The marks in a file.

    Raises:
        KitError: it can't be read, a column is missing, a number isn't one, or somebody has two marks for one item.
    """
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        raise KitError("the marks can't be read", str(path), "check the file's name and permissions") from error
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise KitError(f"not CSV: {error}", str(path), "save the marks as CSV") from error
    titles = [normal_title(title) for title in rows[0][1]] if rows else []
    who = next((title for title in WHO if title in titles), "")
    missing = [title for title in ("" if who else "name", *NEEDED) if title and title not in titles]
    if missing:
        advice = "make its first line name,item,points,of,comment"
        raise KitError(f"these marks have no column {first_few(missing, MOST)}", str(path), advice)
    found: dict[tuple[str, str], GivenMark] = {}
    worth: dict[str, float] = {}
    for line, row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        where = f"{path}:{line}"
        cells = dict(zip(titles, [*row, *[""] * len(titles)], strict=False))
        item, of = label(cells["item"]), amount(cells["of"], "of", where)
        if worth.setdefault(item.casefold(), of) != of:
            raise KitError(f"{item} is out of {worth[item.casefold()]:g} in another line", where, "give both the same")
        points = amount(cells["points"], "points", where)
        given = GivenMark(label(cells[who]), Mark(item, points, of, label(cells.get("comment", ""), 1000)), line)
        key = (given.who.casefold(), item.casefold())
        if key in found:
            raise KitError(f"{given.who} has a mark for {item} in line {found[key].line}", where, "keep one of them")
        found[key] = given
    return tuple(found.values())


def with_marks(cohort: Cohort, marks: Sequence[GivenMark], file: Path) -> tuple[Cohort, list[str]]:
    """The cohort with each student's marks, and remarks on those that are nobody's.

    A student is known by the fork's name or by any cell of their row in the roster.

    Raises:
        KitError: it's not clear whose a mark is, or somebody has two for one item, under two names.
    """
    known: dict[str, list[int]] = {}
    for place, fork in enumerate(cohort.forks):
        for name in {fork.name.casefold(), *(cell.casefold() for cell in fork.row.values() if cell)}:
            known.setdefault(name, []).append(place)
    by_name = {fork.name.casefold(): place for place, fork in enumerate(cohort.forks)}
    given: dict[int, dict[str, Mark]] = {}
    nobody: list[str] = []
    for each in marks:
        who = each.who.casefold()
        places = [by_name[who]] if who in by_name else known.get(who, [])
        if not places:
            nobody.append(f"{each.who} (line {each.line})")
            continue
        if len(places) > 1:
            names = first_few([cohort.forks[place].name for place in places], MOST)
            raise KitError(f"{each.who} may be any of {names}", f"{file}:{each.line}", "write the name, or an id")
        own = given.setdefault(places[0], {})
        if each.mark.item.casefold() in own:
            what = f"{cohort.forks[places[0]].name} has another mark for {each.mark.item}, under another name"
            raise KitError(what, f"{file}:{each.line}", "keep one of them")
        own[each.mark.item.casefold()] = each.mark
    forks = tuple(marked(fork, given.get(place, {})) for place, fork in enumerate(cohort.forks))
    remarks = [f"{file}: no such student, so their marks aren't in the report: {first_few(nobody, MOST)}"]
    return replace(cohort, forks=forks), remarks if nobody else []


def marked(fork: Fork, marks: Mapping[str, Mark]) -> Fork:
    """A fork with its marks."""
    return replace(fork, marks=tuple(marks.values())) if marks else fork
