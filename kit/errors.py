"""The one exception for what can go wrong for a user. Anything else is a bug, and shows its traceback."""

from __future__ import annotations

from kit.i18n import told


class KitError(Exception):
    """What happened, where, and what to do next: a message that a tired person can act on."""

    def __init__(self, what: str, where: str = "", advice: str = "") -> None:
        self.what, self.where, self.next = what, where, advice
        super().__init__(what, where, advice)

    def __str__(self) -> str:
        """`where: what. Next: advice`, in the language that is spoken now."""
        place = f"{self.where}: " if self.where else ""
        what = told(self.what)
        return place + (told("{what}. Next: {next}").format(what=what, next=told(self.next)) if self.next else what)
