"""PositionEmbedding. Made from checkpoints/ch03_position_embedding.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn


class PositionEmbedding(nn.Module):
    """A table with one learned row of `embedding_dim` numbers for each place of a window."""

    def __init__(self, input_sequence_length: int, embedding_dim: int) -> None:
        """The table starts with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.table = nn.Embedding(input_sequence_length, embedding_dim)  # one row for each place

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows for the places in `ids`: (batch, sequence) -> (sequence, embedding_dim).

        IndexError, on the CPU, if there are more places than rows.
        """
        places = torch.arange(ids.shape[1], device=ids.device)  # how many places?
        return self.table(places)  # the row of each place; mind the promise
