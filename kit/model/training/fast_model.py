"""The chapters' model, with all of a block's heads computed at once: same parameters, names and numbers, but faster."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from nanogpt import BigramLanguageModel, Config, LayerNorm, MultiHeadAttention, VocabularyLogits


class BatchedAttention(MultiHeadAttention):
    """Attention with one matrix product for the queries, keys and values of all heads, instead of three for each head.

    The weights stay in the chapters' modules, one for each head, so the model's state keeps its names. Concatenating
    them at every step costs a fraction of what it saves.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, width) -> the same shape."""
        batch, sequence, width = x.shape
        names = ("query", "key", "value")
        weight = torch.cat([getattr(head, name).weight for name in names for head in self.heads])  # (3 * width, width)
        heads = F.linear(x, weight).view(batch, sequence, 3, len(self.heads), -1)
        query, key, value = heads.permute(2, 0, 3, 1, 4)  # each (batch, heads, sequence, head_size)
        dropout = self.dropout.p if self.training else 0.0
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True, dropout_p=dropout)
        out: torch.Tensor = self.dropout(self.projection(mixed.transpose(1, 2).reshape(batch, sequence, width)))
        return out


class FusedLayerNorm(LayerNorm):
    """LayerNorm as PyTorch's single operation, instead of the chapter's six."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., width) -> the same shape."""
        return F.layer_norm(x, self.gain.shape, self.gain, self.bias, self.eps)


class ExactLogits(VocabularyLogits):
    """Scores in float32, whatever the blocks compute in, so that the loss has all its digits."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, width) -> (batch, sequence, vocab_size)."""
        return super().forward(x).float()


FASTER: dict[type[nn.Module], type[nn.Module]] = {
    LayerNorm: FusedLayerNorm,
    MultiHeadAttention: BatchedAttention,
    VocabularyLogits: ExactLogits,
}


def fast_model(vocab_size: int, config: Config) -> BigramLanguageModel:
    """The chapters' model with the faster parts. The same seed gives the same initial weights.

    A faster part differs from the original only in `forward`, so we just change the modules' class once they've been
    made.
    """
    model = BigramLanguageModel(vocab_size, config)
    for module in model.modules():
        module.__class__ = FASTER.get(type(module), type(module))
    return model
