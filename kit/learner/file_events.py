"""What happens while a person works: a chapter's file is saved, a key is pressed. Both end up in one queue.

watchfiles (the system's events), or looking where none arrive --+
                                                                 +--> queue --> str (a key) | set[Path] (files)
the terminal, one key at a time --------------------------------+
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

from watchfiles import Change, watch

from kit import files
from kit.course.course import CHAPTER_FILE

STEP = 15  # milliseconds without another change, after which a save is taken as complete
POLL = 250  # milliseconds between two looks, where the system reports nothing
FORCED = "WATCHFILES_FORCE_POLLING"  # a person's wish that nothing relies on events
PATIENCE = 1.0  # seconds to wait for the event of a file of our own

Event = str | set[Path]


def is_chapter(change: Change, path: str) -> bool:
    """Whether a change is one of a chapter's file, its deletion left out."""
    return change != Change.deleted and CHAPTER_FILE.fullmatch(Path(path).name) is not None


def events_arrive(root: Path, patience: float = PATIENCE) -> bool:
    """Whether the system reports a change in the workshop's folder; on network and shared folders it may not."""
    folder = root / files.WORKSHOP_FOLDER / "probe"
    stop = threading.Event()
    seen = threading.Event()

    def look() -> None:
        for _ in watch(folder, watch_filter=None, step=10, debounce=50, stop_event=stop, rust_timeout=100):
            seen.set()
            return

    try:
        folder.mkdir(parents=True, exist_ok=True)
        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        end = time.monotonic() + patience
        while time.monotonic() < end and not seen.is_set():
            (folder / "file").write_text(secrets.token_hex(4))
            seen.wait(0.05)
        stop.set()
        thread.join(1)
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError):
            (folder / "file").unlink()
            folder.rmdir()
    return seen.is_set()


def looks(folder: Path, stop: threading.Event) -> Iterator[set[Path]]:
    """The chapters' files that were written since the last look, `POLL` milliseconds ago, until `stop` is set.

    watchfiles' own polling compares times by whole seconds: of two saves within one it misses the second.
    """
    known = glance(folder)
    while not stop.wait(POLL / 1000):
        now = glance(folder)
        changed = {path for path, seen in now.items() if known.get(path) != seen}
        known = now
        if changed:
            yield changed


def glance(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Time, size and number of each chapter's file; none where the folder cannot be read."""
    found: dict[Path, tuple[int, int, int]] = {}
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if CHAPTER_FILE.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    status = path.stat()
                    found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def report_saves(folder: Path, polling: bool, queue: SimpleQueue[Event], stop: threading.Event) -> None:
    """Put the chapters' files that were written into the queue, until `stop` is set."""
    if polling or os.environ.get(FORCED):
        for paths in looks(folder, stop):
            queue.put(paths)
        return
    changes = watch(
        folder,
        watch_filter=is_chapter,
        step=STEP,
        debounce=STEP * 8,
        stop_event=stop,
        rust_timeout=200,
        recursive=False,
    )
    for found in changes:
        queue.put({Path(path) for _, path in found})


def report_keys(queue: SimpleQueue[Event], stop: threading.Event) -> None:
    """Put each key that is pressed into the queue, until `stop` is set or the input ends."""
    while not stop.is_set():
        key = sys.stdin.read(1)
        if not key:
            return
        queue.put(key)


@contextlib.contextmanager
def single_keys() -> Iterator[bool]:
    """A terminal that gives each key at once and does not show it; False where there is none (a pipe, Windows)."""
    try:
        import termios
        import tty

        old = termios.tcgetattr(sys.stdin)
    except (ImportError, OSError, ValueError, termios.error):
        yield sys.stdin is not None and sys.stdin.isatty()
        return
    try:
        tty.setcbreak(sys.stdin)
        yield True
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, old)


@contextlib.contextmanager
def events(folder: Path, polling: bool) -> Iterator[SimpleQueue[Event]]:
    """The queue of keys and saved files, for as long as the block runs."""
    queue: SimpleQueue[Event] = SimpleQueue()
    stop = threading.Event()
    saves = threading.Thread(target=report_saves, args=(folder, polling, queue, stop), daemon=True)
    with single_keys() as keys:
        saves.start()
        if keys:
            threading.Thread(target=report_keys, args=(queue, stop), daemon=True).start()
        try:
            yield queue
        finally:
            stop.set()
            saves.join(2)
