"""The optimizers of chapter 12's long training and of the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from kit.model.training.muon import NEWTON_SCHULZ, POLAR_EXPRESS, Muon, Polynomial
from nanogpt import Config

MUON_RATE = 2.0  # times the configured learning rate
WEIGHT_DECAY = 0.1


class CombinedOptimizer(torch.optim.Optimizer):
    """Several optimizers as one, each with parameters of its own."""

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        """The parameter groups are shared with the parts, so setting a learning rate here sets it there."""
        groups = [group for part in parts for group in part.param_groups]
        super().__init__([parameter for group in groups for parameter in group["params"]], {})
        self.parts, self.param_groups = parts, groups

    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One step of each part."""
        for part in self.parts:
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """The states of the parts."""
        return {"parts": [part.state_dict() for part in self.parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Put the parts into these states."""
        for part, state in zip(self.parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self.param_groups = [group for part in self.parts for group in part.param_groups]


def quick_muon_and_adamw(model: nn.Module, config: Config) -> CombinedOptimizer:
    """The same with shorter memories and a shorter way to orthogonal matrices, for trainings of a few hundred steps."""
    return muon_and_adamw(model, config, momentum=0.87, betas=(0.8, 0.95), polynomials=POLAR_EXPRESS)


def muon_and_adamw(
    model: nn.Module,
    config: Config,
    momentum: float = 0.95,
    betas: tuple[float, float] = (0.9, 0.999),
    polynomials: Sequence[Polynomial] = NEWTON_SCHULZ,
) -> CombinedOptimizer:
    """Muon for the matrices inside the blocks; AdamW for embeddings, output layer, norms and biases."""
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        (matrices if name.startswith("blocks.") and parameter.ndim == 2 else others).append(parameter)
    rate = config.learning_rate
    muon = Muon(matrices, MUON_RATE * rate, momentum, WEIGHT_DECAY, polynomials)
    return CombinedOptimizer(muon, fused_adamw(others, rate, betas))


def fused_adamw(parameters: list[nn.Parameter], rate: float, betas: tuple[float, float]) -> torch.optim.Optimizer:
    """AdamW in one pass over all tensors, if this PyTorch can do that on their device; otherwise one by one."""
    try:
        return torch.optim.AdamW(parameters, lr=rate, betas=betas, weight_decay=WEIGHT_DECAY, fused=True)
    except RuntimeError:
        return torch.optim.AdamW(parameters, lr=rate, betas=betas, weight_decay=WEIGHT_DECAY)


def adamw(model: nn.Module, config: Config, weight_decay: float = 0.01) -> torch.optim.Optimizer:
    """AdamW for all parameters; the default weight decay is PyTorch's own."""
    return torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=weight_decay)
