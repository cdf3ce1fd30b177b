"""A cohort: every fork read into one record, each distinct object read and parsed once, and what is known not at all.

Origin --refs--> known from an earlier run, or read by a Reader here or in a helper --> Account --> Fork --> Cohort
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kit.course.course import Course
from kit.course.outline import Outline, outlines_of
from kit.errors import KitError
from kit.forks.blobs import reader_pool
from kit.forks.fork_cache import refs_digest
from kit.forks.history import SeenTip, history_of, seen_tip, unpack_seen_tip
from kit.forks.reader import Reader, ReadRequest, unexpected_trouble
from kit.forks.records import Fork, ForkTrouble, Origin
from kit.forks.stuck import find_stuck
from kit.forks.wire import ForkReading, pack_reading, unpack_reading

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kit.cache import Cache
    from kit.forks.records import Fetched

MANY = 100  # forks to be read for which helpers are worth their start
BATCH = 25  # forks that are read together
AHEAD = 12  # batches that may wait for helpers


@dataclass(frozen=True, slots=True)
class Cohort:
    """What every report shows."""

    generated_at: datetime
    outlines: tuple[Outline, ...]
    forks: tuple[Fork, ...]


@dataclass(slots=True)
class Row:
    """A fork on its way: what is to be read, under which key it is remembered, and what it says, once that is known."""

    origin: Origin
    want: ReadRequest | None = None
    fetched: Fetched | None = None
    key: bytes = b""
    account: ForkReading | None = None
    seen: SeenTip | None = None

    def fork(self, now: datetime) -> Fork:
        """The record for the report."""
        account, origin = self.account, self.origin
        assert account is not None
        status, said = account.status, ""
        if status == "ok" and self.fetched:
            status, said = self.fetched.status, self.fetched.reason
        reason = "; ".join(filter(None, [said, *account.notes, origin.note]))
        history = history_of(account.walk, self.seen, now) if account.walk else None
        return Fork(origin.name, origin.shown, status, reason, account.tip, account.chapters, origin.extra, history)


class Readers:
    """The reader of this process, made when it is needed, and what was remembered by earlier runs."""

    def __init__(self, course: Course, memory: Cache | None, history: bool, cells: bool) -> None:
        self.course, self.memory, self.history, self.cells = course, memory, history, cells

    @cached_property
    def outlines(self) -> tuple[Outline, ...]:
        """The course's chapters."""
        return outlines_of(self.course)

    @cached_property
    def reader(self) -> Reader:
        """The reader of this process."""
        return Reader(self.outlines)

    @cached_property
    def version(self) -> str:
        """What all that is remembered depends on."""
        from kit.course.outline import course_digest

        return course_digest(self.course)

    def look(self, row: Row, path: Path) -> None:
        """Note what is to be read for a fork at `path`, unless it is known."""
        row.want = ReadRequest(path, row.origin.branch, self.history, self.cells)
        if self.memory is None:
            return
        seen = refs_digest(path)
        if seen:
            row.key = self.key(row.want, seen)
            known = self.memory.get(row.key)
            with suppress(Exception):  # whatever else lies there is read anew
                row.account = unpack_reading(known) if known else None

    def here(self, row: Row) -> bool:
        """Look at a fork in a folder; whether it is one."""
        if row.origin.path is None or row.origin.trouble:
            return False
        self.look(row, row.origin.path)
        return True

    def many(self, rows: Sequence[Row]) -> bool:
        """Whether so many forks in folders are to be read that helpers are worth it. It looks no further than that."""
        unknown = (row for row in rows if self.here(row) and row.account is None)
        return sum(1 for _ in islice(unknown, MANY)) == MANY

    def trace(self, rows: Sequence[Row], now: datetime) -> None:
        """Compare the tips of these rows with those of earlier runs, and remember them."""
        if self.memory is None:
            return
        from kit.cache import key_of

        fresh: dict[bytes, bytes] = {}
        for row in rows:
            tip = row.account.tip if row.account and row.account.status == "ok" else None
            if row.want is None or tip is None:
                continue
            key = key_of("tip", os.path.abspath(row.want.path), row.want.branch)
            known, before = self.memory.get(key), None
            with suppress(Exception):  # whatever else lies there is as good as nothing
                before = unpack_seen_tip(known) if known else None
            row.seen = before
            if before is None or before.tip != tip.oid:
                row.seen = seen_tip(row.want, tip.oid, before, now)
                fresh[key] = row.seen.pack()
        self.memory.put(fresh)

    def settle(self, rows: Sequence[Row], found: Sequence[bytes]) -> None:
        """Take what was read for these rows, and remember it."""
        fresh: dict[bytes, bytes] = {}
        for row, packed in zip(rows, found, strict=True):
            row.account = unpack_reading(packed)
            # What changed while it was read is read again the next time.
            if row.key and row.want and row.account.status == "ok" and self.still(row, row.want):
                fresh[row.key] = packed
        if self.memory:
            self.memory.put(fresh)

    def still(self, row: Row, want: ReadRequest) -> bool:
        """Whether a fork's branches are those that its key says."""
        return row.key == self.key(want, refs_digest(want.path))

    def key(self, want: ReadRequest, seen: str) -> bytes:
        """What a fork is remembered under."""
        from kit.cache import key_of

        return key_of("fork", self.version, want.branch, str(want.history), str(want.cells), seen)


helper: Reader | None = None  # in a process that helps


def begin(outlines: tuple[Outline, ...]) -> None:
    """Make this process's reader."""
    global helper
    helper = Reader(outlines)


def help_read(wants: Sequence[ReadRequest]) -> list[bytes]:
    """What these forks say, in a process that helps."""
    assert helper is not None
    return [pack_reading(helper.account(want)) for want in wants]


def read_cohort(
    course: Course,
    origins: Sequence[Origin],
    arrive: Callable[[Origin], Fetched | None] = lambda origin: None,
    processes: int = 1,
    seen: Callable[[Fork], None] = lambda fork: None,
    memory: Cache | None = None,
    history: bool = False,
    cells: list[Mapping[str, tuple[str, ...]]] | None = None,
) -> Cohort:
    """The record of every fork, in the order of the origins.

    `arrive` waits for a fork that is being fetched from its address. Many forks in folders are read by that many
    `processes`. `seen` is called for each fork that is done. What `memory` knows is not read again. With `history`
    each fork has its own, and who is stuck is said. A list given as `cells` gets, for each fork, the
    cells of what it has filled, by exercise.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    readers = Readers(course, memory, history, cells is not None)
    rows = [Row(origin) for origin in origins]
    forks: list[Fork] = []
    waiting: deque[tuple[list[Row], list[Row], Future[list[bytes]] | None]] = deque()

    def finish() -> None:
        batch, open_, future = waiting.popleft()
        found: list[bytes] | None = None
        with suppress(BrokenExecutor):  # a helper was ended by somebody; then we read ourselves
            found = future.result() if future else None
        if found is None:
            found = [pack_reading(readers.reader.account(row.want)) for row in open_ if row.want]
        readers.settle(open_, found)
        readers.trace(batch, now)
        for row in batch:
            forks.append(row.fork(now))
            if cells is not None:
                cells.append(row.account.cells if row.account else {})
            row.account = None
            seen(forks[-1])

    outlines = readers.outlines
    processes = processes if readers.many(rows) else 1
    with reader_pool(processes, begin, outlines) as pool:
        size = BATCH if pool else 1
        for start in range(0, len(rows), size):
            batch = rows[start : start + size]
            for row in batch:
                if row.want is None and not readers.here(row):
                    bring(row, readers, arrive)
            open_ = [row for row in batch if row.account is None and row.want]
            future = None
            with suppress(BrokenExecutor):
                future = pool.submit(help_read, [row.want for row in open_ if row.want]) if pool and open_ else None
            waiting.append((batch, open_, future))
            if pool is None or len(waiting) > AHEAD:
                finish()
        while waiting:
            finish()
    return Cohort(now, outlines, find_stuck(outlines, forks) if history else tuple(forks))


def bring(row: Row, readers: Readers, arrive: Callable[[Origin], Fetched | None]) -> None:
    """Wait for a fork that is being fetched, or say why there is none."""
    try:
        row.fetched = None if row.origin.trouble else arrive(row.origin)
        if row.origin.trouble or row.fetched is None:
            raise row.origin.trouble or ForkTrouble("missing", "there is nothing to read")
        readers.look(row, row.fetched.path)
    except ForkTrouble as trouble:
        row.account = ForkReading(trouble.status, (trouble.reason,))
    except KitError:  # no git, no room for the cache: that concerns all forks
        raise
    except Exception as error:
        row.account = ForkReading("unreadable", (unexpected_trouble(error).reason,))
