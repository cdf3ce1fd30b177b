"""The blank, `____`: a name that may stand anywhere and be used nowhere."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from kit.course.blanks import has_sentinel
from workshop.here import cell_at, next_anchor


class BlankError(Exception):
    """A blank was used before it was filled. Shown as one sentence, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return [f"blank: {self}"]


def used(blank: Any, *_: Any, **__: Any) -> NoReturn:
    """Say which exercise is still blank.

    Raises:
        BlankError: always.
    """
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(("workshop", "kit")):
        frame = frame.f_back
    id = next_anchor(frame) if has_sentinel(cell_at(frame).source) else ""
    where = f"exercise {id} still has a `____`" if id else "a `____` from a cell above is used here"
    cure = (
        f'fill it and run its cell again; `hint("{id}")` helps'
        if id
        else "fill it in its own cell, run that, then this"
    )
    raise BlankError(f"{where}; {cure}")


OPERATORS = [
    "add",
    "radd",
    "sub",
    "rsub",
    "mul",
    "rmul",
    "matmul",
    "rmatmul",
    "truediv",
    "rtruediv",
    "floordiv",
    "rfloordiv",
    "mod",
    "rmod",
    "pow",
    "rpow",
    "and",
    "rand",
    "or",
    "ror",
    "xor",
    "rxor",
    "lshift",
    "rlshift",
    "rshift",
    "rrshift",
    "neg",
    "pos",
    "abs",
    "invert",
    "lt",
    "le",
    "gt",
    "ge",
    "call",
    "getitem",
    "setitem",
    "delitem",
    "len",
    "iter",
    "next",
    "contains",
    "bool",
    "int",
    "float",
    "index",
    "complex",
    "enter",
    "exit",
    "round",
]


class Blank:
    """The one thing that `____` is. Every use of it raises `BlankError`; assigning and printing do not."""

    def __repr__(self) -> str:
        """As it stands in the chapter."""
        return "____"

    def __getattr__(self, name: str) -> Any:
        """Methods that Python or a notebook looks for by itself are absent; any other attribute is a use."""
        if name.startswith("_"):
            raise AttributeError(name)
        used(self)

    def __format__(self, spec: str) -> str:
        """Printing it is no use of it; formatting it as a number is."""
        return repr(self) if not spec else used(self)

    __hash__ = object.__hash__


for operator in OPERATORS:
    setattr(Blank, f"__{operator}__", used)

____ = Blank()
