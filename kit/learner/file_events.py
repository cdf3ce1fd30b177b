"""What happens while a person works: they save a chapter's file, they press a key. Both end up in one queue.

the system's file events, or polling where none arrive --+
                                                         +--> queue --> str (a key) | set[Path] (saved files)
the terminal, one key at a time -------------------------+
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from watchfiles import Change, watch

from kit import files
from kit.course.course import CHAPTER_FILE

STEP = 15  # milliseconds without another change, after which a save counts as complete
POLL = 250  # milliseconds between two looks where the system reports nothing
FORCED = "WATCHFILES_FORCE_POLLING"  # set by people whose system reports only some changes
PATIENCE = 1.0  # seconds to wait for an event about a file we write ourselves

# What watchfiles says when one of Linux's limits is reached, and the command that raises it until the next start.
LIMITS = {
    "watch limit": "sudo sysctl fs.inotify.max_user_watches=524288",
    "Too many open files": "sudo sysctl fs.inotify.max_user_instances=1024",
}

Event = str | set[Path]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whether file events arrive; if they don't since a limit is reached, the command that raises it."""

    arrive: bool
    remedy: str = ""

    def __bool__(self) -> bool:
        return self.arrive

    @property
    def told(self) -> str:
        """What a person should know, as a sentence; nothing if events arrive."""
        if self.remedy:
            return (
                "the system's limit of watched files is reached, so this folder is checked four times a second; "
                f"to raise the limit: {self.remedy}"
            )
        return "" if self.arrive else "this folder reports no changes, so it is checked four times a second"


def is_chapter(change: Change, path: str) -> bool:
    """Whether a chapter's file was written, rather than deleted."""
    return change != Change.deleted and CHAPTER_FILE.fullmatch(Path(path).name) is not None


def events_arrive(root: Path, patience: float = PATIENCE) -> Arrival:
    """Whether the system reports changes in the workshop's folder; for network and shared folders it may not."""
    folder = root / files.WORKSHOP_FOLDER / "probe"
    stop = threading.Event()
    seen = threading.Event()
    failed: list[str] = []

    def wait_for_event() -> None:
        try:
            for _ in watch(folder, watch_filter=None, step=10, debounce=50, stop_event=stop, rust_timeout=100):
                seen.set()
                return
        except (OSError, RuntimeError) as error:  # watchfiles passes on what the system refuses as one of these
            failed.append(str(error))

    try:
        folder.mkdir(parents=True, exist_ok=True)
        thread = threading.Thread(target=wait_for_event, daemon=True)
        thread.start()
        end = time.monotonic() + patience
        while time.monotonic() < end and not seen.is_set() and not failed:
            (folder / "file").write_text(secrets.token_hex(4))
            seen.wait(0.05)
        stop.set()
        thread.join(1)
    except OSError:
        return Arrival(False)
    finally:
        with contextlib.suppress(OSError):
            (folder / "file").unlink()
            folder.rmdir()
    remedies = (command for words, command in LIMITS.items() for text in failed if words in text)
    return Arrival(seen.is_set(), next(remedies, ""))


def poll(folder: Path, stop: threading.Event) -> Iterator[set[Path]]:
    """The chapters' files that were written in the last `POLL` milliseconds, if any, until `stop` is set.

    watchfiles' own polling compares times in whole seconds, so it misses the second of two saves within one.
    """
    known = stamps(folder)
    while not stop.wait(POLL / 1000):
        now = stamps(folder)
        changed = {path for path, stamp in now.items() if known.get(path) != stamp}
        known = now
        if changed:
            yield changed


def stamps(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Modification time, size and inode of each chapter's file; none if the folder can't be read."""
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
    if not (polling or os.environ.get(FORCED)):
        with contextlib.suppress(OSError, RuntimeError):  # a limit may be reached by now
            report_events(folder, queue, stop)
    for paths in poll(folder, stop):
        queue.put(paths)


def report_events(folder: Path, queue: SimpleQueue[Event], stop: threading.Event) -> None:
    """The same by the system's file events.

    Raises:
        OSError, RuntimeError: the system reports none.
    """
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
    """Put each pressed key into the queue, until `stop` is set or the input ends."""
    while not stop.is_set():
        key = sys.stdin.read(1)
        if not key:
            return
        queue.put(key)


@contextlib.contextmanager
def single_keys() -> Iterator[bool]:
    """A terminal that passes on each key at once, without showing it; False where that can't be done (a pipe)."""
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
    """The queue of keys and saved files, while the block runs."""
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
