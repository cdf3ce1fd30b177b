"""How a training's numbers are computed: measured, and the fastest way is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from kit.model.training import execution
from kit.model.training.execution import FLOAT32, Execution, choose, chosen
from kit.model.training.recipes import recipes
from kit.model.training.train import prepare, train

pytestmark = pytest.mark.usefixtures("one_thread")

PLAY = "ROMEO:\nWhat say you?\n\nJULIET:\nNothing, nothing.\n\n" * 20
CPU = torch.device("cpu")


def machine(plain: float, bf16: float, compiled: float, both: float) -> tuple[Callable[[Execution], float], list[str]]:
    """A machine that takes so many seconds for a step; a negative number: it can't."""
    tried: list[str] = []
    table = {(False, False): plain, (True, False): bf16, (False, True): compiled, (True, True): both}

    def measure(how: Execution) -> float:
        tried.append(str(how))
        spent = table[how.bf16, how.compiled]
        if spent < 0:
            raise RuntimeError("not here")
        return spent

    return measure, tried


@pytest.mark.parametrize(
    ("seconds", "steps", "expected", "tried"),
    [
        ((0.01, 0.001, 0.001, 0.001), 5000, "float32", 1),  # over in less than a minute
        ((0.1, 0.01, 0.001, 0.001), 5000, "bfloat16", 2),  # and that's fast enough
        ((1, 0.5, 0.1, 0.1), 5000, "bfloat16, compiled", 3),
        ((1, 0.9, 0.5, 0.1), 5000, "float32, compiled", 3),  # bfloat16 gains too little
        ((1, 3, 0.9, 0.1), 5000, "float32", 3),
        ((1, -1, -1, -1), 5000, "float32", 3),  # what can't be done here isn't
        ((1, 0.5, -1, -1), 5000, "bfloat16", 3),
    ],
)
def test_the_fastest_way_is_chosen(seconds: tuple[float, ...], steps: int, expected: str, tried: int) -> None:
    measure, names = machine(*seconds)
    how = chosen(measure, steps)
    assert str(how) == expected and len(names) == tried
    assert (how.plain, how.milliseconds) == (1000 * seconds[0], 1000 * measure(Execution(how.bf16, how.compiled)))


def test_measuring_leaves_everything_as_it_was() -> None:
    run = prepare(recipes()["small"], PLAY, CPU)
    before = {name: tensor.clone() for name, tensor in run.model.state_dict().items()}
    numbers = torch.get_rng_state()
    how = choose(run.model, run.loader.get_batch, steps=1)
    assert not how.bf16 and not how.compiled and how.plain > 0
    assert torch.equal(numbers, torch.get_rng_state())
    assert all(torch.equal(before[name], tensor) for name, tensor in run.model.state_dict().items())
    assert all(parameter.grad is None for parameter in run.model.parameters())


def test_bfloat16_is_measured_on_a_real_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "SHORT", 0.0)
    monkeypatch.setattr(execution, "WORTH", 1e9)
    run = prepare(recipes()["small"], PLAY, CPU)
    assert choose(run.model, run.loader.get_batch, steps=1).bf16


def test_in_bfloat16_the_loss_has_all_its_digits_and_falls() -> None:
    small = replace(recipes()["default"].changed(40), execution=Execution(bf16=True))
    small = replace(small, config=replace(small.config, embedding_dim=16, hidden_dim=32, batch_size=8))
    run = prepare(small, PLAY, CPU)
    loss = run.model(*run.loader.get_batch())[1]
    assert loss.dtype == torch.float32 and loss.item() != torch.tensor(loss.item()).bfloat16().item()
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
