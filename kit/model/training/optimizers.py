"""The optimizers that trainings have, in chapter 12 and from the command line."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from kit.model.training.muon import CombinedOptimizer, Muon
from nanogpt import Config

MUON_RATE = 2.0  # times the configured rate
WEIGHT_DECAY = 0.1


def adamw(parameters: Iterable[nn.Parameter], rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW in one pass over all tensors where this PyTorch has that for the device, else one by one."""
    parameters = list(parameters)
    try:
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=weight_decay, fused=True)
    except RuntimeError:
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=weight_decay)


def plain(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    """AdamW for all parameters, with weight decay."""
    return torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=WEIGHT_DECAY)


def older(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    """AdamW as PyTorch sets it up."""
    return torch.optim.AdamW(model.parameters(), lr=config.learning_rate)


def fast(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    """Muon for the matrices inside the blocks; AdamW for tables, scores, norms and biases."""
    hidden: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        (hidden if name.startswith("blocks.") and parameter.ndim == 2 else others).append(parameter)
    rate = config.learning_rate
    return CombinedOptimizer(
        Muon(hidden, MUON_RATE * rate, weight_decay=WEIGHT_DECAY), adamw(others, rate, WEIGHT_DECAY)
    )
