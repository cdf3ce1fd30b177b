"""A mapping that forgets what hasn't been used lately, so 10,000 forks need no more memory than a few hundred."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LruDict(MutableMapping[K, V]):
    """At most `size` entries in two generations. When the young one is full, it becomes the old one; what was in the
    old one, and hasn't been used since, goes all at once. That frees memory in larger pieces than dropping entries one
    by one. (For functions of one argument, use `functools.lru_cache`.)
    """

    def __init__(self, size: int) -> None:
        self.half = max(size // 2, 1)
        self.young: dict[K, V] = {}
        self.old: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        """The entry, which becomes young again."""
        if key not in self.young:
            self[key] = self.old.pop(key)
        return self.young[key]

    def __setitem__(self, key: K, value: V) -> None:
        """Add an entry, as a young one."""
        if len(self.young) >= self.half and key not in self.young:
            self.young, self.old = {}, self.young
        self.old.pop(key, None)
        self.young[key] = value

    def __delitem__(self, key: K) -> None:
        """Forget an entry."""
        del (self.young if key in self.young else self.old)[key]

    def __contains__(self, key: object) -> bool:
        """Whether there's such an entry; asking doesn't make it young."""
        return key in self.young or key in self.old

    def __iter__(self) -> Iterator[K]:
        """The keys, the old ones first."""
        yield from (*self.old, *self.young)

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.young) + len(self.old)
