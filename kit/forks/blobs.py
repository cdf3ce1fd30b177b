"""The sides of a cohort's files by object id: each distinct blob is read and parsed once; and processes that help.

ChapterFile --its blob, if nobody had it lately--> Side
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kit.forks.objects import LARGEST_BLOB, ChapterFile, Objects
from kit.lru import LruDict
from kit.pairs.fast_read import Side, read_side

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Key = tuple[str, bool]  # a blob's id, and whether it is read as a notebook
MOST = 4096  # sides that are kept
TOO_LARGE = Side({}, {}, ("too large",))


def read_blob(objects: Objects, key: Key) -> Side:
    """The side in a blob; its size is asked for first.

    Raises:
        ForkTrouble: the blob cannot be read.
    """
    oid, notebook = key
    return TOO_LARGE if objects.size(oid) > LARGEST_BLOB else read_side(objects.blob(oid), notebook)


class BlobCache:
    """The sides that were read last, by blob."""

    def __init__(self) -> None:
        self.sides: LruDict[Key, Side] = LruDict(MOST)

    def side(self, objects: Objects, file: ChapterFile) -> Side:
        """The side in a file.

        Raises:
            ForkTrouble: the blob cannot be read.
        """
        if file.flag:
            return Side({}, {}, (file.flag,))
        key = (file.oid, file.notebook)
        try:
            return self.sides[key]
        except KeyError:
            self.sides[key] = found = read_blob(objects, key)
            return found


@contextmanager
def reader_pool(processes: int, begin: Callable[..., None], *given: Any) -> Iterator[ProcessPoolExecutor | None]:
    """Processes that read forks, each begun with `begin(*given)`; None for fewer than two: then we read ourselves."""
    if processes < 2:
        yield None
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(processes, context, initializer=settle, initargs=(begin, *given)) as pool:
        pool.submit(os.getpid)  # starts them all, before there are threads
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def settle(begin: Callable[..., None], *given: Any) -> None:
    """Make this process a good helper: Ctrl-C is left to the one who asked for help, garbage is seldom looked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_garbage_less()
    begin(*given)


def collect_garbage_less() -> None:
    """Look for garbage seldom: records hold no cycles, and looking through all took nearly a tenth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
