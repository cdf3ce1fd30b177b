from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import KitError
from kit.sources.resume import AGE, LONGEST, UnfinishedRun


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def begun(cache: Path, clock: Clock, *words: str) -> UnfinishedRun:
    run = UnfinishedRun(cache, words, clock)
    run.begin()
    return run


def test_an_unfinished_run_goes_on(tmp_path: Path) -> None:
    clock = Clock()
    first = begun(tmp_path, clock, "a", "b")
    first.keep("page 1", {"x": [1]})
    assert not first.resumed
    clock.now += 60
    second = begun(tmp_path, clock, "a", "b")
    assert (second.page("page 1"), second.resumed, second.since) == ({"x": [1]}, True, 1_000_000.0)
    assert second.page("page 2") is None
    assert begun(tmp_path, clock, "a", "c").page("page 1") is None


def test_a_finished_run_leaves_nothing(tmp_path: Path) -> None:
    run = begun(tmp_path / "cache", Clock(), "a")
    run.keep("page", 1)
    run.end()
    assert list((tmp_path / "cache").iterdir()) == []
    assert begun(tmp_path / "cache", Clock(), "a").page("page") is None


def test_nothing_is_written_before_a_run_begins(tmp_path: Path) -> None:
    UnfinishedRun(tmp_path / "cache", ["a"]).end()
    assert not (tmp_path / "cache").exists()


def test_pages_and_runs_age(tmp_path: Path) -> None:
    clock = Clock()
    begun(tmp_path, clock, "a").keep("early", 1)
    clock.now += AGE - 10
    later = begun(tmp_path, clock, "a")
    later.keep("late", 2)
    clock.now += 20
    last = begun(tmp_path, clock, "a")
    assert (last.page("early"), last.page("late"), last.resumed) == (None, 2, True)
    assert last.since == clock.now - AGE
    clock.now += LONGEST
    assert not begun(tmp_path, clock, "a").resumed


def test_a_page_from_the_future_is_none(tmp_path: Path) -> None:
    clock = Clock()
    begun(tmp_path, clock, "a").keep("page", 1)
    clock.now -= 5
    assert not begun(tmp_path, clock, "a").resumed


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"key": "page"}', b'{"key": "other", "at": 1000000, "page": 1}'])
def test_a_damaged_page_is_read_again(tmp_path: Path, data: bytes) -> None:
    run = begun(tmp_path, Clock(), "a")
    run.keep("page", 1)
    run.path("page").write_bytes(data)
    assert run.page("page") is None


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KitError):
        begun(tmp_path / "file", Clock(), "a")
