"""EmbeddingModule. Made from checkpoints/ch04_embedding_module.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn

from nanogpt.data_loader import Config
from nanogpt.position_embedding import PositionEmbedding
from nanogpt.token_embedding import TokenEmbedding


class EmbeddingModule(nn.Module):
    """What is where: the vector of each character plus the vector of its place."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """Both tables start with random numbers, normal with mean 0 and variance 1."""
        super().__init__()
        self.token_embedding = TokenEmbedding(vocab_size, config.embedding_dim)  # the table of characters
        self.position_embedding = PositionEmbedding(config.input_sequence_length, config.embedding_dim)  # the table of places

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """The sum of the two vectors: (batch, sequence) of int64 -> (batch, sequence, embedding_dim)."""
        return self.token_embedding(ids) + self.position_embedding(ids)  # what, plus where
