"""A mapping that keeps what was used last, so that ten thousand forks need no more memory than a few hundred."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(OrderedDict[K, V]):
    """At most `most` entries; the one that has not been used for longest goes first."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __getitem__(self, key: K) -> V:
        """The value, which is now the one that was used last."""
        value = super().__getitem__(key)
        self.move_to_end(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        """Keep a value, and let the oldest go where there are too many."""
        super().__setitem__(key, value)
        if len(self) > self.most:
            del self[next(iter(self))]
