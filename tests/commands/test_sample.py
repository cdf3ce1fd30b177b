"""`scripts/sample.py` with a person, a pipe and a Ctrl+C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kit.course.course import ROOT
from kit.model.training.saved_model import SETTINGS, SavedModel, save
from nanogpt import BigramLanguageModel, Config
from scripts import sample

pytestmark = pytest.mark.usefixtures("one_thread")

CHARACTERS = "\n :ROMEadehinorst"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that has learned nothing."""
    torch.manual_seed(1)
    config = replace(Config.small(), dropout=0.0)
    path = tmp_path / "gpt"
    save(path, SavedModel(BigramLanguageModel(len(CHARACTERS), config).state_dict(), CHARACTERS, config, None, 0))
    return path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert sample.main(words) == 0
    return capsys.readouterr().out


def test_it_goes_on_from_the_prompt(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, str(folder), "ROMEO:", "--length", "40", "--seed", "1")
    assert out.startswith("ROMEO:") and len(out) == len("ROMEO:") + 40 + 1
    assert set(out) <= set(CHARACTERS)
    assert len(said(capsys, str(folder), "--length", "40")) == 41


def test_the_same_seed_says_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, again, other = (said(capsys, str(folder), "--seed", seed) for seed in ("1", "1", "2"))
    assert one == again != other


def test_cautious_is_the_likeliest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cold, first = (said(capsys, str(folder), "O", *how) for how in (("--temperature", "0"), ("--top-k", "1")))
    assert cold == first


def test_a_character_never_seen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sample.main([str(folder), "ROMEO 7é"]) == 2
    seen = capsys.readouterr()
    assert seen.out == "" and seen.err.count("\n") == 1
    assert "'7'" in seen.err and "'é'" in seen.err and "'R'" in seen.err


def test_no_model(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sample.main([str(tmp_path / "none")]) == 2
    (folder / SETTINGS).write_text("{}")
    assert sample.main([str(folder)]) == 2
    seen = capsys.readouterr()
    assert seen.out == "" and seen.err.count("\n") == 2


@pytest.mark.parametrize(
    "words", [["--length", "0"], ["--temperature", "-1"], ["--temperature", "nan"], ["--top-k", "0"], ["--seed", "x"]]
)
def test_numbers_that_mean_nothing(folder: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        sample.main([str(folder), *words])
    assert caught.value.code == 2


def start(folder: Path) -> subprocess.Popen[bytes]:
    """A sample that would take hours."""
    return subprocess.Popen(
        [sys.executable, "scripts/sample.py", str(folder), "ROMEO:", "--length", "100000000"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for another process")
def test_a_stream_ends_cleanly_at_ctrl_c(folder: Path) -> None:
    process = start(folder)
    assert process.stdout is not None
    assert process.stdout.read(20).startswith(b"ROMEO:")  # it comes while the sample is being made
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.endswith(b"\n") and err == b""


def test_a_reader_that_goes_away_ends_it(folder: Path) -> None:
    process = start(folder)
    assert process.stdout is not None and process.stderr is not None
    assert len(process.stdout.read(20)) == 20
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr.read() == b""
    process.stderr.close()
