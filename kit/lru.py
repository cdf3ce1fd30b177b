"""A mapping that keeps what was used last, so that ten thousand forks need no more memory than a few hundred."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LruDict(dict[K, V]):
    """At most `most` entries, in two generations: when the younger one is full it becomes the elder, and what was in
    the elder, which nobody has asked for since, goes. To look one up costs what it costs in a dict."""

    def __init__(self, most: int, make: Callable[[K], V] | None = None) -> None:
        """What is not there comes from `make`, if that is given, and is kept."""
        super().__init__()
        self.full = max(most // 2, 1)
        self.make = make
        self.elder: dict[K, V] = {}

    def __missing__(self, key: K) -> V:
        """An entry of the elder generation or a new one, which is now of the younger.

        Raises:
            KeyError: there is none, and nothing makes one.
        """
        value = self.make(key) if self.make and key not in self.elder else self.elder.pop(key)
        self[key] = value
        return value

    def __contains__(self, key: object) -> bool:
        """Whether there is such an entry in either generation."""
        return super().__contains__(key) or key in self.elder

    def __setitem__(self, key: K, value: V) -> None:
        """Keep a value."""
        if len(self) >= self.full:
            self.elder = dict(self)
            self.clear()
        super().__setitem__(key, value)
