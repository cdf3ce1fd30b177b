"""A long training takes as many steps as its settings say, unless the environment asks for fewer."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from kit.errors import KitError
from nanogpt import Config
from workshop import rehearsal


@pytest.mark.parametrize("asked", [None, ""])
def test_settings_stay_as_they_are(asked: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(rehearsal.STEPS, raising=False)
    if asked is not None:
        monkeypatch.setenv(rehearsal.STEPS, asked)
    assert rehearsal.settings(Config()) == Config()


def test_fewer_steps_are_taken_from_the_environment_and_twice_is_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rehearsal.STEPS, "20")
    given = Config(steps=200, warmup_steps=50)
    short = rehearsal.settings(given)
    assert short == replace(given, steps=20, warmup_steps=5)
    assert rehearsal.settings(short) == short


@pytest.mark.parametrize("asked", ["0", "-3", "2.5", "few", "²"])
def test_what_is_no_number_of_steps_is_refused(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rehearsal.STEPS, asked)
    with pytest.raises(KitError) as caught:
        rehearsal.settings(Config())
    assert rehearsal.STEPS in caught.value.where


def test_a_rehearsals_model_takes_nobodys_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(rehearsal.STEPS, raising=False)
    assert rehearsal.folder(tmp_path / "mine") == tmp_path / "mine"
    monkeypatch.setenv(rehearsal.STEPS, "20")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    aside = rehearsal.folder(tmp_path / "mine")
    assert aside != tmp_path / "mine" and not aside.exists() and aside.parent.is_dir()
