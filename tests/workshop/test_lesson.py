"""The chapter's own verbs: in a plain run, in a terminal, in a real kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import finished, learner_cells
from tests.support import fake_course
from workshop.lesson import GIVEN

HERE = Path(__file__).resolve().parents[2]


def run(course: Course, name: str) -> subprocess.CompletedProcess[str]:
    """Run a chapter as a script, in its own folder."""
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, f"{name}.py"],
        cwd=course.pairs(),
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_finished_chapter_runs(course: Course) -> None:
    fake_course.write_pair(course, "01", finished(course.chapter("01")), ())
    done = run(course, "ch01_second")
    assert done.returncode == 0, done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines() if line.startswith("✓")] == [
        ["✓", "01.01", "passed"],
        ["✓", "01.02", "passed"],
    ]


def test_a_todo_says_blank(course: Course) -> None:
    done = run(course, "ch00_first")
    assert done.returncode == 0
    assert [line.split()[:3] for line in done.stdout.splitlines() if line.startswith("○")] == [
        ["○", "00.01", "blank"],
        ["○", "00.02", "blank"],
    ]


def test_using_a_blank_is_one_sentence(course: Course) -> None:
    fake_course.write_pair(course, "01", {"01.01": 'doubled = ____ + 1\ncheck("01.01")'}, ())
    done = run(course, "ch01_second")
    assert done.returncode == 1
    assert "01.01" in done.stderr
    assert "Traceback" not in done.stderr
    assert "○ 01.01 blank" in done.stdout


def test_an_error_still_gets_its_verdict(course: Course) -> None:
    fake_course.write_pair(course, "01", {"01.01": 'y = 1\ndoubled = x @ x\ncheck("01.01")'}, ())
    done = run(course, "ch01_second")
    assert done.returncode == 1
    assert "RuntimeError" in done.stderr
    assert "! 01.01 error (line 2)" in done.stdout


CELLS = [
    'from workshop import ____, check, hint, solution\nword = "apple"',
    'length = ____\ncheck("00.01")',
    'length = len(word) - 1\ncheck("00.01")',
    'length = len(wrod)\ncheck("00.01")',
    'length = len(word)\ncheck("00.01")',
    'check("00.01")',
    "____ + 1",
    'print(f"{____} {____!r}")',
    'hint("00.01")\nhint("00.01")\nhint("00.01")\nhint("00.01")\nhint("00.01")',
    'hint("00.01", 2)\nsolution("00.02")',
    'check("00.99")\nhint("77.01")\nsolution("00.99")',
    'check("01.01")',
    "length = (",
    'first = ____[0]\nlast = 2\ncheck("00.02")',
    "word = ____",
    'length = len(word)\ncheck("00.01")',
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[dict[str, object]]]:
    """What each of `CELLS` shows in a real kernel."""
    course = fake_course.make_course(tmp_path_factory.mktemp("lesson") / "course")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    client = NotebookClient(
        notebook, allow_errors=True, timeout=120, resources={"metadata": {"path": str(course.pairs())}}
    )
    client.execute()
    return [list(cell["outputs"]) for cell in notebook.cells]


def shown(outputs: list[dict[str, object]]) -> list[str]:
    """The HTML of a cell's displays."""
    return [o["data"]["text/html"] for o in outputs if o["output_type"] == "display_data"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [(1, "blank"), (2, "failed"), (3, "error"), (4, "passed"), (5, "passed"), (11, "blank"), (13, "blank")],
)
def test_verdicts_in_a_kernel(outputs: list[list[dict[str, object]]], cell: int, outcome: str) -> None:
    (html,) = shown(outputs[cell])
    assert f"{outcome}</b>" in html


def test_a_mistake_is_named_in_a_kernel(outputs: list[list[dict[str, object]]]) -> None:
    assert "the count is one more" in shown(outputs[2])[0]


def test_an_error_shows_its_traceback_too(outputs: list[list[dict[str, object]]]) -> None:
    assert [o["ename"] for o in outputs[3] if o["output_type"] == "error"] == ["NameError"]


def test_a_used_blank_has_no_traceback(outputs: list[list[dict[str, object]]]) -> None:
    for cell in (6, 13):
        (error,) = [o for o in outputs[cell] if o["output_type"] == "error"]
        assert len(error["traceback"]) == 1  # type: ignore[arg-type]
    assert "00.02" in json.dumps(outputs[13])


def test_a_right_cell_is_not_blamed_for_a_blank_above(outputs: list[list[dict[str, object]]]) -> None:
    (error,) = [o for o in outputs[15] if o["output_type"] == "error"]
    assert error["ename"] == "BlankError"
    assert "00.01" not in str(error["evalue"])
    (html,) = shown(outputs[15])
    assert "passed</b>" in html and GIVEN in html


def test_a_blank_can_be_printed(outputs: list[list[dict[str, object]]]) -> None:
    assert outputs[7][0]["text"] == "____ ____\n"


def test_hints_climb_to_the_answer(outputs: list[list[dict[str, object]]]) -> None:
    rungs = shown(outputs[8])
    assert ["len(word)" in rung for rung in rungs] == [False, False, True, True, True]
    third, answer = shown(outputs[9])
    assert "len(▢)" in third
    assert "word[-1]" in answer


def test_unknown_ids_name_their_neighbours(outputs: list[list[dict[str, object]]]) -> None:
    assert len(shown(outputs[10])) == 3
    assert "00.01" in shown(outputs[10])[0]


def test_a_cell_that_is_no_python(outputs: list[list[dict[str, object]]]) -> None:
    assert [o["ename"] for o in outputs[12] if o["output_type"] == "error"] == ["SyntaxError"]


def test_a_whole_notebook_runs(course: Course) -> None:
    chapter = course.chapter("01")
    text = to_notebook(learner_cells(chapter, finished(chapter)), chapter.id)
    notebook = nbformat.reads(text, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(course.pairs())}}).execute()
    found = [html for cell in notebook.cells for html in shown(cell.get("outputs", []))]
    assert ["passed</b>" in html for html in found] == [True, True]
