from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import KitError
from kit.git.fast_import import Commit, write_history
from tests.support import fake_course
from tests.support.forks import DAY


def test_files_come_and_go(tmp_path: Path) -> None:
    commits = [Commit(DAY, "one", {"a": b"1", "b": b"2"}), Commit(DAY, "two", {"a": None, "c/d": b"3"})]
    path = write_history(tmp_path / "a.git", commits)
    assert fake_course.git(path, "ls-tree", "-r", "--name-only", "HEAD").split() == ["b", "c/d"]
    assert fake_course.git(path, "log", "--format=%s %an %ct").split("\n")[0] == f"two student {int(DAY.timestamp())}"
    assert fake_course.git(path, "cat-file", "blob", "HEAD:c/d") == "3"


def test_branches_start_where_the_first_one_was(tmp_path: Path) -> None:
    commits = [Commit(DAY, "one", {"a": b"1"}), Commit(DAY, "aside", {"b": b"2"}, branch="aside")]
    path = write_history(tmp_path / "a.git", commits)
    before, main = fake_course.git(path, "rev-parse", "aside~1", "main").split()
    assert before == main


def test_git_that_fails_or_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KitError):
        write_history(tmp_path / "a.git", [Commit(DAY, "one", {"a": b"1"}, branch="a..b")])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KitError):
        write_history(tmp_path / "b.git", [])
