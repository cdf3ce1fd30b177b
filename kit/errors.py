"""The one exception for what can go wrong for a person; everything else is a bug and shows its traceback."""

from __future__ import annotations


class KitError(Exception):
    """What happened, where, and the next command: one sentence a tired person can act on."""

    def __init__(self, what: str, where: str = "", next: str = "") -> None:
        self.what, self.where, self.next = what, where, next
        super().__init__(what, where, next)

    def __str__(self) -> str:
        """The sentence: `where: what. Next: command`."""
        place = f"{self.where}: " if self.where else ""
        advice = f". Next: {self.next}" if self.next else ""
        return f"{place}{self.what}{advice}"
