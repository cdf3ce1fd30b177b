"""What all made-up classes share: when their term starts, and how their forks are made on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context

START = datetime(2026, 3, 2, 18, tzinfo=UTC)


def build_in_batches(build: Callable[[range], None], forks: int, batch: int) -> None:
    """Call `build` with the numbers from 0 to `forks`, a `batch` at a time. An exception in any of them is raised."""
    batches = [range(first, min(first + batch, forks)) for first in range(0, forks, batch)]
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        list(pool.map(build, batches))
