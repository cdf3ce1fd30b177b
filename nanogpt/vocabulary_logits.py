"""VocabularyLogits. Made from checkpoints/ch10_vocabulary_logits.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn

from nanogpt.data_loader import Config
from nanogpt.layer_norm import LayerNorm


class VocabularyLogits(nn.Module):
    """A last norm, and a score for each character of the vocabulary."""

    def __init__(self, vocab_size: int, config: Config) -> None:
        """`config.embedding_dim` numbers go in, `vocab_size` scores come out."""
        super().__init__()
        self.norm = LayerNorm(config.embedding_dim)  # so that no place shouts
        self.to_scores = nn.Linear(config.embedding_dim, vocab_size)  # a dot product and a bias for each character

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim) -> logits (batch, sequence, vocab_size)."""
        return self.to_scores(self.norm(x))  # normalise, then score
