"""The gradebooks, read the way Canvas and Moodle read them.

Canvas: https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb
Moodle: https://docs.moodle.org/405/en/Grade_import
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from kit.course.course import Course
from kit.course.outline import outline_of
from kit.errors import KitError
from kit.forks.cohort import Cohort
from kit.forks.records import Fork
from kit.pairs.progress import ChapterProgress, Flag
from kit.report.gradebook import canvas_remarks, gradebook, moodle_remarks, to_canvas, to_moodle
from kit.report.options import Points, RenderOptions
from kit.sources.roster import parse_roster
from tests.report.test_formats import NOW, TIP

BOTH = ChapterProgress(3, (), ("00.01", "00.02"), ("00.01", "00.02"))
HALF = ChapterProgress(3, ("01.01",), ("01.01", "01.02"), ("01.01",))
CONFLICT = ChapterProgress(3, flags=(Flag("conflict"),))
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,01 Second steps (4711),Current Score,login
,,,,,Manual Posting,,
    Points Possible,,,,,2,(read only),
"Cat, Octo",101,0007,octo@uni,Group A,,,octo
"Fox, Ann",102,+008,@ann,Group A,,,ann
"Gone, Joe",103,0009,joe@uni,Group B,,,joe
"""
MOODLE = """First name,Surname,ID number,Institution,Email address,login
Octo,Cat,,Uni,Octo.Cat@Uni.example,octo
Ann,Fox,,Uni,ann@uni.example,ann
Joe,Gone,77,Uni,,joe
"""


def class_of(course: Course, roster: str) -> Cohort:
    """The roster's three students: one has done half of it, one has a conflict, one can't be read."""
    rows = [student.cells for student in parse_roster(roster.encode(), "roster.csv")]
    assert len(rows) == 3
    read = Fork("homework-octo", "", "ok", "", TIP, {"00": BOTH, "01": HALF}, row=rows[0])
    conflict = Fork("homework-ann", "", "ok", "", TIP, {"00": BOTH, "01": CONFLICT}, row=rows[1])
    gone = Fork("joe", "", "not found", "no such repository", row=rows[2])
    stranger = Fork("eve", "", "ok", "", TIP, {"00": BOTH, "01": HALF})
    return Cohort(NOW, tuple(map(outline_of, course.chapters)), (read, conflict, gone, stranger))


def options(points: Points = "chapter") -> RenderOptions:
    return RenderOptions(points=points)


def as_canvas(text: str) -> tuple[list[str], list[str], list[dict[str, str]]]:
    """The assignments, what they're worth, and the students' rows, by the importer's rules for the columns."""
    header, *rows = csv.reader(io.StringIO(text))
    assert len(header) > 3
    assert (header[0], header[1]) == ("Student", "ID")
    about = 3
    if header[2] == "SIS Login ID":
        about = 4
    elif (header[2], header[3]) == ("SIS User ID", "SIS Login ID"):
        about = 5 + (header[4] == "Integration ID")
        about += header[about - 1] == "Root Account"
    assert header[about - 1] == "Section"
    assert not any(re.search(r"(Current|Final|Override) (Score|Points|Grade|Status)", title) for title in header)
    assert len(set(header)) == len(header)
    assert all(len(row) == len(header) for row in rows)
    assert "Points Possible" in rows[0][0]
    return header[about:], rows[0][about:], [dict(zip(header, row, strict=True)) for row in rows[1:]]


def test_canvas_gets_its_own_ids_back(course: Course) -> None:
    cohort = class_of(course, CANVAS)
    titles, worth, rows = as_canvas(to_canvas(cohort, options()))
    assert titles == ["00 First steps", "01 Second steps (4711)"]
    assert worth == ["2", "2"]
    assert [tuple(row.values()) for row in rows] == [
        ("Cat, Octo", "101", "0007", "octo@uni", "Group A", "2", "1"),
        ("Fox, Ann", "102", "+008", "@ann", "Group A", "2", ""),
        ("Gone, Joe", "103", "0009", "joe@uni", "Group B", "", ""),
    ]
    assert [remark.rpartition(": ")[2] for remark in canvas_remarks(cohort, options())] == [
        "joe",
        "homework-ann",
        "eve",
    ]


def test_canvas_by_exercise(course: Course) -> None:
    titles, worth, rows = as_canvas(to_canvas(class_of(course, CANVAS), options("exercise")))
    assert [title[:5] for title in titles] == ["00.01", "00.02", "01.01", "01.02"]
    assert worth == ["1"] * 4
    assert [row[titles[2]] + row[titles[3]] for row in rows] == ["10", "", ""]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("Student,ID,Section", ["Student", "ID", "Section"]),
        ("Student,ID,SIS Login ID,Section", ["Student", "ID", "SIS Login ID", "Section"]),
        ("Student,SIS User ID", ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]),
        ("name", ["Student", "ID", "Section"]),
        ("Student,Integration ID", ["Student", "ID", "Section"]),
        (
            "Student,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section",
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section"],
        ),
    ],
)
def test_canvas_finds_the_columns_where_it_looks(course: Course, columns: str, expected: list[str]) -> None:
    cohort = class_of(course, CANVAS)
    row = dict.fromkeys(columns.split(","), "x")
    text = to_canvas(replace(cohort, forks=(replace(cohort.forks[0], row=row),)), options())
    as_canvas(text)
    assert text.split("\r\n")[0].split(",")[: len(expected)] == expected


def test_without_a_roster_everybody_is_there_by_name(course: Course) -> None:
    cohort = class_of(course, CANVAS)
    plain = replace(cohort, forks=tuple(replace(fork, row={}) for fork in cohort.forks))
    _, _, rows = as_canvas(to_canvas(plain, options()))
    assert [row["Student"] for row in rows] == ["homework-octo", "homework-ann", "joe", "eve"]
    assert canvas_remarks(plain, options())[-1].count("homework-octo") == 1
    with pytest.raises(KitError):
        moodle_remarks(plain, options())


def test_a_spreadsheet_runs_nothing(course: Course) -> None:
    cohort = class_of(course, CANVAS)
    row = {"Student": "=cmd()", "ID": "-2+3", "SIS User ID": "@SUM(1)", "SIS Login ID": "-ann"}
    _, _, (got,) = as_canvas(to_canvas(replace(cohort, forks=(replace(cohort.forks[0], row=row),)), options()))
    assert [got[title] for title in row] == ["'=cmd()", "-2+3", "'@SUM(1)", "-ann"]


def test_moodle(course: Course) -> None:
    cohort = class_of(course, MOODLE)
    text = to_moodle(cohort, options())
    header, *rows = csv.reader(io.StringIO(text))
    assert header == ["First name", "Surname", "Email address", "00 First steps", "01 Second steps"]
    assert rows == [  # nobody without an id, in its own spelling; out of 100; `-` is no grade
        ["Octo", "Cat", "Octo.Cat@Uni.example", "100", "50"],
        ["Ann", "Fox", "ann@uni.example", "100", "-"],
    ]
    assert [remark.rpartition(": ")[2] for remark in moodle_remarks(cohort, options())] == [
        "joe",
        "homework-ann",
        "eve",
        "joe",
    ]


def test_moodle_knows_a_classroom_by_address(course: Course) -> None:
    roster = '"identifier","github_username"\n"a@uni.example","a"\n"b@uni.example","b"\n"c@uni.example","c"\n'
    cohort = class_of(course, roster)
    forks = tuple(replace(fork, name=fork.row.get("identifier", "eve")) for fork in cohort.forks)
    header, *rows = csv.reader(io.StringIO(to_moodle(replace(cohort, forks=forks), options())))
    assert header[0] == "Email address"
    assert [row[0] for row in rows] == ["a@uni.example", "b@uni.example", "c@uni.example"]


def test_points_are_for_what_was_asked(course: Course) -> None:
    cohort = class_of(course, CANVAS)
    got = {
        count: gradebook(cohort, RenderOptions(count=count)).students[0].points
        for count in ("verified", "filled", "ticked")
    }
    assert got == {"verified": (2, 1), "filled": (2, 2), "ticked": (0, 1)}


def test_what_could_not_be_judged_is_no_zero(course: Course) -> None:
    cohort = class_of(course, CANVAS)
    lost = replace(HALF, verified=(), failed={"01.01": "not judged: no room", "01.02": "wrong"})
    fork = replace(cohort.forks[0], chapters={"00": BOTH, "01": lost})
    cohort = replace(cohort, forks=(fork, *cohort.forks[1:]))
    assert gradebook(cohort, options()).students[0].points == (2, None)
    remarks = [remark for remark in canvas_remarks(cohort, options()) if remark.startswith("without a grade in some")]
    assert remarks and all(remark.endswith(": homework-octo; homework-ann") for remark in remarks)
