"""TransformerBlock. Made from checkpoints/ch09_transformer_block.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn

from nanogpt.data_loader import Config
from nanogpt.feed_forward import FeedForward
from nanogpt.layer_norm import LayerNorm
from nanogpt.multi_head_attention import MultiHeadAttention


class TransformerBlock(nn.Module):
    """Every place hears from the others, then thinks for itself; each message is added to what was there."""

    def __init__(self, config: Config) -> None:
        """Two norms, a MultiHeadAttention and a FeedForward, with the sizes in `config`."""
        super().__init__()
        self.norm_1 = LayerNorm(config.embedding_dim)  # what attention reads the stream through
        self.attention = MultiHeadAttention(config)  # how a place hears from the others
        self.norm_2 = LayerNorm(config.embedding_dim)  # what FeedForward reads the stream through
        self.feed_forward = FeedForward(config)  # how it thinks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim), with both messages added: the same shape."""
        x = x + self.attention(self.norm_1(x))  # read, listen, add
        return x + self.feed_forward(self.norm_2(x))  # read, think, add
