"""How a training's numbers are computed: measured, and the fastest way is taken."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from kit.model.training import execution
from kit.model.training.execution import FLOAT32, Execution, choose
from kit.model.training.recipes import recipes
from kit.model.training.train import prepare, train

pytestmark = pytest.mark.usefixtures("one_thread")

PLAY = "ROMEO:\nWhat say you?\n\nJULIET:\nNothing, nothing.\n\n" * 20
CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("half", "step", "compiled", "steps", "expected"),
    [
        (0.9, 0.01, 0.001, 5000, "float32"),  # bfloat16 gains too little; too short to try compiling
        (0.5, 0.01, 0.001, 5000, "bfloat16"),
        (0.5, 1.0, 0.5, 5000, "bfloat16, compiled"),
        (0.9, 1.0, 0.5, 5000, "float32, compiled"),
        (0.9, 1.0, 0.9, 5000, "float32"),
        (float("inf"), 1.0, -1.0, 5000, "float32"),  # what can't be done here isn't
    ],
)
def test_the_fastest_way_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    half: float,
    step: float,
    compiled: float,
    steps: int,
    expected: str,
) -> None:
    def measured(model: object, how: Execution, batch: tuple[torch.Tensor, torch.Tensor]) -> float:
        if how.compiled and compiled < 0:
            raise RuntimeError("no compiler")
        return (compiled if how.compiled else step) * len(batch[0]) / 64  # a batch has 64 windows

    monkeypatch.setattr(execution, "step_seconds", measured)
    monkeypatch.setattr(execution, "product_seconds", lambda device, dtype: half if dtype == torch.bfloat16 else 1.0)
    recipe = recipes()["small"]
    run = prepare(replace(recipe, config=replace(recipe.config, batch_size=64)), PLAY, CPU)
    assert str(choose(run.model, run.loader.get_batch, steps)) == expected
    tried = step * steps >= execution.LONG
    assert capsys.readouterr().err == ("compiling the model, which can take a few minutes\n" if tried else "")
    assert str(choose(run.model, run.loader.get_batch, steps, quiet=True)) == expected
    assert not capsys.readouterr().err


def test_a_training_that_goes_on_compiled_says_so_first(capsys: pytest.CaptureFixture[str]) -> None:
    small = recipes()["small"]
    prepare(small, PLAY, CPU, execution=Execution(compiled=True))
    assert "compiling the model" in capsys.readouterr().err
    prepare(small, PLAY, CPU, execution=FLOAT32)
    assert not capsys.readouterr().err


def test_measuring_leaves_everything_as_it_was() -> None:
    run = prepare(recipes()["small"], PLAY, CPU)
    before = {name: tensor.clone() for name, tensor in run.model.state_dict().items()}
    numbers = torch.get_rng_state()
    assert not choose(run.model, run.loader.get_batch, steps=1).compiled
    assert torch.equal(numbers, torch.get_rng_state())
    assert all(torch.equal(before[name], tensor) for name, tensor in run.model.state_dict().items())
    assert all(parameter.grad is None for parameter in run.model.parameters())
    assert execution.product_seconds(CPU, torch.float32) > 0


def test_in_bfloat16_the_loss_has_all_its_digits_and_falls() -> None:
    small = replace(recipes()["default"].changed(40), execution=Execution(bf16=True))
    small = replace(small, config=replace(small.config, embedding_dim=16, hidden_dim=32, batch_size=8))
    run = prepare(small, PLAY, CPU)
    loss = run.model(*run.loader.get_batch())[1]
    assert loss.dtype == torch.float32
    assert "bfloat16" in run.describe()
    assert str(FLOAT32) == "float32"
    saved, _ = train(run)
    assert saved.validation_loss is not None and saved.validation_loss < 2.5
    assert {tensor.dtype for tensor in saved.state.values()} == {torch.float32}


def test_the_large_model_has_ten_million_parameters_and_a_long_context() -> None:
    large = recipes()["large"]
    with torch.device("meta"):
        model = large.model(64, large.config)
    assert 9e6 < sum(parameter.numel() for parameter in model.parameters()) < 12e6
    assert large.config.input_sequence_length == 256 and large.execution is None and large.checkpoint_every
