from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from kit import files
from kit.errors import KitError
from tests.support.file_stamp import stamp


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.py"
    assert files.read(path, tmp_path) is None
    assert files.write(path, b"one", tmp_path) is True
    before = stamp(path)
    assert files.write(path, b"one", tmp_path) is False
    assert stamp(path) == before
    assert files.write(path, b"two", tmp_path) is True
    assert files.read(path, tmp_path) == b"two"
    assert names(path.parent) == ["b.py"]


def test_the_mode_is_kept_and_a_new_file_has_the_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "b.py"
    old = os.umask(0o022)
    try:
        files.write(path, b"one", tmp_path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o640)
    files.write(path, b"two", tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    files.write(path, b"two", tmp_path, executable=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert files.write(path, b"two", tmp_path, executable=True) is False
    files.write(path, b"two", tmp_path, executable=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["write", "fsync", "replace", "open", "close"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "b.py"
    path.write_bytes(b"old")
    real = getattr(os, name)

    def full(*given: Any, **named: Any) -> Any:
        if name == "close":
            real(*given)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, name, full)
        with pytest.raises(KitError) as stop:
            files.write(path, b"new", tmp_path)
    assert (stop.value.where, path.read_bytes(), names(tmp_path)) == ("b.py", b"old", ["b.py"])


def test_a_short_write_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:3]))
    files.write(tmp_path / "b.py", b"0123456789", tmp_path)
    assert (tmp_path / "b.py").read_bytes() == b"0123456789"


def test_a_read_only_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.py"
    path.write_bytes(b"old")
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda *given: False)  # whoever runs the tests may write everything
    with pytest.raises(KitError):
        files.write(path, b"new", tmp_path)
    assert path.read_bytes() == b"old"
    assert files.write(path, b"old", tmp_path) is False


def test_a_folder_in_a_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.py").mkdir()
    for act in (lambda p: files.read(p, tmp_path), lambda p: files.write(p, b"x", tmp_path)):
        with pytest.raises(KitError) as stop:
            act(tmp_path / "b.py")
        assert stop.value.where == "b.py"


@pytest.mark.parametrize("link", ["b.py", "folder/b.py", "inner.py"])
def test_links_are_not_followed(tmp_path: Path, link: str) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "b.py").write_bytes(b"theirs")
    (root / "b.py").symlink_to(outside / "b.py")
    (root / "folder").symlink_to(outside)
    (root / "there.py").write_bytes(b"theirs")
    (root / "inner.py").symlink_to("there.py")
    for act in (
        lambda: files.read(root / link, root),
        lambda: files.write(root / link, b"x", root),
        lambda: files.remove(root / link, root),
    ):
        with pytest.raises(KitError):
            act()
    assert (outside / "b.py").read_bytes() == (root / "there.py").read_bytes() == b"theirs"


@pytest.mark.parametrize("path", ["../b.py", "workshop/../../b.py", ".git/config"])
def test_no_way_leads_out_or_into_git(tmp_path: Path, path: str) -> None:
    (tmp_path / "root" / "workshop").mkdir(parents=True)
    with pytest.raises(KitError):
        files.write(tmp_path / "root" / path, b"x", tmp_path / "root")
    assert names(tmp_path) == ["root"]


def test_a_root_that_is_a_link_itself_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to("real")
    assert files.write(tmp_path / "root" / "b.py", b"x", tmp_path / "root") is True
    assert (tmp_path / "real" / "b.py").read_bytes() == b"x"


def test_what_somebody_else_wrote_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.py"
    with pytest.raises(files.FileChanged):
        files.write(path, b"x", tmp_path, expected=b"old")
    files.write(path, b"old", tmp_path, expected=None)
    with pytest.raises(files.FileChanged):
        files.remove(path, tmp_path, expected=None)
    real = os.fsync

    def saved_meanwhile(handle: int) -> None:
        path.write_bytes(b"from an editor")
        real(handle)

    monkeypatch.setattr(os, "fsync", saved_meanwhile)
    with pytest.raises(files.FileChanged):
        files.write(path, b"new", tmp_path, expected=b"old")
    assert path.read_bytes() == b"from an editor"
    assert names(tmp_path) == ["b.py"]


def test_remove(tmp_path: Path) -> None:
    path = tmp_path / "b.py"
    path.write_bytes(b"x")
    assert files.remove(path, tmp_path, expected=b"x") is True
    assert files.remove(path, tmp_path) is False
    path.mkdir()
    with pytest.raises(KitError):
        files.remove(path, tmp_path)
