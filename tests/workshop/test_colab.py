"""Where the learner's answers come from in a course that a lone notebook has fetched: Colab's window, or their fork."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kit.course.answers import read_file
from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import learner_cells
from kit.errors import KitError
from kit.learner import mine
from kit.pairs.pair import Pair
from tests.support import colab as support
from tests.support import fake_course
from tests.support.forks import answers
from workshop import colab, fetch

MINE = {"01.01": 'doubled = x + x\ncheck("01.01")', "01.02": 'def total(v):\n    return sum(v)\n\n\ncheck("01.02")'}
TOTAL = Path("workshop/en/ch01_second")


@pytest.fixture
def alone(course: Course) -> Course:
    """A fetched course."""
    (course.root / fetch.FETCHED).write_text("http://127.0.0.1/OWNER/REPO\n")
    return course


@pytest.fixture
def window(course: Course, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Colab's window, with the second chapter in it, some of it done."""
    chapter = course.chapter("01")
    data = support.saved(to_notebook(learner_cells(chapter, MINE), "01").encode())
    answer: dict[str, object] = {"ipynb": json.loads(data)}
    message = ModuleType("google.colab._message")
    vars(message)["blocking_request"] = lambda kind, request, timeout_sec: answer
    for name, module in (("google", None), ("google.colab", None), ("google.colab._message", message)):
        monkeypatch.setitem(sys.modules, name, module or ModuleType(name))
    return answer


def theirs(course: Course) -> dict[str, str]:
    """The filled answers of the second chapter."""
    found = mine.answers(course, Pair(course.root, "en", "ch01_second"))
    return {each: answer.source for each, answer in found.items() if answer.filled}


def test_the_window_is_read(alone: Course, window: dict[str, object]) -> None:
    colab.keep_open(alone)
    assert theirs(alone) == MINE
    assert read_file(alone.root / TOTAL.with_suffix(".ipynb")).answers["01.02"].filled


@pytest.mark.parametrize("ipynb", [None, {}, {"cells": 3}, {"cells": []}])
def test_a_window_with_something_else_in_it(alone: Course, window: dict[str, object], ipynb: object) -> None:
    window["ipynb"] = ipynb
    colab.keep_open(alone)
    assert theirs(alone) == {}


def test_a_window_that_does_not_answer(alone: Course, window: dict[str, object]) -> None:
    window.clear()
    colab.keep_open(alone)
    assert theirs(alone) == {}


def test_a_checkout_is_never_written_to(course: Course, window: dict[str, object]) -> None:
    before = {path: path.read_bytes() for path in course.pairs().iterdir()}
    colab.keep_open(course)
    with pytest.raises(KitError):
        colab.bring(course, "me/mine")
    assert {path: path.read_bytes() for path in course.pairs().iterdir()} == before


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A student's fork, and its address: the second chapter was done in Colab, the first at home."""
    fork = fake_course.make_repository(tmp_path / "fork")
    fake_course.write_pair(fork, "00", answers(fork.chapter("00"), "00.01"), ("00.01",))
    done = support.saved(to_notebook(learner_cells(fork.chapter("01"), MINE), "01").encode())
    (fork.root / TOTAL.with_suffix(".ipynb")).write_bytes(done)
    (fork.root / "workshop" / "en" / "ch09_strange.py").write_text("# %%\n1\n")
    (fork.root / "kit").mkdir()
    (fork.root / "kit" / "evil.py").write_text("1 / 0\n")
    published = {"me/mine": support.archive_of(fork.root)}
    with support.serve(published, fork.root, []) as url:
        yield fork.root, f"{url}/me/mine"


@pytest.mark.parametrize("ending", ["", ".git", "/"])
def test_a_fork_is_brought(
    alone: Course, served: tuple[Path, str], ending: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root, address = served
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert colab.bring(alone, address + ending) == 2
    assert theirs(alone) == MINE
    for path in (root / "workshop" / "en").iterdir():
        here = alone.pairs() / path.name
        assert here.exists() == (path.stem != "ch09_strange")
        assert not here.exists() or here.read_bytes() == path.read_bytes()
    assert not (alone.root / "kit").exists()


def test_a_fork_that_cannot_be_read(alone: Course, served: tuple[Path, str]) -> None:
    before = {path: path.read_bytes() for path in alone.pairs().iterdir()}
    with pytest.raises(KitError) as caught:
        colab.bring(alone, served[1].replace("mine", "gone"))
    assert "gone" in caught.value.where
    assert caught.value.next
    assert {path: path.read_bytes() for path in alone.pairs().iterdir()} == before
