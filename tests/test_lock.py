from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

import kit.lock
from kit import files
from kit.errors import KitError
from kit.lock import held, lock, while_locked


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def hold(root: Path, ready: Any, done: Any) -> None:
    with lock(root):
        ready.set()
        done.wait(20)


def test_one_command_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, ready, done))
    other.start()
    try:
        assert ready.wait(20)
        monkeypatch.setattr(kit.lock, "PATIENCE", 0.05)
        with pytest.raises(KitError), lock(tmp_path):
            pass
    finally:
        done.set()
        other.join(20)
    assert other.exitcode == 0
    with lock(tmp_path), lock(tmp_path):
        assert tmp_path in held
    assert tmp_path not in held


def test_the_lock_clears_what_a_killed_command_left(tmp_path: Path) -> None:
    folder = tmp_path / "workshop" / "en"
    folder.mkdir(parents=True)
    left, mine = folder / ".ch00_first.py.0123abcd~", folder / ".ch00_first.py~"
    left.write_bytes(b"ha")
    mine.write_bytes(b"an editor's")
    with lock(tmp_path):
        assert names(folder) == [mine.name]


def test_where_nothing_can_be_written_no_lock_is_needed(tmp_path: Path) -> None:
    (tmp_path / files.WORKSHOP_FOLDER).write_bytes(b"a file in the folder's place")
    with lock(tmp_path):
        assert tmp_path not in held


def test_a_body_is_run_again_when_somebody_else_wrote_and_not_for_ever(tmp_path: Path) -> None:
    left = [1, 1]

    def body() -> str:
        if left:
            left.pop()
            raise files.FileChanged("b.py")
        return "done"

    assert while_locked(tmp_path, body) == "done"
    left.extend([1] * 100)
    with pytest.raises(KitError) as stop:
        while_locked(tmp_path, body)
    assert stop.value.where == "b.py"
