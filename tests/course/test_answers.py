"""A learner's file becomes answers, items and flags, whatever is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.course.answers import is_filled, read_file, read_work
from kit.course.cells import from_percent
from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import learner_cells
from kit.errors import KitError
from kit.pairs.fast_read import read_side


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ('x = ____\ncheck("01.01")', False),
        ('x = 1\ncheck("01.01")', True),
        ('x = 1  # was ____\ncheck("01.01")', True),
        ('x = "____"\ncheck("01.01")', True),
        ('check("01.01")', False),
        ('# nothing\n\ncheck("01.01")', False),
        ('x = (1\ncheck("01.01")', True),
    ],
)
def test_is_filled(source: str, filled: bool) -> None:
    assert is_filled(source) is filled


def test_both_files_say_the_same(course: Course) -> None:
    chapter = course.chapter("00")
    for suffix in (".py", ".ipynb"):
        work = read_file(course.pairs() / f"{chapter.entry.stem}{suffix}")
        assert list(work.answers) == ["00.01", "00.02"]
        assert list(work.items) == ["00.01", "00.02", "00.r1"]
        assert not any(answer.filled for answer in work.answers.values())
        assert work.flags == ()


def test_answers_name_their_line(course: Course) -> None:
    path = course.pairs() / "ch00_first.py"
    answer = read_file(path).answers["00.02"]
    assert path.read_text().split("\n")[answer.line - 1] == answer.source.split("\n")[0]


@pytest.mark.parametrize(
    ("data", "flag"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "not text"),
        (b"# %%\nx = 1\0\n", "binary"),
        (b"# %%\nx = '\xe9'\n", "not UTF-8"),
        (b"# %%\n<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n", "conflict"),
        (b'# %%\nx = 1\ncheck("01.01")\n# %%\nx = 2\ncheck("01.01")\n', "exercise 01.01 twice"),
        (b"# %% [markdown]\n# - [x] 01.01 a\n# - [ ] 01.01 b\n", "item 01.01 ambiguous"),
    ],
)
def test_flags(data: bytes, flag: str) -> None:
    assert flag in read_work(data, notebook=False).flags


def test_conflict_counts_neither_side(course: Course) -> None:
    path = course.pairs() / "ch00_first.py"
    text = path.read_text()
    work = read_work((text + "\n<<<<<<< HEAD\n=======\n>>>>>>> x\n").encode(), notebook=False)
    assert work.answers == {}
    assert work.items == {}


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"[[" * 50_000, b'{"cells": {"a": 1}}'])
def test_unreadable_notebooks(data: bytes) -> None:
    assert "unreadable notebook" in read_work(data, notebook=True).flags


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read(data: bytes, notebook: bool) -> None:
    assert isinstance(read_work(data, notebook).flags, tuple)


def test_line_ends_and_marks_do_not_count(course: Course) -> None:
    chapter = course.chapter("00")
    text = (course.pairs() / "ch00_first.py").read_text()
    want = read_work(text.encode(), notebook=False)
    for other in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text):
        assert read_work(other.encode(), notebook=False) == want
    notebook = to_notebook(learner_cells(chapter), "00").replace("\\n", "\\r\\n")
    assert {k: v.source for k, v in read_work(notebook.encode(), notebook=True).answers.items()} == {
        k: v.source for k, v in want.answers.items()
    }


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(KitError) as caught:
        read_file(tmp_path / "ch00.py")
    assert caught.value.next


def read(text: str, notebook: bool) -> dict[str, tuple[str, int, bool]]:
    """The answers in this percent-format text or in the notebook of the same cells: source, line, whether filled."""
    data = to_notebook(from_percent(text), "01") if notebook else text
    found = read_work(data.encode(), notebook).answers
    assert read_side(data.encode(), notebook).answers == {each: (a.source, a.filled) for each, a in found.items()}
    return {each: (answer.source, answer.line, answer.filled) for each, answer in found.items()}


@pytest.mark.parametrize("notebook", [False, True])
def test_an_answer_split_off_its_check_is_found_above_it(notebook: bool) -> None:
    text = '# %%\nx = 1\n\n# %%\ncheck("01.01")\n'
    source, line, filled = read(text, notebook)["01.01"]
    assert source.split() == ["x", "=", "1", 'check("01.01")']
    assert (line, filled) == (1 if notebook else 2, True)
    for between in ("# %% [markdown]\n# text\n\n", '# %%\ny = 1\ncheck("01.02")\n\n'):
        found = read(text.replace("\n\n# %%\ncheck", f"\n\n{between}# %%\ncheck"), notebook)
        assert found["01.01"][0] == 'check("01.01")' and not found["01.01"][2]


@pytest.mark.parametrize("notebook", [False, True])
def test_of_a_copied_cell_the_filled_one_counts(notebook: bool) -> None:
    blank, one, two = (f'# %%\nx = {value}\ncheck("01.01")\n' for value in ("____", "1", "2"))
    assert read(blank + one, notebook)["01.01"][0].startswith("x = 1")
    assert read(one + blank, notebook)["01.01"][0].startswith("x = 1")
    assert read(one + two, notebook)["01.01"][0].startswith("x = 1")
    assert read_work((one + two).encode(), notebook=False).answers["01.01"].also == (5,)
    assert read_work((one + blank).encode(), notebook=False).answers["01.01"].also == ()


@pytest.mark.parametrize("notebook", [False, True])
def test_a_merged_cell_answers_each_exercise(notebook: bool) -> None:
    found = read('# %%\nx = 1\ncheck("01.01")\ny = ____\ncheck("01.02")\n', notebook)
    assert {each: filled for each, (_, _, filled) in found.items()} == {"01.01": True, "01.02": False}
