"""What earlier runs computed, kept on disk: bytes under a key made from everything they depend on.

    FOLDER/cache.sqlite: {key_of(kind, code_digest(), ...): checksum + bytes}

Every cache of the kit is one of these files: outlines, verdicts and verification results in `.workshop/`, forks in
`.workshop/forks/` or the folder that `--cache` names. You can delete it at any time. A damaged row is computed again, a
file that isn't a database is replaced, and if nothing can be written, the next run just takes longer. Several processes
can use it at once.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
FILE = "cache.sqlite"
MAX_BYTES = 2**30  # a larger file is started afresh
CHECKSUM_BYTES = 8
OPEN_ATTEMPTS = 20
WAIT_SECONDS = 5.0  # for another process that's writing
TABLE = "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL)"
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)
PACKAGES = Path(__file__).resolve().parent.parent  # the folder of kit/ and workshop/


def code_files(folder: Path, packages: Collection[str] | None = None) -> Iterator[Path]:
    """The files of kit/ and workshop/ below `folder` that decide what the kit computes, in a fixed order.

    With `packages`, only those packages of kit/, plus the modules beside them. A learner's chapters,
    `workshop/<language>/`, are input, not code.
    """
    kit = folder / "kit"
    own = (path for path in kit.rglob("[!.]*") if path.is_file() and "__pycache__" not in path.parts)
    if packages is not None:
        own = (path for path in own if path.parent == kit or path.relative_to(kit).parts[0] in packages)
    return iter(sorted([*(folder / "workshop").glob("[!.]*.py"), *own]))


def files_digest(folder: Path, files: Iterable[Path]) -> str:
    """One hash over the path below `folder` and every byte of each of these files."""
    total = hashlib.sha256()
    for path in files:
        data = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()} {len(data)}\n".encode() + data)
    return total.hexdigest()


@lru_cache(maxsize=4)
def code_digest(folder: Path = PACKAGES) -> str:
    """One hash over every path and every byte of kit/ and workshop/: part of every key.

    That way, no code can be changed, added, moved or renamed without every cache noticing.
    """
    return files_digest(folder, code_files(folder))


def key_of(*parts: str) -> bytes:
    """The digest of everything that an entry depends on; by convention, its kind and `code_digest()` come first."""
    total = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        total.update(b"%d " % len(data) + data)
    return total.digest()


def checksum(key: bytes, data: bytes) -> bytes:
    """The checksum of an entry. It covers the key too, so a row swapped with another counts as damaged."""
    return hashlib.blake2b(key + data, digest_size=CHECKSUM_BYTES).digest()


def switch_to_wal(database: sqlite3.Connection) -> None:
    """Let readers work alongside a writer. SQLite itself doesn't wait for another process that's doing this too."""
    for attempt in range(OPEN_ATTEMPTS):
        try:
            database.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            if attempt == OPEN_ATTEMPTS - 1:
                raise
            time.sleep(0.01)


class Cache:
    """Bytes by key, in a file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.database: sqlite3.Connection | None = None
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if self.path.is_file() and self.path.stat().st_size > MAX_BYTES:
                self.delete()
        self.attempt(self.open, None)

    def open(self) -> None:
        """Open the file, or create it."""
        database = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            switch_to_wal(database)
            database.execute("PRAGMA synchronous=NORMAL")
            database.execute(TABLE)
            database.execute("SELECT key, value FROM entries LIMIT 1").fetchall()
        except BaseException:
            database.close()
            raise
        self.database = database

    def attempt(self, body: Callable[[], T], otherwise: T) -> T:
        """What `body` returns; `otherwise` if the file can't be used. A damaged file is replaced."""
        try:
            return body()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in BUSY:
                return otherwise
        with suppress(OSError, sqlite3.Error):
            self.delete()
            self.open()
        return otherwise

    def delete(self) -> None:
        """Delete the file."""
        self.close()
        for end in ("", "-wal", "-shm", "-journal"):
            self.path.with_name(f"{FILE}{end}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""
        if self.database:
            self.database.close()
        self.database = None

    def get(self, key: bytes) -> bytes | None:
        """The bytes under this key, if they are there and undamaged."""
        database = self.database
        if database is None:
            return None
        row = self.attempt(lambda: database.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone(), None)
        value = row[0] if row else b""
        if not isinstance(value, bytes):
            return None
        stored, data = value[:CHECKSUM_BYTES], value[CHECKSUM_BYTES:]
        return data if stored == checksum(key, data) else None

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Store these: all of them or none."""
        database = self.database
        if database is None or not entries:
            return

        def body() -> None:
            database.execute("BEGIN IMMEDIATE")
            try:
                rows = [(key, checksum(key, data) + data) for key, data in entries.items()]
                database.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", rows)
                database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    database.execute("ROLLBACK")
                raise

        self.attempt(body, None)
