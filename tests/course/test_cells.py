"""Cells: percent text and notebooks, and jupytext as the second opinion."""

from __future__ import annotations

import time
from pathlib import Path

import jupytext
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.course.cells import Cell, asks_only, exercise_cells, from_notebook, from_percent, to_percent
from kit.course.course import Course
from kit.course.notebook import cell_ids, normalise, to_notebook
from kit.course.own_code import offered
from kit.errors import KitError

LINES = st.lists(
    st.sampled_from(["x = 1", "", "y = [", "]", "# note", "- [ ] 01.01 do", "é ▢ 😀", "    z"]), min_size=1
)


def tidy(kind: str, lines: list[str]) -> Cell:
    """A cell as a file can hold it: no empty lines around it."""
    return Cell(kind, "\n".join(lines).strip("\n").rstrip() or "x")  # type: ignore[arg-type]


CELLS = st.lists(st.builds(tidy, st.sampled_from(["code", "markdown"]), LINES), min_size=1, max_size=8)


def plain(cells: tuple[Cell, ...] | list[Cell]) -> list[tuple[str, str]]:
    return [(cell.kind, cell.source) for cell in cells]


@given(CELLS)
def test_percent_round_trip(cells: list[Cell]) -> None:
    text = to_percent(cells)
    assert plain(from_percent(text)) == plain(cells)
    assert to_percent(from_percent(text)) == text


@given(CELLS)
def test_notebook_round_trip(cells: list[Cell]) -> None:
    text = to_notebook(cells, "01")
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert plain(from_notebook(text)) == plain(cells)
    assert normalise(text) == text


@given(CELLS)
def test_jupytext_reads_the_same_cells(cells: list[Cell]) -> None:
    read = jupytext.reads(to_percent(cells), fmt="py:percent")
    assert [(cell.cell_type, cell.source) for cell in read.cells] == plain(cells)


def test_line_ends_and_byte_order_mark_do_not_count() -> None:
    text = '# %% [markdown]\n# - [x] 01.01 do\n\n# %%\nx = 1\ncheck("01.01")\n'
    want = from_percent(text)
    for other in ("\ufeff" + text, text.replace("\n", "\r\n"), text.replace("\n", "\r")):
        assert from_percent(other) == want


def test_lines_are_those_of_the_file() -> None:
    cells = from_percent("x = 0\n\n# %% [markdown]\n# one\n\n# %% named\n\ny = 1\n")
    assert [(cell.kind, cell.line) for cell in cells] == [("code", 1), ("markdown", 4), ("code", 8)]


@pytest.mark.parametrize(
    ("source", "item_id"),
    [
        ('x = 1\ncheck("01.02")', "01.02"),
        ("x = 1\ncheck( '01.02' )  # mine", "01.02"),
        ('check("01.02");', "01.02"),
        ('    check("01.02")', "01.02"),
        ('# check("01.02")', ""),
        ("text = 'check(\"01.02\")'", ""),
        ('x = 1\nok = check("01.02")', "01.02"),
        ('x = 1\nprint(check("01.02"))', "01.02"),
        ('if x:\n    x = 1\n    check("01.02")', "01.02"),
        ('x = 1; check("01.02")', "01.02"),
        ('recheck("01.02")', ""),
        ('check("1.2")', ""),
    ],
)
def test_anchor(source: str, item_id: str) -> None:
    assert Cell("code", source).exercise == item_id
    assert Cell("markdown", source).exercise == ""


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"cells": 3}', b'{"cells": [{"cell_type": "code"}]}', b"[" * 100_000]
)
def test_damaged_notebook_is_a_kit_error(data: bytes) -> None:
    with pytest.raises(KitError) as caught:
        from_notebook(data, "a.ipynb")
    assert caught.value.where == "a.ipynb"


def test_ids_survive_edits_of_other_cells() -> None:
    cells = [
        Cell("markdown", "a"),
        Cell("code", 'x\ncheck("01.01")'),
        Cell("markdown", "b"),
        Cell("code", 'y\ncheck("01.02")'),
    ]
    before = cell_ids(cells, "01")
    assert before == ["ex-01-00-1", "ex-01-01", "ex-01-01-1", "ex-01-02"]
    edited = [Cell("markdown", "changed"), *cells[1:]]
    assert cell_ids(edited, "01") == before
    inserted = [cells[0], Cell("code", "new"), *cells[1:]]
    after = cell_ids(inserted, "01")
    assert after[2:] == before[1:]
    assert len(set(after)) == len(after)


def test_ids_are_unique_when_an_exercise_stands_twice() -> None:
    twice = [Cell("code", 'x\ncheck("01.01")')] * 3
    ids = cell_ids(twice, "01")
    assert len(set(ids)) == 3
    nbformat.validate(nbformat.reads(to_notebook(twice, "01"), as_version=4))


def test_normalise_strips_what_editors_add() -> None:
    clean = to_notebook([Cell("code", "x = 1")], "01")
    notebook = nbformat.reads(clean, as_version=4)
    notebook.cells[0]["outputs"] = [nbformat.v4.new_output("stream", text="hello")]
    notebook.cells[0]["execution_count"] = 7
    notebook.cells[0]["metadata"] = {"collapsed": True}
    notebook.metadata["kernelspec"]["display_name"] = ".venv"
    notebook.metadata["language_info"]["version"] = "3.12.1"
    assert normalise(nbformat.writes(notebook)) == clean


def test_normalise_keeps_own_ids_and_tags_and_mends_missing_ids() -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("a", id="mine"), nbformat.v4.new_code_cell("b")]
    )
    notebook.cells[0]["metadata"] = {"tags": ["slow"], "other": 1}
    notebook.cells[1]["id"] = "other"
    text = nbformat.writes(notebook).replace('"other"', '"mine"')
    read = nbformat.reads(normalise(text), as_version=4)
    assert read.cells[0]["id"] == "mine"
    assert read.cells[0]["metadata"] == {"tags": ["slow"]}
    assert read.cells[1]["id"] not in ("", "mine")


def test_normalise_refuses_what_is_no_notebook() -> None:
    with pytest.raises(KitError):
        normalise("[1, 2]", "a.ipynb")


@pytest.mark.parametrize(
    ("source", "only"),
    [
        ('check("01.02")', True),
        ('# so far\n\nprint(check("01.02"))', True),
        ('ok = check("01.02")', True),
        ('if True:\n    check("01.02")', True),
        ('for each in ("01.01", "01.02"):\n    check(each)', True),
        ('c = check\nc("01.02")', True),
        ('print(x)\nx\ncheck("01.02")', True),
        ('import torch\n%timeit f(x)\ncheck("01.02")', True),
        ('x = 1\ncheck("01.02")', False),
        ('x = 1; check("01.02")', False),
        ('x = ____\ncheck("01.02")', False),
        ('x.zero_()\ncheck("01.02")', False),
        ('def f(x):\n    return x\ncheck("01.02")', False),
        ('if True:\n    x = 1\n    check("01.02")', False),
    ],
)
def test_a_cell_that_only_asks(source: str, only: bool) -> None:
    assert asks_only(source) is only


def test_no_exercise_of_the_course_only_asks() -> None:
    course = Course(Path(__file__).resolve().parents[2])
    for chapter in course.chapters:
        for exercise in chapter.exercises:
            assert exercise_cells(exercise.code) == {exercise.id: exercise.code}
            assert not asks_only(exercise.code) and not asks_only(exercise.todo)


def test_each_check_of_a_merged_cell_has_the_lines_above_it() -> None:
    source = 'x = 1\ncheck("01.01")\n\ny = 2\ncheck("01.02")\nprint(y)'
    assert exercise_cells(source) == {
        "01.01": 'x = 1\ncheck("01.01")',
        "01.02": '\n\n\ny = 2\ncheck("01.02")\nprint(y)',
    }


@pytest.mark.parametrize(
    "source", ['x = 1\ny = 2\ncheck("01.01")\ncheck("01.02")', 'if x:\n    x = 1\n    check("01.01")\ncheck("01.02")']
)
def test_a_check_with_nothing_of_its_own_has_the_whole_cell(source: str) -> None:
    assert exercise_cells(source)["01.02"] == source


@pytest.mark.parametrize(
    "part", [" ", "(", "( ", "not ", "def f():\n", "def f():\n ", "if x:", "a.", "a", "x = ", ";", "'"]
)
def test_a_long_cell_is_read_in_time_that_grows_with_its_length(part: str) -> None:
    """A backtracking expression takes minutes for some of these, and strangers send them."""
    start = time.process_time()
    for end in ("", "hint('01.01')=y", "\n hint('01.01')"):
        asks_only(part * (20_000 // len(part)) + end)
        offered(part * (20_000 // len(part)) + end)
    assert time.process_time() - start < 10
