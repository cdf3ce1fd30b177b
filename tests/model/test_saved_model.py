"""A model's folder: written whole or not at all, never over an older one, and read only if it is what it claims."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kit.errors import KitError
from kit.model.training import saved_model
from kit.model.training.saved_model import CARD, SETTINGS, WEIGHTS, SavedModel, load, require_place, save
from nanogpt import BigramLanguageModel, Config

pytestmark = pytest.mark.usefixtures("one_thread")

CHARACTERS = "\n é'az"


def made(seed: int = 1) -> SavedModel:
    """A small model that has learned nothing."""
    torch.manual_seed(seed)
    config = replace(Config.small(), dropout=0.0)
    return SavedModel(BigramLanguageModel(len(CHARACTERS), config).state_dict(), CHARACTERS, config, 1.5, 7)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    given = made()
    assert save(tmp_path / "new" / "gpt", given) is None
    found = load(tmp_path / "new" / "gpt")
    assert (found.characters, found.config, found.validation_loss, found.steps) == (CHARACTERS, given.config, 1.5, 7)
    assert sorted(found.state) == sorted(given.state)
    assert all(torch.equal(found.state[name], given.state[name]) for name in given.state)
    assert not found.model().training
    assert sorted(tree(tmp_path)) == [f"new/gpt/{WEIGHTS}", f"new/gpt/{SETTINGS}"]


def test_a_card_is_a_third_file(tmp_path: Path) -> None:
    save(tmp_path / "gpt", made(), "# Mine\n")
    assert tree(tmp_path / "gpt").keys() == {WEIGHTS, SETTINGS, CARD}
    assert (tmp_path / "gpt" / CARD).read_text(encoding="utf-8") == "# Mine\n"
    assert save(tmp_path / "gpt", made()) == tmp_path / "gpt-1"
    assert tree(tmp_path / "gpt").keys() == {WEIGHTS, SETTINGS}


def test_the_settings_are_json_that_a_person_can_read(tmp_path: Path) -> None:
    save(tmp_path / "gpt", replace(made(), validation_loss=None))
    given = json.loads((tmp_path / "gpt" / SETTINGS).read_text(encoding="utf-8"))
    assert given["format"] == 1 and given["characters"] == CHARACTERS and given["config"]["num_layers"] == 2
    assert load(tmp_path / "gpt").validation_loss is None


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    save(tmp_path / "a", made())
    save(tmp_path / "b", made())
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_older_models_move_aside(tmp_path: Path) -> None:
    folder = tmp_path / "gpt"
    assert [save(folder, made(seed)) for seed in (1, 2, 3)] == [None, tmp_path / "gpt-1", tmp_path / "gpt-2"]
    for path, seed in [(tmp_path / "gpt-1", 1), (tmp_path / "gpt-2", 2), (folder, 3)]:
        found, given = load(path), made(seed)
        assert all(torch.equal(found.state[name], given.state[name]) for name in given.state)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gpt", "gpt-1", "gpt-2"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "gpt").mkdir()
    assert save(tmp_path / "gpt", made()) is None
    assert load(tmp_path / "gpt").steps == 7


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.open", "pathlib.Path.mkdir", "pathlib.Path.rename"])
def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool, call: str) -> None:
    folder = tmp_path / "gpt"
    if before:
        save(folder, made(1))
    had = tree(tmp_path)
    monkeypatch.setattr(call, full)
    with pytest.raises(KitError, match="no space left on device") as caught:
        save(folder, made(2))
    monkeypatch.undo()
    assert str(folder) in caught.value.where and "--out" in caught.value.next
    assert tree(tmp_path) == had
    assert [path.name for path in tmp_path.iterdir()] == (["gpt"] if before else [])


def test_the_older_model_comes_back_when_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gpt"
    save(folder, made(1))
    had = tree(tmp_path)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.startswith("."):
            full()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(KitError, match="Nothing has been changed"):
        save(folder, made(2))
    assert tree(tmp_path) == had


def test_a_model_goes_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "essay").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "work")
    had = tree(tmp_path)
    for name, said in [
        ("work", "other than a model"),
        ("file", "isn't a folder"),
        ("link", "isn't a folder"),
        ("file/x", "written"),
    ]:
        with pytest.raises(KitError, match=said):
            require_place(tmp_path / name)
        with pytest.raises(KitError, match=said):
            save(tmp_path / name, made())
    assert tree(tmp_path) == had


def changed(key: str, value: object) -> Callable[[Path], object]:
    """Sets a key of the settings."""

    def change(folder: Path) -> None:
        given = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        inner, _, last = key.rpartition(".")
        (given[inner] if inner else given)[last] = value
        (folder / SETTINGS).write_text(json.dumps(given), encoding="utf-8")

    return change


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no settings": (lambda folder: (folder / SETTINGS).unlink(), "no model here"),
    "no weights": (lambda folder: (folder / WEIGHTS).unlink(), "no model here"),
    "no JSON": (lambda folder: (folder / SETTINGS).write_bytes(b"\xff{"), "isn't JSON"),
    "a list": (lambda folder: (folder / SETTINGS).write_text("[]"), "format None"),
    "half": (lambda folder: os.truncate(folder / WEIGHTS, 900), "damaged"),
    "no bytes": (lambda folder: os.truncate(folder / WEIGHTS, 0), "damaged"),
    "newer": (changed("format", 2), "format 2"),
    "no number": (changed("config.num_layers", "4"), "num_layers"),
    "no config": (changed("config", None), "incomplete"),
    "twice the same": (changed("characters", "abca"), "twice"),
    "steps": (changed("steps", None), "incomplete"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "gpt"
    save(folder, made())
    spoil, said = SPOILED[name]
    spoil(folder)
    with pytest.raises(KitError, match=said) as caught:
        load(folder)
    assert str(folder) in caught.value.where and caught.value.next


@pytest.mark.parametrize(("key", "value"), [("characters", "abc"), ("config.num_layers", 3), ("config.num_heads", 3)])
def test_settings_of_another_model_are_refused(tmp_path: Path, key: str, value: object) -> None:
    save(tmp_path / "gpt", made())
    changed(key, value)(tmp_path / "gpt")
    with pytest.raises(KitError, match="don't fit"):
        load(tmp_path / "gpt").model()


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    save(tmp_path / "gpt", made())
    monkeypatch.setattr(saved_model.files, "content", refuse)
    with pytest.raises(KitError, match="permission denied"):
        load(tmp_path / "gpt")
