"""Which device to train on: the CPU or an accelerator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.errors import KitError

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda", "mps")  # what --device takes


def choose_device(name: str) -> torch.device:
    """The device called `name`, one of `DEVICES`; "auto" takes an accelerator if there is one.

    Raises:
        KitError: this machine has no such device, or PyTorch can't use it.
    """
    import torch  # here, so that `train.py --help` doesn't have to wait for it

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    found = [device for device, is_there in available.items() if is_there]
    if name != "auto" and name not in found:
        raise KitError(f"PyTorch finds no {name} here, only {' and '.join(found)}", "--device", "leave --device out")
    return torch.device(found[0] if name == "auto" else name)
