"""The states of the random number generators that a training may draw from, taken and put back."""

from __future__ import annotations

import random
from typing import Any

import torch


def states(device: torch.device) -> dict[str, Any]:
    """The state of every generator, by name: of Python, of PyTorch, and of the device if it has one of its own."""
    found: dict[str, Any] = {"python": random.getstate(), "torch": torch.get_rng_state()}
    if device.type in ("cuda", "mps"):
        found[device.type] = getattr(torch, device.type).get_rng_state()
    return found


def restore(states: dict[str, Any]) -> None:
    """Put the generators into these states; one that isn't on this machine is left out."""
    random.setstate(states["python"])
    torch.set_rng_state(states["torch"])
    for name in ("cuda", "mps"):
        if name in states and getattr(torch, name).is_available():
            getattr(torch, name).set_rng_state(states[name])
