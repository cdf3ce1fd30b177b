"""A dict that forgets what nobody asked for lately, so that 10,000 forks need no more memory than a few hundred."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LruDict(OrderedDict[K, V]):
    """At most `size` entries, the least recently used first; when it's full, that one goes.

    For functions of one argument `functools.lru_cache` does the same and is faster.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def __getitem__(self, key: K) -> V:
        """The entry, which now counts as used."""
        value = super().__getitem__(key)
        self.move_to_end(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        """Keep an entry as the one used last."""
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self.size:
            del self[next(iter(self))]
