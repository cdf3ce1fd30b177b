"""The chapters' model with all heads of a block computed at once: the same parameters, names and numbers, sooner."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from nanogpt import BigramLanguageModel, Config, LayerNorm, MultiHeadAttention


class BatchedAttention(MultiHeadAttention):
    """Attention whose heads share three matrix products, instead of making three each.

    The parameters stay where the chapters have them, one module a head; gluing them together costs a fraction of what
    it saves, and a model's state needs no translation.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, width) -> the same shape."""
        batch, sequence, width = x.shape
        parts = ("query", "key", "value")
        weight = torch.cat([getattr(head, part).weight for part in parts for head in self.heads])  # (3 * width, width)
        heads = F.linear(x, weight).view(batch, sequence, 3, len(self.heads), -1)
        query, key, value = heads.permute(2, 0, 3, 1, 4)  # each (batch, heads, sequence, head_size)
        dropped = self.dropout.p if self.training else 0.0
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True, dropout_p=dropped)
        out: torch.Tensor = self.dropout(self.projection(mixed.transpose(1, 2).reshape(batch, sequence, width)))
        return out


class FusedLayerNorm(LayerNorm):
    """LayerNorm in PyTorch's one operation, instead of the six that spell it out."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., width) -> the same shape."""
        return F.layer_norm(x, self.gain.shape, self.gain, self.bias, self.eps)


FASTER: dict[type[nn.Module], type[nn.Module]] = {LayerNorm: FusedLayerNorm, MultiHeadAttention: BatchedAttention}


def fast_model(vocab_size: int, config: Config) -> BigramLanguageModel:
    """A model of the chapters' class with the faster parts in it. From the same seed it starts as the chapters' does.

    A faster part has the attributes of the one it stands for and differs in `forward` alone, so each is made by giving
    the finished part another class.
    """
    model = BigramLanguageModel(vocab_size, config)
    for module in model.modules():
        module.__class__ = FASTER.get(type(module), type(module))
    return model
