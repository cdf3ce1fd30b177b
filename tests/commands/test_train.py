"""`scripts/train.py` as a person would call it: what it leaves behind, and what it refuses."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

import nanogpt
from kit.course.course import ROOT
from kit.learner.mine import Part
from kit.model.training import checkpoint, saved_model
from kit.model.training import train as session
from kit.model.training.evaluate import whole_loss
from kit.model.training.recipes import recipes
from nanogpt import Config, DataLoader, Report
from scripts import train
from workshop import live, mine, optimizers

pytestmark = pytest.mark.usefixtures("one_thread")

PLAY = "ROMEO:\nWhat say you, é?\n\nJULIET:\nNothing, nothing.\n\n" * 20


@pytest.fixture
def play(tmp_path: Path) -> Path:
    path = tmp_path / "play.txt"
    path.write_text(PLAY, encoding="utf-8")
    return path


def quick(play: Path, out: Path, *more: str) -> int:
    """A training that takes a moment."""
    return train.main(["--config", "small", "--steps", "30", "--data", str(play), "--out", str(out), *more])


def settings(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / saved_model.SETTINGS).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_what_it_saves_is_what_it_says(play: Path, tmp_path: Path) -> None:
    assert quick(play, tmp_path / "gpt") == 0
    found = saved_model.load(tmp_path / "gpt")
    assert found.characters == "".join(sorted(set(PLAY)))
    ids = DataLoader(PLAY, found.config).validation_ids
    assert found.validation_loss == pytest.approx(whole_loss(found.model(), ids, 8), abs=1e-5)
    assert found.steps == found.config.steps == 30


def test_the_same_seed_gives_the_same_bytes(play: Path, tmp_path: Path) -> None:
    for name, seed in [("a", "5"), ("b", "5"), ("c", "6")]:
        assert quick(play, tmp_path / name, "--seed", seed) == 0
    a, b, c = ((tmp_path / name / saved_model.WEIGHTS).read_bytes() for name in "abc")
    assert a == b != c
    assert settings(tmp_path / "a") == settings(tmp_path / "b")


def test_a_watched_training_gives_the_numbers_of_an_unwatched_one(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quick(play, tmp_path / "watched") == 0
    monkeypatch.setattr(live.Live, "__call__", lambda self, report: None)
    assert quick(play, tmp_path / "unwatched") == 0
    watched, unwatched = ((tmp_path / name / saved_model.WEIGHTS).read_bytes() for name in ("watched", "unwatched"))
    assert watched == unwatched


def test_an_older_model_is_kept(play: Path, tmp_path: Path) -> None:
    assert quick(play, tmp_path / "gpt", "--seed", "1") == 0
    first = (tmp_path / "gpt" / saved_model.WEIGHTS).read_bytes()
    assert quick(play, tmp_path / "gpt", "--seed", "2") == 0
    assert (tmp_path / "gpt-1" / saved_model.WEIGHTS).read_bytes() == first
    assert (tmp_path / "gpt" / saved_model.WEIGHTS).read_bytes() != first


def test_an_interrupt_keeps_the_best_and_saves(play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(self: live.Live, report: Report) -> None:
        if report.step == 150:
            raise KeyboardInterrupt

    monkeypatch.setattr(live.Live, "__call__", stop)
    assert train.main(["--config", "small", "--data", str(play), "--out", str(tmp_path / "gpt")]) == 0
    assert settings(tmp_path / "gpt")["steps"] == 100  # where it looked last


@pytest.mark.parametrize("place", ["loss", "sample", "save"])
def test_a_second_ctrl_c_does_not_lose_the_model(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def again(*given: object) -> None:
        raise KeyboardInterrupt

    real = saved_model.save

    def pressed(*given: Any) -> Path | None:
        os.kill(os.getpid(), signal.SIGINT)
        return real(*given)

    if place == "loss":
        monkeypatch.setattr(session, "whole_loss", again)
    elif place == "sample":
        monkeypatch.setattr(live.Live, "__exit__", again)
    else:
        monkeypatch.setattr(saved_model, "save", pressed)
    assert quick(play, tmp_path / "gpt") == 0
    found = saved_model.load(tmp_path / "gpt")
    assert (found.validation_loss is None) == (place == "loss")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for another process")
def test_a_real_ctrl_c_saves(play: Path, tmp_path: Path) -> None:
    out = tmp_path / "gpt"
    words = ["--config", "small", "--steps", "2000", "--data", str(play), "--out", str(out), "--device", "cpu"]
    process = subprocess.Popen(
        [sys.executable, "scripts/train.py", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()  # what is about to be trained
    process.stdout.readline()  # a tenth of the steps is done
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert saved_model.load(out).steps < 2000


def test_with_your_own_classes(play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How they're judged is tested in `tests/learner/test_mine.py`."""
    made: list[str] = []

    class Own(DataLoader):
        def __init__(self, text: str, config: Config) -> None:
            super().__init__(text, config)
            made.append(text)

    classes = {name: getattr(nanogpt, name) for name in nanogpt.__all__}
    monkeypatch.setattr(mine, "current", lambda again=False: mine.Loaded((), classes | {"DataLoader": Own}))
    assert quick(play, tmp_path / "gpt", "--mine") == 0
    assert made == [PLAY]
    assert saved_model.load(tmp_path / "gpt").model().config.steps == 30


def test_a_model_of_your_own_classes_has_a_card_and_no_other_has(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = Part("01", "data_loader", ("DataLoader",), "", "text")
    ours = Part("05", "layer_norm", ("LayerNorm",), "", reason="05.11 is still blank")
    classes = {name: getattr(nanogpt, name) for name in nanogpt.__all__}
    monkeypatch.setattr(mine, "current", lambda again=False: mine.Loaded((theirs, ours), classes))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Ada")
    assert quick(play, tmp_path / "gpt") == quick(play, tmp_path / "own", "--mine") == 0
    assert not (tmp_path / "gpt" / saved_model.CARD).exists()
    told = (tmp_path / "own" / saved_model.CARD).read_text(encoding="utf-8")
    found = settings(tmp_path / "own")
    for fact in (
        "Ada",
        "play.txt",
        f"step {found['steps']} of 30",
        f"{found['validation_loss']:.3f}",
        "1 of 2",
        "05.11",
    ):
        assert fact in told


def test_your_own_classes_train_on_quick_settings_and_chapter_12_on_its_own(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes = {name: getattr(nanogpt, name) for name in nanogpt.__all__}
    monkeypatch.setattr(mine, "current", lambda again=False: mine.Loaded((), classes))
    assert train.main(["--mine", "--steps", "2", "--data", str(play), "--out", str(tmp_path / "gpt")]) == 0
    found = saved_model.load(tmp_path / "gpt").config
    assert found == recipes()["mine"].changed(steps=2).config
    assert recipes()["chapter"].config == Config() and recipes()["chapter"].optimizer is optimizers.fast


@pytest.mark.parametrize("data", [b"", PLAY[:80].encode(), b"\xff" * 1000, None])
def test_a_text_that_cannot_be_used(tmp_path: Path, data: bytes | None, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "play.txt"
    if data is not None:
        path.write_bytes(data)
    assert quick(path, tmp_path / "gpt") == 2
    seen = capsys.readouterr()
    assert seen.out == "" and seen.err.count("\n") == 1 and str(path) in seen.err
    assert not (tmp_path / "gpt").exists()


def test_a_place_that_cannot_be_used_is_refused_before_anything_is_learned(
    play: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quick(play, play) == 2
    seen = capsys.readouterr()
    assert seen.out == "" and seen.err.count("\n") == 1
    assert play.read_text(encoding="utf-8") == PLAY


@pytest.mark.parametrize("words", [["--steps", "0"], ["--steps", "x"], ["--config", "huge"], ["--device", "tpu"]])
def test_words_that_mean_nothing(words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        train.main(words)
    assert caught.value.code == 2


def test_a_device_that_is_not_here(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert quick(play, tmp_path / "gpt", "--device", "cuda") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_full_disk_is_one_sentence(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(saved_model.os, "fsync", full)
    assert quick(play, tmp_path / "gpt") == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["play.txt"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def losses(path: Path) -> dict[int, tuple[float, float | None]]:
    """By step; a step that was done twice must have had the same both times."""
    found: dict[int, tuple[float, float | None]] = {}
    for line in lines(path):
        if "step" in line:
            now = line["training_loss"], line.get("validation_loss")
            assert found.setdefault(line["step"], now) == now
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_training_that_was_killed_goes_on_as_if_nothing_had_happened(play: Path, tmp_path: Path) -> None:
    how = ["--config", "small", "--steps", "600", "--data", str(play), "--device", "cpu", "--checkpoint-every", "7"]
    whole, out = tmp_path / "whole", tmp_path / "gpt"
    assert train.main([*how, "--out", str(whole), "--log-file", str(tmp_path / "whole.jsonl")]) == 0
    assert not checkpoint.place(whole).exists()
    how += ["--out", str(out), "--log-file", str(tmp_path / "log.jsonl")]
    for resumed in ([], ["--resume"]):  # killed twice, the second time after it has been resumed
        process = subprocess.Popen(
            [sys.executable, "scripts/train.py", *how, *resumed],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
        )
        done = max(losses(tmp_path / "log.jsonl"), default=0)
        while max(losses_so_far(tmp_path / "log.jsonl"), default=0) < done + 100 and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
        assert checkpoint.place(out).is_file() and not out.exists()
    assert train.main([*how, "--resume"]) == 0
    assert losses(tmp_path / "log.jsonl") == losses(tmp_path / "whole.jsonl")
    assert [line["resumed"] % 7 for line in lines(tmp_path / "log.jsonl") if "resumed" in line] == [0, 0]
    for name in (saved_model.WEIGHTS, saved_model.SETTINGS):
        assert (out / name).read_bytes() == (whole / name).read_bytes()
    assert not checkpoint.place(out).exists()


def losses_so_far(path: Path) -> list[int]:
    """The steps in a log that's being written."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line).get("step", 0) for line in text.split("\n")[:-1]]


def stopped(play: Path, out: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    """A training that Ctrl+C stops after step 20 of 30."""

    def stop(self: live.Live, report: Report) -> None:
        self.record(report)
        if report.step == 20:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(live.Live, "__call__", stop)
        return quick(play, out, "--checkpoint-every", "8", *more)


def test_after_ctrl_c_there_are_a_model_and_a_checkpoint(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "gpt"
    assert quick(play, tmp_path / "whole") == 0
    assert stopped(play, out, monkeypatch) == 0
    assert checkpoint.load(checkpoint.place(out), "").step == 16
    assert train.main(["--resume", "--out", str(out)]) == 0
    assert (out / saved_model.WEIGHTS).read_bytes() == (tmp_path / "whole" / saved_model.WEIGHTS).read_bytes()
    assert saved_model.load(tmp_path / "gpt-1")  # what Ctrl+C saved
    assert not checkpoint.place(out).exists()


def test_another_training_leaves_an_unfinished_one_alone(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "gpt"
    path = checkpoint.place(out)
    assert stopped(play, out, monkeypatch) == 0
    unfinished = path.read_bytes()
    assert quick(play, out) == 0  # writes none of its own
    assert path.read_bytes() == unfinished
    assert quick(play, out, "--checkpoint-every", "8") == 0
    assert not path.exists() and (tmp_path / "gpt-1.checkpoint").read_bytes() == unfinished
    assert train.main(["--resume", "--out", str(tmp_path / "gpt-1")]) == 0


@pytest.mark.parametrize(
    "words", [["--steps", "31"], ["--seed", "0"], ["--mine"], ["--config", "seed"], ["text"], ["none"]]
)
def test_what_cannot_be_resumed(
    play: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    out = tmp_path / "gpt"
    if words != ["none"]:
        assert stopped(play, out, monkeypatch) == 0
    if words == ["text"]:
        play.write_text(PLAY + "!", encoding="utf-8")
    capsys.readouterr()
    assert train.main(["--resume", "--out", str(out), *(words if words[0].startswith("--") else [])]) == 2
    seen = capsys.readouterr()
    assert seen.out == "" and seen.err.count("\n") == 1 and "--resume" in seen.err


def test_tensorboard_is_asked_for_and_not_there(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    assert quick(play, tmp_path / "gpt", "--tensorboard", str(tmp_path / "board")) == 2
    seen = capsys.readouterr()
    assert seen.out == "" and seen.err.count("\n") == 1
    assert not (tmp_path / "gpt").exists()
