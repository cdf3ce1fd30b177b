"""TokenEmbedding. Made from checkpoints/ch02_token_embedding.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn


class TokenEmbedding(nn.Module):
    """A table with one learned row of `embedding_dim` numbers for each id of the vocabulary."""

    def __init__(self, vocab_size: int, embedding_dim: int) -> None:
        """The table starts with random numbers, normal with mean 0 and variance 1."""
        super().__init__()  # what every module of yours does before anything else
        self.table = nn.Embedding(vocab_size, embedding_dim)  # one row for each id

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The row of each id: (batch, sequence) of int64 -> (batch, sequence, embedding_dim)."""
        return self.table(ids)  # the row of each id
