"""The loss over a whole text: the number by which we compare trainings."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

WINDOWS = 512  # in one forward pass


@torch.no_grad()
def whole_loss(model: nn.Module, ids: torch.Tensor, length: int) -> float:
    """The exact mean cross-entropy over a whole text, in nats per character.

    The text, `ids` (characters,), is cut into windows of `length` that don't overlap, so each character but the first
    is predicted exactly once; the last window may be shorter. Runs in eval mode, and leaves the model in the mode it
    was in.

    Raises:
        ValueError: the text has fewer than two characters, so there is nothing to predict.
    """
    if len(ids) < 2:
        raise ValueError(f"a text of {len(ids)} characters has nothing to predict")
    device = next(model.parameters()).device
    whole = (len(ids) - 1) // length * length  # characters in full windows
    inputs = (*torch.split(ids[:whole].view(-1, length), WINDOWS), ids[None, whole:-1])
    targets = (*torch.split(ids[1 : whole + 1].view(-1, length), WINDOWS), ids[None, whole + 1 :])
    was_training = model.training
    model.eval()
    total = 0.0
    for x, y in zip(inputs, targets, strict=True):  # each (windows, length)
        if y.numel():
            logits, _ = model(x.to(device))  # (windows, length, vocab_size)
            total += F.cross_entropy(logits.flatten(0, 1), y.to(device).flatten(), reduction="sum").item()
    model.train(was_training)
    return total / (len(ids) - 1)
