"""The optimizer that chapter 12 borrows for its long training. `kit.model.training.muon` shows how it works."""

from kit.model.training.optimizers import muon_and_adamw as fast

__all__ = ["fast"]
