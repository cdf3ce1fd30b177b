"""A cohort: every fork read into one record. What an earlier run has read, and has not changed, is not read again.

Origin --prepare--> known from the cache, or read by ForkReaders --> ForkReading --fork_of--> Fork --> Cohort
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from kit.cache import Cache
from kit.course.course import Course
from kit.course.outline import Outline, outlines_of
from kit.errors import KitError
from kit.forks.fork_cache import ForkCache
from kit.forks.history import SeenTip, history_of
from kit.forks.reader import ReadRequest, as_trouble
from kit.forks.records import Fetched, Fork, ForkTrouble, Origin
from kit.forks.stuck import find_stuck
from kit.forks.wire import ForkReading, unpack_reading
from kit.forks.workers import ForkReaders, fork_readers

MANY = 100  # forks to be read for which worker processes are worth their start
BATCH = 25  # forks that a worker reads together
AHEAD = 12  # batches that may be under way while an earlier one is waited for

Cells = Mapping[str, tuple[str, ...]]  # a fork's filled cells by exercise


@dataclass(frozen=True, slots=True)
class Cohort:
    """What every report shows. `cells` has, for each fork, the cells it has filled, where they were asked for."""

    generated_at: datetime
    outlines: tuple[Outline, ...]
    forks: tuple[Fork, ...]
    cells: tuple[Cells, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortOptions:
    """How a cohort is read: by how many processes, with which cache, and what besides progress is wanted."""

    processes: int = 1
    cache: Cache | None = None
    history: bool = False
    cells: bool = False


@dataclass(slots=True)
class Row:
    """A fork on its way from its origin to its record. `key` is what the cache keeps its reading under."""

    origin: Origin
    request: ReadRequest | None = None
    fetched: Fetched | None = None
    key: bytes = b""
    reading: ForkReading | None = None


Batch = tuple[list[Row], list[tuple[Row, ReadRequest]], Callable[[], list[bytes]]]  # all, those being read, the wait


def not_fetched(origin: Origin) -> Fetched | None:
    """The default where there is nothing to fetch."""
    return None


def read_cohort(
    course: Course,
    origins: Sequence[Origin],
    options: CohortOptions | None = None,
    fetched: Callable[[Origin], Fetched | None] = not_fetched,
    on_done: Callable[[Fork], None] = lambda fork: None,
) -> Cohort:
    """The record of every fork, in the order of the origins.

    `fetched` waits for a fork that is being fetched from its address. `on_done` is called with each fork that is done.
    """
    options = options or CohortOptions()
    now = datetime.now(UTC).replace(microsecond=0)
    outlines = outlines_of(course)
    cache = ForkCache(options.cache, course)
    rows = [Row(origin) for origin in origins]
    forks: list[Fork] = []
    cells: list[Cells] = []
    processes = options.processes if many_unread(rows, options, cache) else 1
    with fork_readers(outlines, processes) as readers:
        for batch, unread, wait in batches(rows, options, cache, fetched, readers):
            for (row, request), packed in zip(unread, wait(), strict=True):
                row.reading = unpack_reading(packed)
                if row.reading.status == "ok":
                    cache.keep(request, row.key, packed)
            for row in batch:
                fork, reading = finish(row, cache, now)
                forks.append(fork)
                if options.cells:
                    cells.append(reading.cells)
                on_done(fork)
            cache.write()
    return Cohort(now, outlines, find_stuck(outlines, forks) if options.history else tuple(forks), tuple(cells))


def many_unread(rows: Sequence[Row], options: CohortOptions, cache: ForkCache) -> bool:
    """Whether worker processes are worth their start. It looks no further than that."""
    if options.processes < 2:
        return False
    folders = ((row, row.origin.path) for row in rows if row.origin.path and not row.origin.trouble)
    unread = (row for row, path in folders if not find_in_cache(row, path, options, cache))
    return sum(1 for _ in islice(unread, MANY)) == MANY


def find_in_cache(row: Row, path: Path, options: CohortOptions, cache: ForkCache) -> bool:
    """Note what is to be read at `path`, and whether the cache has it."""
    row.request = ReadRequest(path, row.origin.branch, options.history, options.cells)
    row.key = cache.key(row.request)
    row.reading = cache.find(row.key)
    return row.reading is not None


def batches(
    rows: Sequence[Row],
    options: CohortOptions,
    cache: ForkCache,
    fetched: Callable[[Origin], Fetched | None],
    readers: ForkReaders,
) -> Iterator[Batch]:
    """The rows in batches, in order. With workers, up to `AHEAD` batches are being read while one is waited for."""
    size, ahead = (BATCH, AHEAD) if readers.pool else (1, 0)
    under_way: deque[Batch] = deque()
    for start in range(0, len(rows), size):
        batch = list(rows[start : start + size])
        for row in batch:
            if row.request is None:
                prepare(row, options, cache, fetched)
        unread = [(row, row.request) for row in batch if row.request and row.reading is None]
        under_way.append((batch, unread, readers.submit([request for _, request in unread])))
        if len(under_way) > ahead:
            yield under_way.popleft()
    yield from under_way


def prepare(row: Row, options: CohortOptions, cache: ForkCache, fetched: Callable[[Origin], Fetched | None]) -> None:
    """Wait until a fork is in a folder, and look in the cache for it; a fork that can't be had says why."""
    origin = row.origin
    try:
        if origin.trouble:
            raise origin.trouble
        row.fetched = None if origin.path else fetched(origin)
        path = row.fetched.path if row.fetched else origin.path
        if path is None:
            raise ForkTrouble("missing", "there is nothing to read")
        find_in_cache(row, path, options, cache)
    except KitError:  # no git, no room for the cache: that concerns all forks
        raise
    except Exception as error:
        trouble = as_trouble(error)
        row.reading = ForkReading(trouble.status, (trouble.reason,))


def finish(row: Row, cache: ForkCache, now: datetime) -> tuple[Fork, ForkReading]:
    """The record of a fork that was read, with its reading, which the row lets go of."""
    reading, row.reading = row.reading, None
    assert reading is not None
    seen: SeenTip | None = None
    if row.request and reading.tip and reading.status == "ok":
        seen = cache.compare_tip(row.request, reading.tip.oid, now)
    origin, status, said = row.origin, reading.status, ""
    if status == "ok" and row.fetched:
        status, said = row.fetched.status, row.fetched.reason
    reason = "; ".join(filter(None, [said, *reading.notes, origin.note]))
    history = history_of(reading.walk, seen, now) if reading.walk else None
    fork = Fork(origin.name, origin.shown, status, reason, reading.tip, reading.chapters, origin.extra, history)
    return fork, reading
