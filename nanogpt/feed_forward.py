"""FeedForward. Made from checkpoints/ch08_feed_forward.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn

from nanogpt.data_loader import Config


class FeedForward(nn.Module):
    """Two layers with a bend between them, for each place on its own. Leaves the residual sum to the block."""

    def __init__(self, config: Config) -> None:
        """`config.embedding_dim` numbers in, `config.hidden_dim` in the middle, `config.embedding_dim` out again."""
        super().__init__()
        self.expand = nn.Linear(config.embedding_dim, config.hidden_dim)  # the questions
        self.contract = nn.Linear(config.hidden_dim, config.embedding_dim)  # what their answers add
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> the same shape."""
        return self.dropout(self.contract(torch.relu(self.expand(x))))  # expand, bend, contract, dropout
