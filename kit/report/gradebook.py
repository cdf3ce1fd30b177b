"""A class's points as a CSV that Canvas or Moodle imports, under the names and ids that their own exports gave.

    Cohort --gradebook--> Gradebook: columns, and for each student a row of points --to_canvas, to_moodle--> CSV

What the importers ask for, and what we do about it:

- Canvas wants `Student`, `ID`, then the SIS columns if there are any, then `Section`, and a row `Points Possible`. A
  column is an assignment that it knows by `Title (id)` or by its title, or else a new one.
- Moodle wants a column that it knows students by. One student it doesn't know ends the whole import, so nobody without
  an id is in the file. A new grade item is worth 100, so what we give it is a percentage. `-` means no grade.
- In both, a student who couldn't be read has no grade, never a zero.

Canvas: https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb
Moodle: https://docs.moodle.org/405/en/Grade_import
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kit.course.outline import Outline, in_totals
from kit.errors import KitError
from kit.forks.cohort import Cohort
from kit.forks.records import Fork
from kit.pairs.progress import ChapterProgress
from kit.report.counts import is_unread, unjudged
from kit.report.formats import harmless
from kit.report.options import RenderOptions
from kit.text import first_few

CANVAS_BEFORE = ("Student", "ID")
CANVAS_SIS = ("SIS User ID", "SIS Login ID", "Integration ID", "Root Account")
MOODLE_NAMES = ("First name", "Last name", "Surname")
MOODLE_IDS: Mapping[str, tuple[str, ...]] = {  # in its own words, and what a roster may call them
    "ID number": ("id number", "idnumber"),
    "Email address": ("email address", "email", "e-mail"),
    "Username": ("username",),
}
NO_GRADE = "-"  # to Moodle
HARMLESS_ID = re.compile(r"[\w.@+-]*")  # a spreadsheet can't run anything in it, whatever it starts with
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A column of the gradebook: what it's called, and what it's worth."""

    title: str
    worth: float


@dataclass(frozen=True, slots=True)
class Grades:
    """A student's points, one for each item; None where there's no grade."""

    fork: Fork
    points: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Gradebook:
    """A class's points. `strangers` are forks without a row in the roster, if there is one: they have no grades.

    The last `by_hand` items are those that people gave marks for.
    """

    items: tuple[Item, ...]
    students: tuple[Grades, ...]
    strangers: tuple[Fork, ...]
    by_hand: int = 0


def gradebook(cohort: Cohort, options: RenderOptions) -> Gradebook:
    """The points of everybody on the roster, or of every fork if there's no roster."""
    outlines = in_totals(cohort.outlines)
    given = marks_in(cohort)
    if options.points == "chapter":
        items = [Item(f"{each.id} {each.title}", len(each.required)) for each in outlines]
    else:
        items = [Item(f"{exercise_id} {each.title}", 1) for each in outlines for exercise_id in each.required]
    items += [Item(title, worth) for title, worth in given.values()]
    rostered = any(fork.row for fork in cohort.forks)
    listed = [fork for fork in cohort.forks if fork.row or not rostered]
    students = [Grades(fork, (*points_of(fork, outlines, options), *marks_of(fork, given))) for fork in listed]
    strangers = [fork for fork in cohort.forks if rostered and not fork.row]
    return Gradebook(tuple(items), tuple(students), tuple(strangers), len(given))


def marks_in(cohort: Cohort) -> dict[str, tuple[str, float]]:
    """What people gave marks for: a column's title, which is no automatic one's, and what it's worth."""
    ids = {outline.id for outline in cohort.outlines}.union(*(outline.exercises for outline in cohort.outlines))
    marks = {mark.item.casefold(): mark for fork in cohort.forks for mark in fork.marks}
    return {key: (f"{each.item} by hand" if key in ids else each.item, each.of) for key, each in sorted(marks.items())}


def marks_of(fork: Fork, given: Mapping[str, tuple[str, float]]) -> Iterator[float | None]:
    """A fork's marks in the order of their columns."""
    own = {mark.item.casefold(): mark.points for mark in fork.marks}
    yield from (own.get(key) for key in given)


def points_of(fork: Fork, outlines: Sequence[Outline], options: RenderOptions) -> Iterator[float | None]:
    """A fork's points in the order of the items; the challenge at a chapter's end earns none."""
    for outline in outlines:
        done = done_in(fork.chapters.get(outline.id), options)
        if options.points == "chapter":
            yield None if done is None else len(done.intersection(outline.required))
        else:
            yield from (None if done is None else int(each in done) for each in outline.required)


def done_in(progress: ChapterProgress | None, options: RenderOptions) -> frozenset[str] | None:
    """The exercises that earn points; None if nobody knows."""
    if progress is None or is_unread(progress):
        return None
    if options.count == "verified":
        return None if progress.verified is None or unjudged(progress) else frozenset(progress.verified)
    return frozenset(progress.filled if options.count == "filled" else progress.ticked)


def number(points: float) -> str:
    """`3`, `2.5`, `66.67`."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def cell(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet could run it; an id stays as it is, or nobody knows it."""
    return text if HARMLESS_ID.fullmatch(text) else harmless(text)


def normal(title: str) -> str:
    """A title, for comparing."""
    return re.sub(r"[\s_]+", " ", title).strip().casefold()


def found_cell(row: Mapping[str, str], title: str) -> str:
    """A cell of a roster's row by its title, in any spelling."""
    return next((text for each, text in row.items() if normal(each) == normal(title)), "")


def titles_in(book: Gradebook) -> dict[str, str]:
    """The titles of the roster: normal spelling to its own."""
    return {normal(title): title for each in book.students for title in each.fork.row}


def written(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([cell(each) for each in row] for row in rows)
    return text.getvalue()


def to_canvas(cohort: Cohort, options: RenderOptions) -> str:
    """The class's points for Canvas. An assignment that a roster exported from Canvas has keeps its title and id."""
    book = gradebook(cohort, options)
    known = titles_in(book)
    sis = [title for title in CANVAS_SIS if normal(title) in known]
    if "SIS User ID" in sis and "SIS Login ID" not in sis:  # Canvas finds the one by the other, which comes after it
        sis.insert(1, "SIS Login ID")
    if not {"SIS User ID", "SIS Login ID"}.intersection(sis):
        sis = []
    about = [*CANVAS_BEFORE, *sis, "Section"]
    rows = [[*about, *(canvas_title(item, known) for item in book.items)]]
    rows.append(["    Points Possible", *[""] * (len(about) - 1), *(number(item.worth) for item in book.items)])
    for each in book.students:
        name = found_cell(each.fork.row, "Student") or each.fork.name
        points = ["" if one is None else number(one) for one in each.points]
        rows.append([name, *(found_cell(each.fork.row, title) for title in about[1:]), *points])
    return written(rows)


def canvas_title(item: Item, known: Mapping[str, str]) -> str:
    """The title of an item's column: as Canvas exported it, id and all, if it did."""
    wanted = normal(item.title)
    exported = (own for title, own in known.items() if title == wanted or re.sub(r" ?\(\d+\)$", "", title) == wanted)
    return next(exported, item.title)


def canvas_remarks(cohort: Cohort, options: RenderOptions) -> list[str]:
    """What to know before importing the file into Canvas."""
    book = gradebook(cohort, options)
    ids = ("ID", "SIS User ID", "SIS Login ID")
    nameless = [each.fork for each in book.students if not any(found_cell(each.fork.row, title) for title in ids)]
    without = named("without an id, so Canvas looks for the name (its own export, as the roster, has ids)", nameless)
    return [*remarks(book), *without]


def moodle_id(fork: Fork, title: str) -> str:
    """What Moodle knows a student by, letter for letter. GitHub Classroom's identifiers often are addresses."""
    found = (found_cell(fork.row, name) for name in MOODLE_IDS[title])
    return next(filter(None, found), fork.name if title == "Email address" and "@" in fork.name else "")


def best_moodle_id(book: Gradebook) -> str:
    """The column by which Moodle can know the most students.

    It's the only one in the file: on a row with an empty id, Moodle grades the student of the row before.
    """
    return max(MOODLE_IDS, key=lambda title: sum(1 for each in book.students if moodle_id(each.fork, title)))


def to_moodle(cohort: Cohort, options: RenderOptions) -> str:
    """The class's points for Moodle, in percent, of the students that it can know."""
    book = gradebook(cohort, options)
    known, by = titles_in(book), best_moodle_id(book)
    names = [title for title in MOODLE_NAMES if normal(title) in known]
    rows = [[*names, by, *(item.title for item in book.items)]]
    for each in book.students:
        who = moodle_id(each.fork, by)
        if who:
            shares = map(percent, each.points, book.items)
            rows.append([*(found_cell(each.fork.row, title) for title in names), who, *shares])
    return written(rows)


def percent(points: float | None, item: Item) -> str:
    """Points as Moodle reads them, out of a hundred: at more than that, it refuses the whole file."""
    return NO_GRADE if points is None or not item.worth else number(min(100, 100 * points / item.worth))


def moodle_remarks(cohort: Cohort, options: RenderOptions) -> list[str]:
    """What to know before importing the file into Moodle.

    Raises:
        KitError: it can't know anybody.
    """
    book = gradebook(cohort, options)
    by = best_moodle_id(book)
    unknown = [each.fork for each in book.students if not moodle_id(each.fork, by)]
    if len(unknown) == len(book.students):
        advice = "give a roster with a column `ID number`, `Email address` or `Username`, such as Moodle's own export"
        raise KitError("Moodle has no way to know these students", "", advice)
    above = [
        each.fork
        for each in book.students
        if any(one is not None and one > item.worth for one, item in zip(each.points, book.items, strict=True))
    ]
    return [
        *remarks(book),
        *named(f"left out, without `{by}`, by which Moodle knows the others", unknown),
        *named("with more points than there are, cut to 100, since Moodle takes no more", above),
    ]


def remarks(book: Gradebook) -> list[str]:
    """Who has no grade, and who isn't in the file."""
    automatic = [(each.fork, each.points[: len(book.items) - book.by_hand]) for each in book.students]
    empty = [fork for fork, points in automatic if all(one is None for one in points)]
    some = [fork for fork, points in automatic if None in points and any(one is not None for one in points)]
    return [
        *named("without a grade, since nothing could be read or judged", empty),
        *named(
            "without a grade in some columns, since those chapters couldn't be read or judged",
            some,
        ),
        *named("left out, since the roster doesn't have them", book.strangers),
    ]


def named(what: str, forks: Sequence[Fork]) -> list[str]:
    """A remark about some students, if there are any."""
    return [f"{what}: {first_few([fork.name for fork in forks], MOST_NAMES, '; ')}"] if forks else []
