"""The optimizer that chapter 12 borrows for its long training. To see how it works, read `kit.model.training.muon`."""

from kit.model.training.optimizers import muon_and_adamw as fast

__all__ = ["fast"]
