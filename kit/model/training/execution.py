"""How a model's numbers are computed: in float32 or bfloat16, compiled or not. Measured, and the fastest is taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from kit.model.training import dice
from kit.terminal import say

LONG = 600.0  # seconds: a training that takes longer is worth the minute or two of trying it compiled
WORTH = 0.8  # what's new must take less than this share of the time
STEPS = 3  # that are timed
WINDOWS = 4  # of a batch that are measured on a CPU, where a whole one may take a minute
ROWS, INNER, COLUMNS = 768, 64, 256  # of the matrix product that's timed on a CPU; ten times as large elsewhere
Batch = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Execution:
    """What was chosen."""

    bf16: bool = False
    compiled: bool = False

    def apply(self, model: nn.Module, device: torch.device) -> None:
        """Let this model compute so whenever it's training. Exams and samples are computed in float32."""
        if self.bf16:
            plain = model.forward

            def forward(*inputs: Any) -> Any:
                with torch.autocast(device.type, torch.bfloat16, enabled=model.training):
                    return plain(*inputs)

            vars(model)["forward"] = forward
        if self.compiled:
            model.compile()  # type: ignore[no-untyped-call]

    def __str__(self) -> str:
        kind = "bfloat16" if self.bf16 else "float32"
        return f"{kind}, compiled" if self.compiled else kind


FLOAT32 = Execution()


def announce() -> None:
    """Say why nothing is seen for a while."""
    say("compiling the model, which can take a few minutes")


def choose(model: nn.Module, get_batch: Callable[[], Batch], steps: int, quiet: bool = False) -> Execution:
    """The fastest way to train this model for so many steps on batches like these, measured here and now.

    Only a long training is tried compiled, and that's announced unless `quiet`. The model, its gradients and the random
    numbers stay as they are.
    """
    device = next(model.parameters()).device
    before = dice.states(device)
    try:
        inputs, targets = get_batch()
        windows = min(len(inputs), WINDOWS) if device.type == "cpu" else len(inputs)
        part = inputs[:windows], targets[:windows]
        single, half = (product_seconds(device, dtype) for dtype in (torch.float32, torch.bfloat16))
        plain = Execution(bf16=half < WORTH * single)
        share = windows / len(inputs)
        spent = step_seconds(model, plain, part) / share
        if steps * spent < LONG:
            return plain
        if not quiet:
            announce()
        try:
            compiled = Execution(plain.bf16, compiled=True)
            return compiled if step_seconds(model, compiled, part) / share < WORTH * spent else plain
        except Exception:  # there's no compiler here, or it can't compile this
            return plain
    finally:
        dice.restore(before)


def product_seconds(device: torch.device, dtype: torch.dtype, rounds: int = 20) -> float:
    """The shortest time that a matrix product took. Infinite if this device has none for this kind of number."""
    scale = 1 if device.type == "cpu" else 10
    try:
        left = torch.ones(scale * ROWS, scale * INNER, dtype=dtype, device=device)
        right = torch.ones(scale * INNER, scale * COLUMNS, dtype=dtype, device=device)
        return min(timed(lambda: left @ right, device) for _ in range(rounds))
    except RuntimeError:
        return float("inf")


def step_seconds(model: nn.Module, how: Execution, batch: Batch) -> float:
    """The shortest time of forward and backward with a batch, on a copy of the model; compiling isn't counted."""
    copy: Any = deepcopy(model)
    device = batch[0].device
    how.apply(copy, device)
    return min([timed(lambda: copy(*batch)[1].backward(), device) for _ in range(2 + STEPS)][2:])


def timed(work: Callable[[], object], device: torch.device) -> float:
    """The seconds that some work takes on a device."""
    start = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
