"""Runs a notebook's cells with IPython, just as a kernel does, including magics, hooks and figures, but without one.

    cells --> a process forked from one that has imported torch and matplotlib --> the HTML that they displayed

Starting a kernel takes longer than most chapters do, so we keep kernels for testing what only a kernel does.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

PRELOADED = ["torch", "matplotlib.figure", "IPython.core.interactiveshell"]


def run_cells(cells: Sequence[str], folder: Path, environment: Mapping[str, str]) -> list[str]:
    """The HTML that these code cells display when run one after another in this folder.

    Raises:
        Exception: whatever the first cell that failed raised.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(run_here, cells, folder, environment).result()


def run_here(cells: Sequence[str], folder: Path, environment: Mapping[str, str]) -> list[str]:
    """The same in this process, which is no use for anything else afterwards."""
    import torch
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    os.chdir(folder)
    os.environ.update(environment)
    torch.set_num_threads(1)  # as `workshop` does in a kernel
    shell = InteractiveShell.instance()
    shell.kernel = object()  # this is what tells a figure that somebody can see it
    with capture_output() as shown:
        for cell in cells:
            shell.run_cell(cell, store_history=True).raise_error()
    return [output.data["text/html"] for output in shown.outputs if "text/html" in output.data]
