"""LayerNorm. Made from checkpoints/ch05_layer_norm.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn


class LayerNorm(nn.Module):
    """Normalises each vector over its own numbers, then scales and shifts it by what was learned."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        """`dim` is the width. At the start, gain and bias change nothing."""
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(dim))  # a parameter that multiplies, and changes nothing at the start
        self.bias = nn.Parameter(torch.zeros(dim))  # a parameter that is added, and changes nothing at the start

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise over the last dimension: (..., dim) -> (..., dim)."""
        mean = x.mean(dim=-1, keepdim=True)  # the mean of each vector
        variance = x.var(dim=-1, correction=0, keepdim=True)  # its biased variance
        normalised = (x - mean) / (variance + self.eps).sqrt()
        return self.gain * normalised + self.bias  # scaled and shifted
