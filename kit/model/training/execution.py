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

SHORT = 60.0  # seconds: a training that's over sooner isn't worth measuring
LONG = 600.0  # seconds: one that takes longer is worth the minute that compiling may take
WORTH = 0.85  # what's new must take less than this share of the time
STEPS = 3  # that are timed
WINDOWS = 4  # of a batch that are measured on a CPU, where a whole one may take a minute


Batch = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Execution:
    """What was chosen."""

    bf16: bool = False
    compiled: bool = False
    milliseconds: float = 0.0  # for forward and backward of a batch; 0 if that wasn't measured
    plain: float = 0.0  # in float32, not compiled

    def apply(self, model: nn.Module, device: torch.device) -> None:
        """Let this model compute so from now on."""
        if self.bf16:
            vars(model)["forward"] = torch.autocast(device.type, torch.bfloat16)(model.forward)
        if self.compiled:
            model.compile()  # type: ignore[no-untyped-call]

    def __str__(self) -> str:
        kind = "bfloat16" if self.bf16 else "float32"
        return f"{kind}, compiled" if self.compiled else kind


FLOAT32 = Execution()


def choose(model: nn.Module, get_batch: Callable[[], Batch], steps: int) -> Execution:
    """The fastest way to train this model for so many steps on batches like these, measured here and now.

    A training of less than a minute isn't measured further than that, and only a long one is tried compiled. The
    model, its gradients and the random numbers stay as they are.
    """
    device = next(model.parameters()).device
    before = dice.states(device)
    try:
        inputs, targets = get_batch()
        windows = min(len(inputs), WINDOWS) if device.type == "cpu" else len(inputs)
        part = inputs[:windows], targets[:windows]
        return chosen(lambda how: seconds(model, how, part) * len(inputs) / windows, steps)
    finally:
        dice.restore(before)


def chosen(measure: Callable[[Execution], float], steps: int) -> Execution:
    """The fastest way, where `measure` gives the seconds of a step; an error means that it can't be done here."""
    plain = best = measure(FLOAT32)
    how = FLOAT32
    for candidate, least in ((Execution(bf16=True), SHORT), (None, LONG)):
        if steps * best < least:
            break
        candidate = candidate or Execution(how.bf16, compiled=True)
        try:
            spent = measure(candidate)
        except Exception:  # no compiler, or an operation that this device lacks
            continue
        if spent < WORTH * best:
            how, best = candidate, spent
    return Execution(how.bf16, how.compiled, 1000 * best, 1000 * plain)


def seconds(model: nn.Module, how: Execution, batch: Batch) -> float:
    """What forward and backward of a batch take, on a copy of the model; compiling isn't counted."""
    copy: Any = deepcopy(model)
    how.apply(copy, batch[0].device)

    def step() -> None:
        copy(*batch)[1].backward()
        if batch[0].is_cuda:
            torch.cuda.synchronize()

    step()
    step()
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    return (time.perf_counter() - start) / STEPS
