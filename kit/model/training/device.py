"""Where the tensors live: the processor or an accelerator."""

from __future__ import annotations

import torch

from kit.errors import KitError

DEVICES = ("auto", "cpu", "cuda", "mps")  # as --device has them


def choose(word: str) -> torch.device:
    """The device that a word of `DEVICES` means; "auto" takes an accelerator where there is one.

    Raises:
        KitError: there is no such device here.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if word == "auto":
        return torch.device(next(name for name in present if present[name]))
    if not present.get(word, False):
        found = " and ".join(name for name in present if present[name])
        raise KitError(f"PyTorch finds {found} here, and no {word}", "--device", "leave --device out")
    return torch.device(word)
