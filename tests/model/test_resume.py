"""A training that's killed and resumed is the one that ran through, to the last bit."""

from __future__ import annotations

import json
import random
import sys
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from kit.errors import KitError
from kit.model.training import checkpoint, dice
from kit.model.training.checkpoint import Checkpoint
from kit.model.training.plan import Plan
from kit.model.training.recipes import Recipe, recipes
from kit.model.training.resume import Checkpoints
from kit.model.training.run_log import RunLogs
from kit.model.training.saved_model import SavedModel
from kit.model.training.train import prepare, train
from nanogpt import Report, Trainer

pytestmark = pytest.mark.usefixtures("one_thread")

PLAY = "ROMEO:\nWhat say you?\n\nJULIET:\nNothing, nothing.\n\n" * 20
CPU = torch.device("cpu")


def recipe(name: str, **changes: Any) -> Recipe:
    """A recipe cut down to a moment, with exams in between."""
    found = recipes()[name].changed(steps=12)
    sizes = {
        "batch_size": 4,
        "embedding_dim": 8,
        "hidden_dim": 16,
        "num_heads": 2,
        "num_layers": 2,
        "evaluate_every": 5,
    }
    return replace(found, config=replace(found.config, evaluation_batches=2, **{**sizes, **changes}))


def plan(of: Recipe, **changes: Any) -> Plan:
    return replace(Plan("default", of.config, False, "", "digest"), **changes)


def trained(of: Recipe, begun: Checkpoint | None = None) -> tuple[SavedModel, list[Report], list[Checkpoint]]:
    """A training, each step's report, and a checkpoint after each new step."""
    run = prepare(of, PLAY, CPU)
    reports: list[Report] = []
    written: list[Checkpoint] = []
    keep = Checkpoints(run, plan(of), 1, lambda made: written.append(deepcopy(made)), begun)

    def watch(report: Report) -> None:
        reports.append(report)
        if not begun or report.step > begun.step:
            keep(report, float(report.step))

    return train(run, watch, begun)[0], reports, written


@pytest.mark.parametrize("name", ["default", "seed", "small", "chapter"])
def test_a_resumed_training_is_the_same_to_the_last_bit(name: str, tmp_path: Path) -> None:
    of = recipe(name, dropout=0.1)
    whole, reports, written = trained(of)
    assert [each.step for each in written] == list(range(1, 13))
    for made in written:
        checkpoint.save(tmp_path / "gpt.checkpoint", made)
        begun = checkpoint.load(tmp_path / "gpt.checkpoint", "")
        assert begun.step == begun.seconds == made.step and begun.plan == plan(of)
        again, same, later = trained(of, begun)
        assert same == reports
        assert [each.step for each in later] == list(range(made.step + 1, 13))
        assert all(torch.equal(again.state[name], tensor) for name, tensor in whole.state.items())
        assert (again.steps, again.validation_loss) == (whole.steps, whole.validation_loss)


def test_a_best_model_from_before_the_checkpoint_is_kept() -> None:
    """The exams get worse: what's kept is the model after the first one."""

    class Worsening(Trainer):
        def evaluate(self) -> float:
            self.exams = getattr(self, "exams", 0) + 1
            return float(self.exams)

    of = replace(recipe("default"), trainer=Worsening)
    whole, _, written = trained(of)
    again, _, _ = trained(of, written[7])
    assert whole.steps == again.steps == 5
    assert all(torch.equal(again.state[name], tensor) for name, tensor in whole.state.items())


def test_checkpoints_come_as_often_as_asked() -> None:
    of = recipe("default")
    for every, expected in [(0, []), (5, [5, 10]), (12, [12]), (13, [])]:
        run = prepare(of, PLAY, CPU)
        steps: list[int] = []
        keep = Checkpoints(run, plan(of), every, lambda made, steps=steps: steps.append(made.step))  # type: ignore[misc]
        run.trainer.train(lambda report, keep=keep: keep(report, 0.0))  # type: ignore[misc]
        assert steps == expected and keep.step == (expected or [0])[-1]


def test_a_full_disk_does_not_end_a_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of = recipe("default")
    run = prepare(of, PLAY, CPU)
    keep = Checkpoints(run, plan(of), 5, partial(checkpoint.save, tmp_path / "file" / "gpt.checkpoint"))
    (tmp_path / "file").write_text("")
    assert len(run.trainer.train(lambda report: keep(report, 0.0))) == 12
    assert keep.step == 0 and capsys.readouterr().err.count("\n") == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_log_that_fills_the_disk_does_not_end_a_training(capsys: pytest.CaptureFixture[str]) -> None:
    logged(RunLogs(Path("/dev/full"), None))
    assert capsys.readouterr().err.count("\n") == 1


def test_every_generator_is_put_back() -> None:
    before = dice.states(CPU)
    drawn = (random.random(), torch.rand(3))
    dice.restore(before)
    assert random.random() == drawn[0] and torch.equal(torch.rand(3), drawn[1])


@pytest.mark.parametrize("damage", ["cut", "text", "bit", "format", "missing"])
def test_a_checkpoint_that_cannot_be_used(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "gpt.checkpoint"
    checkpoint.save(path, trained(recipe("small"))[2][3])
    data = bytearray(path.read_bytes())
    if damage == "bit":
        data[len(data) // 2] ^= 1
    path.write_bytes({"cut": bytes(data[:-100]), "text": b"text", "bit": bytes(data)}.get(damage, b""))
    if damage == "format":
        torch.save({"format": 0}, path)
    if damage == "missing":
        path.unlink()
    with pytest.raises(KitError) as caught:
        checkpoint.load(path, "begin anew")
    assert caught.value.where == str(path) and caught.value.next == "begin anew"


def test_a_model_whose_classes_have_changed() -> None:
    begun = trained(recipe("default"))[2][3]
    with pytest.raises(KitError):
        train(prepare(recipe("default", embedding_dim=16), PLAY, CPU), None, begun)


def test_an_unfinished_training_moves_aside(tmp_path: Path) -> None:
    path = checkpoint.place(tmp_path / "gpt")
    assert path == tmp_path / "gpt.checkpoint" and checkpoint.move_aside(path) is None
    for number in (1, 2):
        path.write_bytes(b"%d" % number)
        older = checkpoint.move_aside(path)
        assert older == checkpoint.place(tmp_path / f"gpt-{number}") and older.read_bytes() == b"%d" % number
    assert not path.exists()


def test_the_options_must_be_those_it_began_with() -> None:
    began = plan(recipe("default"), data="play.txt")
    steps, seed = began.config.steps, began.config.seed
    same = {"--config": "default", "--steps": steps, "--seed": seed, "--data": Path("play.txt"), "--mine": False}
    began.require_options(same, "")
    began.require_options(dict.fromkeys(same), "")
    for option, other in {"--config": "seed", "--steps": 99, "--seed": 0, "--data": Path("b"), "--mine": True}.items():
        with pytest.raises(KitError, match=option):
            began.require_options(same | {option: other}, "")
    began.require_text("digest", "")
    with pytest.raises(KitError):
        began.require_text("another", "")


REPORTS = [Report(1, 2, 4.0), Report(2, 2, 1 / 3, 0.1)]


def logged(logs: RunLogs, resumed: int = 0) -> None:
    with logs:
        logs.begin(plan(recipe("default")), resumed)
        for report in REPORTS[resumed:]:
            logs.step(report, 0.5, float(report.step))
        logs.end(0.25, 3.0)


def test_json_lines_have_every_digit_and_are_only_added(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"mine": 1}\n')
    logged(RunLogs(path, None))
    logged(RunLogs(path, None), 1)
    first, run, *lines = map(json.loads, path.read_text().splitlines())
    assert first == {"mine": 1} and Plan.from_dict(run["run"]) == plan(recipe("default"))
    one = {"step": 1, "training_loss": 4.0, "learning_rate": 0.5, "seconds": 1.0}
    two = {"step": 2, "training_loss": 1 / 3, "learning_rate": 0.5, "seconds": 2.0, "validation_loss": 0.1}
    end = {"loss": 0.25, "seconds": 3.0}
    assert lines == [one, two, end, {"resumed": 1}, two, end]


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(KitError):
        RunLogs(tmp_path, None)


def test_tensorboard_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(KitError, match="TensorBoard") as caught:
        RunLogs(None, tmp_path / "board")
    assert "--tensorboard" in caught.value.next and not (tmp_path / "board").exists()


def test_tensorboard_is_told_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own library isn't among the kit's; whether it takes this was tried with TensorBoard 2.20."""
    calls: list[tuple[Any, ...]] = []

    class Writer:
        def __init__(self, folder: str, purge_step: int | None) -> None:
            calls.append((folder, purge_step))

        def add_scalar(self, *values: Any) -> None:
            calls.append(values)

        def add_text(self, name: str, text: str) -> None:
            calls.append((name,))

        def close(self) -> None:
            calls.append(("closed",))

    module = ModuleType("tensorboard")
    vars(module)["SummaryWriter"] = Writer
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    logged(RunLogs(None, tmp_path / "board"), 1)
    assert (tmp_path / "board").is_dir()
    assert calls == [
        (str(tmp_path / "board"), 2),
        ("loss/training", 1 / 3, 2),
        ("learning_rate", 0.5, 2),
        ("loss/validation", 0.1, 2),
        ("loss on the whole validation text",),
        ("closed",),
    ]
    (tmp_path / "file").write_text("")
    with pytest.raises(KitError):
        RunLogs(None, tmp_path / "file")
