"""AttentionHead. Made from checkpoints/ch06_attention_head.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn
import torch.nn.functional as F

from nanogpt.data_loader import Config


class AttentionHead(nn.Module):
    """Lets each place look at itself and those before it, and mixes their values by what it finds."""

    mask: torch.Tensor

    def __init__(self, head_size: int, config: Config) -> None:
        """Queries, keys and values of `head_size` numbers each, from rows of `config.embedding_dim`."""
        super().__init__()
        self.query = nn.Linear(config.embedding_dim, head_size, bias=False)  # what a place asks for
        self.key = nn.Linear(config.embedding_dim, head_size, bias=False)  # what it can be found by
        self.value = nn.Linear(config.embedding_dim, head_size, bias=False)  # what it gives
        self.dropout = nn.Dropout(config.dropout)  # drops weights while training
        longest = config.input_sequence_length
        self.register_buffer("mask", torch.tril(torch.ones(longest, longest)), persistent=False)  # who may see whom

    def weights(self, x: torch.Tensor) -> torch.Tensor:
        """How much each place listens to each place, before dropout: (..., sequence, width) -> (..., sequence, sequence)."""
        length, head_size = x.shape[-2], self.query.out_features
        scores = self.query(x) @ self.key(x).mT / head_size**0.5  # scaled scores
        scores = scores.masked_fill(self.mask[:length, :length] == 0, float("-inf"))  # minus infinity for the future
        return F.softmax(scores, dim=-1)  # shares that add up to 1 in each row

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """What each place has gathered: (batch, sequence, width) -> (batch, sequence, head_size)."""
        return self.dropout(self.weights(x)) @ self.value(x)  # the values, mixed by the weights after dropout
