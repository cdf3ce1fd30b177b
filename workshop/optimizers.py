"""The optimizer that chapter 12 is lent for its training; how it works stands in `kit.model.training.muon`."""

from kit.model.training.optimizers import fast

__all__ = ["fast"]
