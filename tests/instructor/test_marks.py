"""Marks that people give, beside the automatic ones."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.errors import KitError
from kit.forks.records import Mark
from kit.instructor.marks import read_marks, with_marks
from kit.report.feedback import to_feedback
from kit.report.formats import to_json
from kit.report.gradebook import canvas_remarks, moodle_remarks, to_canvas, to_moodle
from kit.report.options import RenderOptions
from scripts import progress
from tests.report.test_gradebook import CANVAS, class_of
from tests.support.forks import make_fork

HEAD = "name,item,points,of,comment\n"
MARKS = (
    HEAD + "octo,00,3,4,clear\n@ann,project,17.5,20,a legend is missing @eve\n103,project,0,20,\nzoe,project,20,20,\n"
)


def marks_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "marks.csv"
    path.write_text(text)
    return path


def test_marks_find_their_students(course: Course, tmp_path: Path) -> None:
    file = marks_file(tmp_path, MARKS)
    cohort, remarks = with_marks(class_of(course, CANVAS), read_marks(file), file)
    assert [fork.marks for fork in cohort.forks] == [
        (Mark("00", 3, 4, "clear"),),
        (Mark("project", 17.5, 20, "a legend is missing @eve"),),
        (Mark("project", 0, 20),),
        (),
    ]
    assert len(remarks) == 1
    assert "zoe (line 5)" in remarks[0]


def test_they_are_beside_the_automatic_points(course: Course, tmp_path: Path) -> None:
    file = marks_file(tmp_path, MARKS)
    plain = class_of(course, CANVAS)
    cohort, _ = with_marks(plain, read_marks(file), file)
    header, worth, *rows = csv.reader(io.StringIO(to_canvas(cohort, RenderOptions())))
    assert header[-4:] == ["00 First steps", "01 Second steps (4711)", "00 by hand", "project"]
    assert [row[-4:] for row in (worth, *rows)] == [
        ["2", "2", "4", "20"],
        ["2", "1", "3", ""],
        ["2", "", "", "17.5"],
        ["", "", "", "0"],
    ]
    assert canvas_remarks(cohort, RenderOptions()) == canvas_remarks(plain, RenderOptions())
    ids = tuple(replace(fork, row={"Username": fork.name} if fork.row else {}) for fork in cohort.forks)
    *_, last = csv.reader(io.StringIO(to_moodle(replace(cohort, forks=ids), RenderOptions())))
    assert last[1:] == ["-", "-", "-", "0"]
    first = json.loads(to_json(cohort, RenderOptions()))["forks"][0]
    assert first["marks"] == [{"item": "00", "points": 3, "of": 4, "comment": "clear"}]
    assert "- 00, 3 of 4: clear" in to_feedback(cohort, cohort.forks[0])
    assert "project, 17.5 of 20: a legend is missing" in to_feedback(cohort, cohort.forks[1])
    assert "@eve" not in to_feedback(cohort, cohort.forks[1])
    assert "project, 0 of 20" in to_feedback(cohort, cohort.forks[2])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name,points,of\nocto,1,2\n",
        "item,points,of\n00,1,2\n",
        HEAD + "octo,00,many,4,\n",
        HEAD + "octo,00,nan,4,\n",
        HEAD + "octo,00,1,0,\n",
        HEAD + "octo,00,1,,\n",
        HEAD + "octo,00,1,4,\nOcto,00,2,4,\n",
        HEAD + "octo,00,1,4,\nann,00,2,5,\n",
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(KitError):
        read_marks(marks_file(tmp_path, text))


def test_more_points_than_there_are(course: Course, tmp_path: Path) -> None:
    file = marks_file(tmp_path, HEAD + "octo,project,25,20,\n")
    cohort, _ = with_marks(class_of(course, CANVAS), read_marks(file), file)
    ids = replace(cohort, forks=(replace(cohort.forks[0], row={"Username": "octo"}),))
    assert to_canvas(cohort, RenderOptions()).split("\r\n")[2].endswith(",25")
    assert to_moodle(ids, RenderOptions()).split("\r\n")[1].endswith(",100")  # at 125 it would refuse the file
    assert "homework-octo" in moodle_remarks(ids, RenderOptions())[-1]


@pytest.mark.parametrize("lines", ["Group A,00,1,4,\n", "octo,00,1,4,\n101,00,2,4,\n"])
def test_whose_a_mark_is_must_be_clear(course: Course, tmp_path: Path, lines: str) -> None:
    file = marks_file(tmp_path, HEAD + lines)
    with pytest.raises(KitError):
        with_marks(class_of(course, CANVAS), read_marks(file), file)


def test_semicolons_and_commas_in_numbers(tmp_path: Path) -> None:
    file = marks_file(tmp_path, "Student;Item;Points;Of\n\nocto;project;2,5;4\n")
    (got,) = read_marks(file)
    assert (got.who, got.mark, got.line) == ("octo", Mark("project", 2.5, 4), 3)


def test_the_command(course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(course.root)
    make_fork(course.root / "clones" / "octo.git", course)
    marks_file(course.root, MARKS)
    words = ["clones", "--marks", "marks.csv", "--format", "json"]
    assert progress.main(words) == 0
    seen = capsys.readouterr()
    assert json.loads(seen.out)["forks"][0]["marks"][0]["points"] == 3
    assert seen.err.count("zoe") == 1
    assert progress.main([*words, "--pseudonymous"]) == 0
    assert "marks" not in json.loads(capsys.readouterr().out)["forks"][0]
    assert progress.main(["clones", "--marks", "nowhere.csv"]) == 2
