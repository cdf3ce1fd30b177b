"""Where a call came from: the cell around a line, in a notebook and in a plain `.py` run alike."""

from __future__ import annotations

import linecache
from dataclasses import dataclass
from types import FrameType

from kit.course.cells import ANCHOR, MARKER


@dataclass(frozen=True, slots=True)
class Here:
    """The source of a cell, and the 1-based line of its file at which it starts."""

    source: str
    line: int
    file: str


def cell_at(frame: FrameType, line: int | None = None) -> Here:
    """The cell in which a frame is running. A notebook's kernel keeps each cell as a file of its own."""
    file = frame.f_code.co_filename
    lines = [text.rstrip("\n") for text in linecache.getlines(file, frame.f_globals)]
    at = min(line or frame.f_lineno, len(lines))
    first = next((n for n in range(at, 0, -1) if MARKER.match(lines[n - 1])), 0)
    last = next((n for n in range(at + 1, len(lines) + 1) if MARKER.match(lines[n - 1])), len(lines) + 1)
    return Here("\n".join(lines[first : last - 1]).rstrip(), first + 1, file)


def next_anchor(frame: FrameType) -> str:
    """The id of the exercise in whose cell a frame is, or of the nearest one after it; empty when there is none."""
    here = cell_at(frame)
    own = ANCHOR.findall(here.source)
    return str(own[-1][1]) if own else ""
