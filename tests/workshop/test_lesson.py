"""The chapter's own verbs: in a plain run, in a terminal, in a real kernel."""

from __future__ import annotations

import builtins
import json
import os
import re
import subprocess
import sys
from html import escape
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import finished, learner_cells
from kit.errors import KitError
from tests.support import fake_course
from workshop import answer
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
    return run_in_kernel(CELLS, tmp_path_factory.mktemp("lesson") / "course")


def run_in_kernel(cells: list[str], folder: Path) -> list[list[dict[str, object]]]:
    """What each of these cells shows in a real kernel."""
    course = fake_course.make_course(folder)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    client = NotebookClient(
        notebook, allow_errors=True, timeout=120, resources={"metadata": {"path": str(course.pairs())}}
    )
    client.execute()
    return [list(cell["outputs"]) for cell in notebook.cells]


def shown(outputs: list[dict[str, object]]) -> list[str]:
    """The HTML of a cell's displays."""
    displays: list[dict[str, str]] = [o["data"] for o in outputs if o["output_type"] == "display_data"]  # type: ignore[misc]
    return [data["text/html"] for data in displays if "text/html" in data]


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
    (name,) = [str(o["ename"]) for o in outputs[12] if o["output_type"] == "error"]
    assert issubclass(getattr(builtins, name), SyntaxError)  # Python 3.13 has one of its own for an unfinished cell


def test_a_whole_notebook_runs(course: Course) -> None:
    chapter = course.chapter("01")
    text = to_notebook(learner_cells(chapter, finished(chapter)), chapter.id)
    notebook = nbformat.reads(text, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(course.pairs())}}).execute()
    found = [html for cell in notebook.cells for html in shown(cell.get("outputs", []))]
    assert ["passed</b>" in html for html in found] == [True, True]


LENGTH = 'length = len(word)\ncheck("00.01")'
BOTH = 'length = len({})\ncheck("00.01")\n\nfirst = word[0]\nlast = word[{}]\ncheck("00.02")'
ANYHOW: list[tuple[str, list[str]]] = [  # cells, one after another in one kernel, and the verdicts they show
    ('from workshop import ____, check, hint, solution\nword = "apple"', []),
    ('if True:\n    length = 1\n    check("00.01")', ["00.01 failed"]),
    ('length = len(word)\nok = check("00.01")', ["00.01 passed"]),
    ('length = 2\nif True:\n    check("00.01")', ["00.01 failed"]),
    ('length = len(word)\nprint(check("00.01"))', ["00.01 passed"]),
    ('length = 3\nask = check\nask("00.01")', ["00.01 failed"]),
    ('import threading\nlength = 4\nthread = threading.Thread(target=check, args=("00.01",))', []),
    ("%%time\nlength = len(word)\ncheck('00.01')", ["00.01 passed"]),
    ("%%timeit -n2 -r2\nlength = len(word) - 1\ncheck('00.01')", ["00.01 failed"]),
    ("%matplotlib inline\n!true\nx = !true\nlen?\n%timeit -n1 -r1 len(word)\n" + LENGTH, ["00.01 passed"]),
    ('s = """\n%time\n"""\nlength = (len(word) + 100\n% 101)\ncheck("00.01")', ["00.01 failed"]),
    ("import asyncio\ndisplay(word)\nawait asyncio.sleep(0)\n" + LENGTH, ["00.01 passed"]),
    (BOTH.format("word", "-1"), ["00.01 passed", "00.02 passed"]),
    (BOTH.format("word", "1"), ["00.01 passed", "00.02 failed"]),
    (BOTH.format("wrod", "-1"), ["00.01 error"]),
    (BOTH.format("word", "i"), ["00.01 passed", "00.02 error"]),
    (BOTH.format("word", "-1").replace("[0]", "[0"), ["00.01 passed", "00.02 error"]),
    ("length = " + "-" * 20_000 + '1\ncheck("00.01")', ["00.01 error"]),
]
ELSEWHERE: list[tuple[str, str, str]] = [  # cells that only ask: what ran before, what asks, and the verdict
    ("length = len(word)", 'check("00.01")', "00.01 passed"),
    ("length = 3", 'check("00.01")', "00.01 failed"),
    (LENGTH, 'if True:\n    check("00.01")', "00.01 passed"),
    ('length = 9\ncheck("00.01")', 'print(check("00.01"))', "00.01 failed"),
    (LENGTH, 'ask = check\nask("00.01")', "00.01 passed"),
    ("1 + 1", 'for each in ["00.02"]:\n    check(each)', "00.02 error"),
]


@pytest.fixture(scope="module")
def anyhow(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What each cell of `ANYHOW` and `ELSEWHERE` shows in a real kernel: its HTML."""
    cells = [cell for cell, _ in ANYHOW] + [cell for before, asks, _ in ELSEWHERE for cell in (before, asks)]
    return [shown(each) for each in run_in_kernel(cells, tmp_path_factory.mktemp("anyhow") / "course")]


def verdicts(displays: list[str]) -> list[str]:
    """The ids and outcomes that these displays have."""
    return [found[0] for html in displays if (found := re.search(r"\d\d\.\d\d (passed|failed|blank|error)", html))]


@pytest.mark.parametrize("place", range(len(ANYHOW)), ids=[cell[:60] for cell, _ in ANYHOW])
def test_the_cell_that_runs_is_judged(anyhow: list[list[str]], place: int) -> None:
    assert verdicts(anyhow[place]) == ANYHOW[place][1]
    assert not any("judged the cell" in html for html in anyhow[place])


@pytest.mark.parametrize("place", range(len(ELSEWHERE)), ids=[asks for _, asks, _ in ELSEWHERE])
def test_a_cell_that_only_asks_says_which_one_was_judged(anyhow: list[list[str]], place: int) -> None:
    (html,) = anyhow[len(ANYHOW) + 2 * place + 1]
    before, _, outcome = ELSEWHERE[place]
    assert verdicts([html]) == [outcome]
    assert "judged the cell" in html
    if "length" in before:
        assert escape(before.split("\n")[0]) in html


def test_where_there_is_no_answer_it_says_so(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in (".py", ".ipynb"):
        (course.pairs() / f"ch00_first{suffix}").unlink()
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("workshop.answer.running_cell", lambda frame: 'check("00.01")')
    monkeypatch.setattr("workshop.answer.script_file", lambda frame: None)
    with pytest.raises(KitError) as caught:
        answer.find(course, "en", "00.01", sys._getframe())
    assert 'check("00.01")' in caught.value.next


def test_a_plain_run_agrees(course: Course) -> None:
    fake_course.write_pair(course, "00", {"00.01": BOTH.format("word", "-1"), "00.02": "1 + 1"}, ())
    assert verdicts(run(course, "ch00_first").stdout.split("\n")) == ["00.01 passed", "00.02 passed"]
    split = 'length = len(word)\n\n# %%\nok = check("00.01")'
    fake_course.write_pair(course, "00", {"00.01": split, "00.02": 'last = 1\nif last:\n    check("00.02")'}, ())
    assert verdicts(run(course, "ch00_first").stdout.split("\n")) == ["00.01 passed", "00.02 failed"]
