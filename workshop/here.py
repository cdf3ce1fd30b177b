"""Where this code runs: in a notebook or in a plain `.py`, and in which cell."""

from __future__ import annotations

import linecache
import sys
from types import FrameType
from typing import Any

from kit.course.cells import ANCHOR, MARKER


def ipython() -> Any:
    """The IPython shell around this code, or None in a plain run."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def in_notebook() -> bool:
    """Whether this code runs in a Jupyter kernel (VS Code, JupyterLab, Colab) rather than a plain interpreter."""
    return getattr(ipython(), "kernel", None) is not None


def cell_source(frame: FrameType, line: int | None = None) -> str:
    """The source of the cell that a frame is in, or that this line of the frame's file is in.

    A notebook's kernel keeps each cell as a file of its own; in a `.py`, the markers `# %%` separate them.
    """
    lines = [text.rstrip("\n") for text in linecache.getlines(frame.f_code.co_filename, frame.f_globals)]
    at = min(line or frame.f_lineno, len(lines))
    first = next((n for n in range(at, 0, -1) if MARKER.match(lines[n - 1])), 0)
    last = next((n for n in range(at + 1, len(lines) + 1) if MARKER.match(lines[n - 1])), len(lines) + 1)
    return "\n".join(lines[first : last - 1]).rstrip()


def exercises_in(source: str) -> list[str]:
    """The ids of the `check(...)` calls in a cell."""
    return [str(found[1]) for found in ANCHOR.findall(source)]
