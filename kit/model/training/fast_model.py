"""The chapters' model, with all of a block's heads computed at once: same parameters, names and numbers, but faster."""

from __future__ import annotations

from typing import Self, cast

import torch
import torch.nn.functional as F
from torch import nn

from kit.model.training.fast_block import BlockFunction
from nanogpt import BigramLanguageModel, Config, LayerNorm, MultiHeadAttention, TransformerBlock, VocabularyLogits


class BatchedAttention(MultiHeadAttention):
    """Attention with one matrix product for the queries, keys and values of all heads, instead of three for each head.

    The weights stay in the chapters' modules, one for each head, so the model's state keeps its names. Concatenating
    them at every step costs a fraction of what it saves.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, width) -> the same shape."""
        batch, sequence, width = x.shape
        heads = F.linear(x, self.side_by_side()).view(batch, sequence, 3, len(self.heads), -1)
        query, key, value = heads.permute(2, 0, 3, 1, 4)  # each (batch, heads, sequence, head_size)
        dropout = self.dropout.p if self.training else 0.0
        mixed = self.attend(query, key, value, dropout)
        out: torch.Tensor = self.dropout(self.projection(mixed.transpose(1, 2).reshape(batch, sequence, width)))
        return out

    def side_by_side(self) -> torch.Tensor:
        """The weights of all heads' queries, keys and values: (3 * width, width)."""
        return torch.cat([getattr(head, name).weight for name in ("query", "key", "value") for head in self.heads])

    def attend(self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, dropout: float) -> torch.Tensor:
        """Each head's mixed values: (batch, heads, sequence, head_size). On a CPU never in bfloat16: its backward pass
        takes many times as long there."""
        if query.device.type != "cpu":
            return F.scaled_dot_product_attention(query, key, value, is_causal=True, dropout_p=dropout)
        query, key, value = query.float(), key.float(), value.float()
        with torch.autocast("cpu", enabled=False):
            return F.scaled_dot_product_attention(query, key, value, is_causal=True, dropout_p=dropout)


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


class FastBlock(TransformerBlock):
    """A block as a single operation, on a CPU and without dropout; elsewhere as the chapters have it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, sequence, width) -> the same shape."""
        attention, feed_forward = cast(BatchedAttention, self.attention), self.feed_forward
        if x.device.type != "cpu" or (self.training and attention.dropout.p):
            return super().forward(x)
        dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32
        with torch.autocast("cpu", enabled=False):
            out: torch.Tensor = BlockFunction.apply(  # type: ignore[no-untyped-call]
                *(x, len(attention.heads), self.norm_1.eps, dtype, self.norm_1.gain, self.norm_1.bias),
                *(attention.side_by_side(), attention.projection.weight, attention.projection.bias),
                *(self.norm_2.gain, self.norm_2.bias, feed_forward.expand.weight, feed_forward.expand.bias),
                *(feed_forward.contract.weight, feed_forward.contract.bias),
            )
        return out


class FastModel(BigramLanguageModel):
    """The chapters' model, which doesn't visit its hundred modules to tell them what they know."""

    def train(self, mode: bool = True) -> Self:
        """Switch to training or to eval mode."""
        return self if self.training == mode else super().train(mode)


FASTER: dict[type[nn.Module], type[nn.Module]] = {
    LayerNorm: FusedLayerNorm,
    MultiHeadAttention: BatchedAttention,
    TransformerBlock: FastBlock,
    VocabularyLogits: ExactLogits,
    BigramLanguageModel: FastModel,
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
