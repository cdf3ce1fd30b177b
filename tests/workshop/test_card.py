"""The card beside a model: with the name that git has, and on the screen too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import IPython.display
import pytest

from kit.errors import KitError
from kit.learner.mine import Part
from kit.model.training.saved_model import CARD, SavedModel, save
from nanogpt import BigramLanguageModel, Config
from workshop import card, mine

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model, in the time of a learner called Ada."""
    part = Part("01", "data_loader", ("DataLoader",), "", "text")
    monkeypatch.setattr(mine, "current", lambda again=False: mine.Loaded((part,), {}))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Ada")
    config = replace(Config.small(), dropout=0.0)
    save(tmp_path / "gpt", SavedModel(BigramLanguageModel(3, config).state_dict(), "\nab", config, 1.5, 7))
    return tmp_path / "gpt"


def test_what_is_written_is_what_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card.write(folder, "abba", 12.0)
    text = (folder / CARD).read_text(encoding="utf-8")
    assert capsys.readouterr().out == f"{text}\n"
    assert "Ada" in text and "abba" in text and "1 of 1" in text


def test_a_notebook_gets_it_as_markdown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundles: list[dict[str, str]] = []
    monkeypatch.setattr(card, "in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: bundles.append(bundle))
    card.write(folder, "abba", 12.0)
    assert bundles[0]["text/markdown"] == (folder / CARD).read_text(encoding="utf-8")


def test_a_name_that_nobody_knows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*words: object) -> None:
        raise KitError("git isn't installed")

    monkeypatch.setattr(card, "git", missing)
    assert card.name() == ""


def test_a_folder_without_a_model_gets_no_card(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="no model here"):
        card.write(tmp_path, "abba", 12.0)
    assert list(tmp_path.iterdir()) == []
