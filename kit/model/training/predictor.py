"""What comes next, one id after the other: a model's logits, with keys and values that are computed once.

A place's keys and values depend on the ids up to there and on their places in the window. While the window fills they
stay as they are, and an id costs one row. Once it's full it slides: each id moves to another place, where another
vector is added to it, so every key and value changes, and none can be kept. From there on the whole window is computed
for each id, though in the last block only its last row.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from nanogpt import BigramLanguageModel, LayerNorm, TransformerBlock


class Block:
    """One block's weights, the heads' side by side, and the keys and values of the window so far."""

    def __init__(self, block: TransformerBlock, length: int) -> None:
        """The heads' weights are copied: a model that goes on learning needs a new one."""
        attention, feed_forward = block.attention, block.feed_forward
        heads = attention.heads
        names = ("query", "key", "value")
        self.qkv = torch.cat([getattr(head, name).weight for name in names for head in heads])  # (3 * width, width)
        self.count, self.size = len(heads), len(self.qkv) // 3 // len(heads)
        self.keys = torch.zeros(1, self.count, length, self.size)
        self.values = torch.zeros_like(self.keys)
        self.norms = [norm_of(block.norm_1), norm_of(block.norm_2)]
        self.projection, self.expand, self.contract = map(
            weights, (attention.projection, feed_forward.expand, feed_forward.contract)
        )

    def forward(self, x: torch.Tensor, start: int, last: bool) -> torch.Tensor:
        """What the block makes of the rows x (rows, width) at the places from `start`; with `last`, of the last one."""
        heads = F.linear(F.layer_norm(x, *self.norms[0]), self.qkv).view(1, len(x), 3, self.count, self.size)
        query, key, value = heads.permute(2, 0, 3, 1, 4)  # each (1, heads, rows, size)
        if start or len(x) < self.keys.shape[2]:
            end = start + len(x)
            self.keys[:, :, start:end], self.values[:, :, start:end] = key, value
            key, value = self.keys[:, :, :end], self.values[:, :, :end]
        if last:
            query, x = query[:, :, -1:], x[-1:]
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=len(x) > 1)
        x = x + F.linear(mixed.transpose(1, 2).reshape(len(x), -1), *self.projection)
        inner = F.linear(F.layer_norm(x, *self.norms[1]), *self.expand).relu_()
        return x + F.linear(inner, *self.contract)


class Predictor:
    """A model that is only asked what comes next."""

    def __init__(self, model: BigramLanguageModel) -> None:
        """`model` doesn't change from here on."""
        self.length = model.config.input_sequence_length
        self.characters = model.embedding.token_embedding.table.weight  # (vocab_size, width)
        self.places = model.embedding.position_embedding.table.weight  # (sequence, width)
        self.blocks = [Block(block, self.length) for block in model.blocks]
        self.norm, self.to_scores = norm_of(model.to_logits.norm), weights(model.to_logits.to_scores)
        self.window: list[int] = []  # the ids whose keys and values we have

    def logits(self, ids: Sequence[int]) -> torch.Tensor:
        """The scores (vocab_size,) of what comes after `ids`, of which the model sees the last ones."""
        window = list(ids[-self.length :])
        one_more = len(window) == len(self.window) + 1 and window[:-1] == self.window
        start = len(self.window) if one_more else 0
        self.window = window
        x = self.characters[torch.tensor(window[start:])] + self.places[start : len(window)]  # (rows, width)
        for block in self.blocks:
            x = block.forward(x, start, last=block is self.blocks[-1])
        return F.linear(F.layer_norm(x[-1], *self.norm), *self.to_scores)


def norm_of(module: LayerNorm) -> tuple[tuple[int, ...], torch.Tensor, torch.Tensor, float]:
    """What `layer_norm` needs to do what a LayerNorm of the chapters does."""
    return tuple(module.gain.shape), module.gain, module.bias, module.eps


def weights(module: nn.Linear) -> tuple[torch.Tensor, torch.Tensor]:
    """What `linear` needs."""
    return module.weight, module.bias
