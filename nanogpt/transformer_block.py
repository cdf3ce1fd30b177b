"""TransformerBlock. Made from checkpoints/ch09_transformer_block.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn

from nanogpt.data_loader import Config
from nanogpt.feed_forward import FeedForward
from nanogpt.layer_norm import LayerNorm
from nanogpt.multi_head_attention import MultiHeadAttention


class TransformerBlock(nn.Module):
    """Every place hears from the others, then thinks for itself; both are added to what it was."""

    def __init__(self, config: Config) -> None:
        """Two norms, an attention and a FeedForward, each of the sizes that `config` says."""
        super().__init__()
        self.norm_1 = LayerNorm(config.embedding_dim)  # through which the attention reads the stream
        self.attention = MultiHeadAttention(config)  # with which a place hears from the others
        self.norm_2 = LayerNorm(config.embedding_dim)  # through which FeedForward reads the stream
        self.feed_forward = FeedForward(config)  # with which it thinks

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stream, (batch, sequence, embedding_dim), with both messages added: the same shape."""
        x = x + self.attention(self.norm_1(x))  # read, listen, add
        return x + self.feed_forward(self.norm_2(x))  # read, think, add
