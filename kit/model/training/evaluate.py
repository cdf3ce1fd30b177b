"""The loss over a whole text: the figure that trainings are compared by."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

TOGETHER = 512  # windows in one forward pass


@torch.no_grad()
def whole_loss(model: nn.Module, ids: torch.Tensor, length: int) -> float:
    """The exact mean cross-entropy, in nats per character, over a whole text.

    The text, `ids` (characters,), is cut into windows of `length` that do not overlap, so each character but the first
    is predicted once; the last window is as short as it comes out. The model predicts in eval mode, and is left in the
    mode it was in.

    Raises:
        ValueError: there is nothing to predict.
    """
    if len(ids) < 2:
        raise ValueError(f"a text of {len(ids)} characters has nothing to predict")
    device = next(model.parameters()).device
    whole = (len(ids) - 1) // length * length
    inputs = (*torch.split(ids[:whole].view(-1, length), TOGETHER), ids[None, whole:-1])
    targets = (*torch.split(ids[1 : whole + 1].view(-1, length), TOGETHER), ids[None, whole + 1 :])
    was_training = model.training
    model.eval()
    total = 0.0
    for x, y in zip(inputs, targets, strict=True):
        if y.numel():
            logits, _ = model(x.to(device))
            total += F.cross_entropy(logits.flatten(0, 1), y.to(device).flatten(), reduction="sum").item()
    model.train(was_training)
    return total / (len(ids) - 1)
