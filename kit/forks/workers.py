"""Forks read in this process or in several: the same readings, as bytes, either way.

ReadRequest, ... --ForkReaders.submit--> a function that waits --> bytes of a ForkReading, ...
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from kit.course.outline import Outline
from kit.forks.reader import ForkReader, ReadRequest
from kit.forks.wire import pack_reading

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Outlines = tuple[Outline, ...]
worker_reader: ForkReader | None = None  # in a worker process: its reader, for as long as the process lives


class ForkReaders:
    """Reads forks of one course: in worker processes if there's a pool of them, or else right here."""

    def __init__(self, outlines: Outlines, pool: ProcessPoolExecutor | None) -> None:
        self.outlines, self.pool = outlines, pool

    @cached_property
    def reader(self) -> ForkReader:
        """The reader of this process."""
        return ForkReader(self.outlines)

    def submit(self, requests: Sequence[ReadRequest]) -> Callable[[], list[bytes]]:
        """Have these forks read; returns a function that waits, then gives each one's packed `ForkReading`."""
        try:
            future = self.pool.submit(read_in_worker, requests) if self.pool and requests else None
        except BrokenExecutor:
            future = None

        def result() -> list[bytes]:
            try:
                if future:
                    return future.result()
            except BrokenExecutor:  # somebody ended a worker: read these forks ourselves
                pass
            return [pack_reading(self.reader.read(request)) for request in requests]

        return result


@contextmanager
def fork_readers(outlines: Outlines, processes: int) -> Iterator[ForkReaders]:
    """Readers in this many processes; with fewer than two, this process reads."""
    if processes < 2:
        yield ForkReaders(outlines, None)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(processes, context, initializer=start_worker, initargs=(outlines,)) as pool:
        pool.submit(os.getpid)  # starts all of them, before the pool has a thread
        try:
            yield ForkReaders(outlines, pool)
        finally:
            pool.shutdown(cancel_futures=True)


def start_worker(outlines: Outlines) -> None:
    """Prepare a worker process; Ctrl-C is left to the process that started it."""
    global worker_reader
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_garbage_less()
    worker_reader = ForkReader(outlines)


def read_in_worker(requests: Sequence[ReadRequest]) -> list[bytes]:
    """What these forks say, in a worker process."""
    assert worker_reader is not None
    return [pack_reading(worker_reader.read(request)) for request in requests]


def collect_garbage_less() -> None:
    """Look for garbage less often: records have no cycles, and going through them took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
