"""What earlier runs have read, on the disk: bytes by what makes them true.

    .workshop/forks/read.sqlite: {digest of (kind, version, ...): checksum + bytes}

Nothing here is needed: a row that is damaged or of another version is read anew, a file that is no database is
replaced, and where nothing can be written the next run takes as long. Two runs may use it at once.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from kit.course import Course
from kit.outline import fingerprint

T = TypeVar("T")
FILE = "read.sqlite"
LARGEST = 2**30  # bytes; a larger file is begun anew
SUM = 8  # bytes of a checksum
PATIENCE = 5.0  # seconds to wait for another run that is writing
TABLE = "CREATE TABLE IF NOT EXISTS known (key BLOB PRIMARY KEY, value BLOB NOT NULL)"
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)
# Modules that decide what is read from a fork: when one changes, everything is read anew.
READERS = (
    *("account.py", "citation.py", "fork.py", "label.py", "progress.py", "reader.py", "repository.py", "shelf.py"),
    *("side.py", "survey.py", "timeline.py", "work.py"),
)


def version_of(course: Course) -> str:
    """What everything that is read depends on, besides the fork: the course, and how it is read."""
    total = hashlib.sha256(fingerprint(course).encode())
    for name in READERS:
        total.update((Path(__file__).parent / name).read_bytes())
    return total.hexdigest()


def key_of(*parts: str) -> bytes:
    """The digest of what makes something true."""
    total = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        total.update(b"%d " % len(data) + data)
    return total.digest()


def check(key: bytes, data: bytes) -> bytes:
    """The checksum of what is remembered under a key."""
    return hashlib.blake2b(key + data, digest_size=SUM).digest()


class Memory:
    """Bytes by key, in a file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.database: sqlite3.Connection | None = None
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if self.path.is_file() and self.path.stat().st_size > LARGEST:
                self.forget()
        self.attempt(self.open, None)

    def open(self) -> None:
        """Open the file, made if it is not there."""
        database = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database.execute(TABLE)
            database.execute("SELECT key, value FROM known LIMIT 1").fetchall()
        except BaseException:
            database.close()
            raise
        self.database = database

    def attempt(self, body: Callable[[], T], otherwise: T) -> T:
        """What `body` gives; `otherwise` where the file is of no use. One that is damaged is replaced."""
        try:
            return body()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in BUSY:
                return otherwise
        with suppress(OSError, sqlite3.Error):
            self.forget()
            self.open()
        return otherwise

    def forget(self) -> None:
        """Delete the file."""
        self.close()
        for end in ("", "-wal", "-shm", "-journal"):
            self.path.with_name(f"{FILE}{end}").unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file."""
        if self.database:
            self.database.close()
        self.database = None

    def get(self, key: bytes) -> bytes | None:
        """What is remembered under this key, if it is sound."""
        database = self.database
        if database is None:
            return None
        row = self.attempt(lambda: database.execute("SELECT value FROM known WHERE key = ?", (key,)).fetchone(), None)
        value = row[0] if row else b""
        if not isinstance(value, bytes) or len(value) < SUM or value[:SUM] != check(key, value[SUM:]):
            return None
        return value[SUM:]

    def put(self, found: Mapping[bytes, bytes]) -> None:
        """Remember these, in one step."""
        database = self.database
        if database is None or not found:
            return

        def body() -> None:
            database.execute("BEGIN IMMEDIATE")
            try:
                rows = [(key, check(key, data) + data) for key, data in found.items()]
                database.executemany("INSERT OR REPLACE INTO known VALUES (?, ?)", rows)
                database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    database.execute("ROLLBACK")
                raise

        self.attempt(body, None)
