"""MultiHeadAttention. Made from checkpoints/ch07_multi_head_attention.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

import torch
from torch import nn

from nanogpt.attention_head import AttentionHead
from nanogpt.data_loader import Config


class MultiHeadAttention(nn.Module):
    """Several heads side by side, and a projection that lets them talk. Leaves the residual sum to the block."""

    def __init__(self, config: Config) -> None:
        """`config.num_heads` heads split `config.embedding_dim`; ValueError if something is left over."""
        super().__init__()
        if config.embedding_dim % config.num_heads:
            raise ValueError(f"{config.num_heads} heads cannot split {config.embedding_dim} numbers evenly")
        head_size = config.embedding_dim // config.num_heads
        self.heads = nn.ModuleList(AttentionHead(head_size, config) for _ in range(config.num_heads))  # the heads, where PyTorch sees them
        self.projection = nn.Linear(config.embedding_dim, config.embedding_dim)  # what mixes them
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, embedding_dim) -> the same shape."""
        side_by_side = torch.cat([head(x) for head in self.heads], dim=-1)  # what all the heads hand over, side by side, head 0 first
        return self.dropout(self.projection(side_by_side))  # mixed, then passed through the dropout
