"""The optimizer that chapter 12 is lent for its training; how it works stands in `kit.training.muon`."""

from kit.training.optimizer import fast

__all__ = ["fast"]
