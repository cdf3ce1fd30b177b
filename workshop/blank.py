"""The blank, `____`: a name that you can write anywhere and use nowhere."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from kit.course.blanks import has_sentinel
from kit.course.cells import exercise_cells
from kit.i18n import told
from workshop.here import cell_source


class BlankError(Exception):
    """A blank was used before it was filled. Shown as one sentence, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [told(f"blank: {self}")]


def used(blank: Any, *_: Any, **__: Any) -> NoReturn:
    """Say which exercise still has a blank.

    Raises:
        BlankError: always.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(("workshop", "kit")):
        frame = frame.f_back
    source = cell_source(frame)
    found = [exercise_id for exercise_id, part in exercise_cells(source).items() if has_sentinel(part)]
    if not found:
        raise BlankError(told("this uses a `____` from a cell above; fill it in, run that cell, then run this one"))
    exercise_id = found[0]
    raise BlankError(
        told(f'{exercise_id} still has a `____`; fill it in and run the cell again. Stuck? hint("{exercise_id}")')
    )


OPERATORS = """
    add radd sub rsub mul rmul matmul rmatmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow
    and rand or ror xor rxor lshift rlshift rshift rrshift neg pos abs invert round
    lt le gt ge bool int float index complex
    call getitem setitem delitem len iter next contains enter exit
"""


class Blank:
    """What `____` is. Using it raises `BlankError`; assigning or printing it doesn't."""

    def __repr__(self) -> str:
        """As it's written in the chapters."""
        return "____"

    def __getattr__(self, name: str) -> Any:
        """Python and notebooks look up names that start with `_`: those don't exist. Any other attribute is a use."""
        if name.startswith("_"):
            raise AttributeError(name)
        used(self)

    def __format__(self, spec: str) -> str:
        """Printing it isn't a use; formatting it as a number is."""
        return repr(self) if not spec else used(self)

    __hash__ = object.__hash__


for operator in OPERATORS.split():
    setattr(Blank, f"__{operator}__", used)

____ = Blank()
