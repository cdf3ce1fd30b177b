"""Where this code runs: in a notebook or in a plain `.py`, and in which cell.

In a notebook, the cell that runs is the one the kernel was given, as it was typed, whatever calls from it. In a plain
run, `# %%` separates the cells, and the cell is the one whose line called.
"""

from __future__ import annotations

import linecache
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from kit.course.cells import MARKER
from kit.course.course import CHAPTER_FILE

ran: list[str] = []  # the cells that this kernel has been given, as typed; the one that runs now is the last


def ipython() -> Any:
    """The IPython shell around this code, or None in a plain run."""
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def in_notebook() -> bool:
    """Whether this code runs in a Jupyter kernel (VS Code, JupyterLab, Colab) rather than a plain interpreter."""
    return getattr(ipython(), "kernel", None) is not None


def follow(shell: Any) -> None:
    """Note the cells that a shell is given, from the one that runs now."""
    ran[:] = [str(cell) for cell in shell.history_manager.input_hist_raw if cell]
    shell.events.register("pre_run_cell", lambda info: ran.append(str(info.raw_cell)))


def notebook_file(shell: Any) -> str:
    """The notebook that this kernel runs, as VS Code and JupyterLab tell it; empty if they don't."""
    return str(shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME", ""))


def notebook_chapter(shell: Any) -> str:
    """The chapter whose notebook this kernel runs; empty if that isn't known."""
    file = CHAPTER_FILE.search(Path(notebook_file(shell)).name)
    return file["id"] if file else ""


def own_file() -> str:
    """The notebook or `.py` that runs; empty if that isn't known."""
    shell = ipython()
    return notebook_file(shell) if shell else str(getattr(sys.modules.get("__main__"), "__file__", None) or "")


def earlier_cells() -> list[str]:
    """The cells that this kernel was given before the one that runs now."""
    return ran[:-1]


def script_frame(frame: FrameType | None) -> FrameType | None:
    """The outermost frame of the `.py` that called, if a plain run or `%run` runs one; None in a notebook's cell."""
    shell = ipython()
    while frame is not None and frame.f_globals.get("__name__") != "__main__":
        frame = frame.f_back
    if frame is None or (shell is not None and frame.f_globals is shell.user_ns):
        return None
    while frame.f_back is not None and frame.f_back.f_globals is frame.f_globals:
        frame = frame.f_back
    return frame


def running_cell(frame: FrameType) -> str:
    """The source of the cell that runs now, in a kernel or in the file of this frame; empty if it can't be known."""
    script = script_frame(frame)
    if script is not None:
        return cell_source(script)
    return ran[-1] if ran else ""


def script_file(frame: FrameType) -> Path | None:
    """The `.py` that runs now, if one does."""
    script = script_frame(frame)
    path = Path(script.f_code.co_filename) if script is not None else None
    return path if path is not None and path.is_file() else None


def cell_source(frame: FrameType, line: int | None = None) -> str:
    """The source of the cell that a frame is in, or that this line of the frame's file is in."""
    lines = [text.rstrip("\n") for text in linecache.getlines(frame.f_code.co_filename, frame.f_globals)]
    at = min(line or frame.f_lineno, len(lines))
    first = next((n for n in range(at, 0, -1) if MARKER.match(lines[n - 1])), 0)
    last = next((n for n in range(at + 1, len(lines) + 1) if MARKER.match(lines[n - 1])), len(lines) + 1)
    return "\n".join(lines[first : last - 1]).rstrip()
