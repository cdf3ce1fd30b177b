"""Only one command at a time writes the learner's files, after clearing away what a killed one left behind."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from kit import files
from kit.errors import KitError

T = TypeVar("T")

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # native Windows has no such lock; it's up to the learner to run one command at a time
    LOCK_EX = LOCK_NB = 0  # type: ignore[misc]

    def flock(fd: int, operation: int, /) -> None:  # type: ignore[misc]
        """Nothing."""


ATTEMPTS = 5
PATIENCE = 10.0  # seconds to wait for another command that's writing
held: set[Path] = set()  # the roots that this process has locked


@contextlib.contextmanager
def lock(root: Path) -> Iterator[None]:
    """Let one command at a time write the learner's files below `root`; clear away what a killed one left.

    Taking it again inside does nothing. If `.workshop/` can't be written, no lock is taken, since then the learner's
    files can't be written either.

    Raises:
        KitError: another command has held the lock for `PATIENCE` seconds.
    """
    if root in held:
        yield
        return
    try:
        folder = files.inside(root / files.WORKSHOP_FOLDER, root)
        folder.mkdir(exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        yield
        return
    try:
        wait(handle, root)
        held.add(root)
        remove_leftovers(root)
        yield
    finally:
        held.discard(root)
        os.close(handle)


def wait(handle: int, root: Path) -> None:
    """Take the lock on an open file."""
    with contextlib.suppress(OSError):  # a file system without locks
        if not acquire(handle, PATIENCE):
            advice = "wait until it's done, then run this again"
            raise KitError("another workshop command is busy here", str(root), advice)


def acquire(handle: int, seconds: float) -> bool:
    """Whether the lock on an open file could be taken within so many seconds.

    Raises:
        OSError: nothing can be locked here.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            flock(handle, LOCK_EX | LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)


def while_locked(root: Path, body: Callable[[], T]) -> T:
    """Run `body` with the lock held, and run it again if another program writes to one of its files meanwhile.

    Raises:
        KitError: the other program doesn't stop.
    """
    with lock(root):
        for attempt in range(ATTEMPTS):
            try:
                return body()
            except files.FileChanged as change:
                last = change
                time.sleep(0.05 * attempt)
    raise KitError("another program keeps writing to this file", str(last), files.RETRY)


def remove_leftovers(root: Path) -> None:
    """Delete the temporary files of commands that were killed. Only with the lock held."""
    for pattern in ("workshop/*/", f"{files.WORKSHOP_FOLDER}/base/*/"):
        for folder in root.glob(pattern):
            files.remove_temporaries(folder)
