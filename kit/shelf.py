"""The sides of a cohort's files by object id: each distinct blob is read and parsed once, here or by a helper.

ChapterFile, ... --ask--> Request --read_requests, often in another process--> {Key: Side} --> Shelf
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kit.fork import ForkTrouble
from kit.repository import LARGEST_BLOB, ChapterFile, Objects
from kit.side import Side, read_side

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Key = tuple[str, bool]  # a blob's id, and whether it is read as a notebook
Request = tuple[Path, Sequence[Key]]
TOO_LARGE = Side({}, {}, ("too large",))


def read_blob(objects: Objects, key: Key) -> Side:
    """The side in a blob; its size is asked for first.

    Raises:
        ForkTrouble: the blob cannot be read.
    """
    oid, notebook = key
    return TOO_LARGE if objects.size(oid) > LARGEST_BLOB else read_side(objects.blob(oid), notebook)


def read_requests(requests: Iterable[Request]) -> dict[Key, Side]:
    """The sides that these requests ask for; a blob that cannot be read is left out."""
    found: dict[Key, Side] = {}
    for path, keys in requests:
        try:
            objects = Objects(path) if keys else None
        except ForkTrouble:
            continue
        for key in keys:
            try:
                if objects:
                    found[key] = read_blob(objects, key)
            except Exception:  # said when the fork that needs it is read
                continue
    return found


class Shelf:
    """What was read so far, and what was asked for."""

    def __init__(self) -> None:
        self.sides: dict[Key, Side] = {}
        self.asked: set[Key] = set()

    def ask(self, path: Path, files: Iterable[ChapterFile]) -> Request:
        """What of these files of the fork at `path` nobody has asked for; from now on somebody has."""
        keys = {(file.oid, file.notebook): None for file in files if not file.flag}
        new = [key for key in keys if key not in self.asked]
        self.asked.update(new)
        return path, new

    def side(self, path: Path, file: ChapterFile) -> Side:
        """What a file of the fork at `path` says.

        Raises:
            ForkTrouble: its blob cannot be read.
        """
        if file.flag:
            return Side({}, {}, (file.flag,))
        key = (file.oid, file.notebook)
        if key not in self.sides:
            self.sides[key] = read_blob(Objects(path), key)
        return self.sides[key]


@contextmanager
def helpers(processes: int) -> Iterator[ProcessPoolExecutor | None]:
    """Processes that read requests, or None for fewer than two: then they are read here."""
    if processes < 2:
        yield None
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if sys.platform == "linux" else "spawn"
    with ProcessPoolExecutor(processes, multiprocessing.get_context(method), initializer=settle) as pool:
        pool.submit(os.getpid)  # starts them all, before there are threads
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def settle() -> None:
    """Make this process a good helper: Ctrl-C is left to the one who asked for help, garbage is seldom looked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    spare_garbage()


def spare_garbage() -> None:
    """Look for garbage seldom: records hold no cycles, and looking through all took nearly a tenth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
