"""A cohort: every fork read into one record. What an earlier run has read isn't read again unless it has changed.

Origin --prepare--> ForkReading from the cache, or ReadRequest --ForkReaders--> ForkReading --finish--> Fork --> Cohort
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from kit.cache import Cache
from kit.course.course import Course
from kit.course.outline import Outline, outlines_of
from kit.errors import KitError
from kit.forks.commit_walk import CommitWalk
from kit.forks.fork_cache import ForkCache
from kit.forks.history import history_of, sensible
from kit.forks.own_work import with_own_work
from kit.forks.reader import ReadRequest, as_trouble
from kit.forks.records import Fetched, Fork, ForkTrouble, Origin
from kit.forks.stuck import find_stuck
from kit.forks.wire import ForkReading, unpack_reading
from kit.forks.workers import ForkReaders, fork_readers

MANY = 100  # with at least this many forks to read, worker processes are worth starting
BATCH = 25  # forks that a worker reads in one go
AHEAD = 12  # batches that may be under way while we wait for an earlier one

Cells = Mapping[str, tuple[str, ...]]  # a fork's filled cells by exercise


@dataclass(frozen=True, slots=True)
class Cohort:
    """What every report shows. `cells` has, for each fork, the cells it has filled, if they were asked for.

    `until` is the time that the forks are shown at, if it isn't now.
    """

    generated_at: datetime
    outlines: tuple[Outline, ...]
    forks: tuple[Fork, ...]
    cells: tuple[Cells, ...] = ()
    until: datetime | None = None

    @property
    def shown(self) -> tuple[Outline, ...]:
        """The chapters that reports show: all that count, and the bonus chapters that somebody has begun."""
        chapters = [pair for fork in self.forks for pair in fork.chapters.items()]
        begun = {chapter_id for chapter_id, progress in chapters if progress.filled or progress.ticked}
        return tuple(outline for outline in self.outlines if outline.id in begun or not outline.bonus)


@dataclass(frozen=True, slots=True)
class CohortOptions:
    """How to read a cohort: with how many processes, which cache, and what is wanted besides progress.

    With `until`, forks are read as they were then.
    """

    processes: int = 1
    cache: Cache | None = None
    history: bool = False
    cells: bool = False
    until: datetime | None = None


@dataclass(slots=True)
class Row:
    """A fork on its way from origin to record. The cache keeps its reading under `key`."""

    origin: Origin
    fetched: Fetched | None = None
    request: ReadRequest | None = None
    key: bytes = b""
    reading: ForkReading | None = None


def not_fetched(origin: Origin) -> Fetched | None:
    """The default when there's nothing to fetch."""
    return None


def read_cohort(
    course: Course,
    origins: Sequence[Origin],
    options: CohortOptions | None = None,
    fetched: Callable[[Origin], Fetched | None] = not_fetched,
    on_done: Callable[[Fork], None] = lambda fork: None,
) -> Cohort:
    """The record of every fork, in the order of the origins.

    `fetched` waits for a fork that is being fetched from its address. `on_done` is called with each finished fork.
    """
    return CohortReader(course, options or CohortOptions(), fetched).read(origins, on_done)


class CohortReader:
    """Reads one cohort: prepares its forks, has them read in batches, and builds their records."""

    def __init__(
        self, course: Course, options: CohortOptions, fetched: Callable[[Origin], Fetched | None] = not_fetched
    ) -> None:
        self.options, self.fetched = options, fetched
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.root = course.root
        self.outlines = outlines_of(course)
        self.cache = ForkCache(options.cache, course)

    def read(self, origins: Sequence[Origin], on_done: Callable[[Fork], None]) -> Cohort:
        """The record of every fork."""
        rows = [Row(origin) for origin in origins]
        forks: list[Fork] = []
        cells: list[Cells] = []
        walks: list[CommitWalk | None] = []
        with fork_readers(self.outlines, self.options.processes if self.many_unread(rows) else 1) as readers:
            for batch in self.batches(rows, readers):
                for row in batch:
                    fork, reading = self.finish(row)
                    forks.append(fork)
                    walks.append(reading.walk)
                    if self.options.cells:
                        cells.append(reading.cells)
                    on_done(fork)
                self.cache.write()
        found = tuple(forks)
        if self.options.history:
            found = find_stuck(self.outlines, with_own_work(forks, walks, self.root, self.now))
        return Cohort(self.now, self.outlines, found, tuple(cells), self.options.until)

    def many_unread(self, rows: Sequence[Row]) -> bool:
        """Whether worker processes are worth starting. It stops looking as soon as it knows."""
        if self.options.processes < 2:
            return False
        folders = ((row, row.origin.path) for row in rows if row.origin.path and not row.origin.trouble)
        unread = (row for row, path in folders if not self.find_in_cache(row, path))
        return sum(1 for _ in islice(unread, MANY)) == MANY

    def find_in_cache(self, row: Row, path: Path) -> bool:
        """Note what to read at `path`, and whether the cache has it."""
        origin, options = row.origin, self.options
        until = int(options.until.timestamp()) if options.until else 0
        row.request = ReadRequest(path, origin.branch, options.history, options.cells, until, origin.commit)
        row.key = self.cache.key(row.request)
        row.reading = self.cache.find(row.key)
        return row.reading is not None

    def batches(self, rows: Sequence[Row], readers: ForkReaders) -> Iterator[list[Row]]:
        """The rows in order, in batches, with their readings.

        With workers, up to `AHEAD` batches are read while we wait for an earlier one.
        """
        size, ahead = (BATCH, AHEAD) if readers.pool else (1, 0)
        under_way: deque[tuple[list[Row], Callable[[], list[bytes]]]] = deque()
        for start in range(0, len(rows), size):
            batch = list(rows[start : start + size])
            for row in batch:
                if row.request is None:
                    self.prepare(row)
            under_way.append((batch, readers.submit([request for _, request in unread_rows(batch)])))
            if len(under_way) > ahead:
                yield self.with_readings(*under_way.popleft())
        while under_way:
            yield self.with_readings(*under_way.popleft())

    def prepare(self, row: Row) -> None:
        """Wait until a fork is in a folder, and look it up in the cache; a fork that we can't get says why."""
        origin = row.origin
        try:
            if origin.trouble:
                raise origin.trouble
            row.fetched = None if origin.path else self.fetched(origin)
            path = row.fetched.path if row.fetched else origin.path
            if path is None:
                raise ForkTrouble("missing", "there's nothing to read")
            self.find_in_cache(row, path)
        except KitError:  # no git, no room for the cache: that affects every fork
            raise
        except Exception as error:
            trouble = as_trouble(error)
            row.reading = ForkReading(trouble.status, (trouble.reason,))

    def with_readings(self, batch: list[Row], wait: Callable[[], list[bytes]]) -> list[Row]:
        """The batch with the readings that `wait` returns; the cache keeps them."""
        for (row, request), packed in zip(unread_rows(batch), wait(), strict=True):
            row.reading = unpack_reading(packed)
            if row.reading.status == "ok":
                self.cache.keep(request, row.key, packed)
        return batch

    def finish(self, row: Row) -> tuple[Fork, ForkReading]:
        """The record of a fork that was read, made from its reading, which the row then drops."""
        reading, row.reading = row.reading, None
        assert reading is not None
        origin, status, said, seen = row.origin, reading.status, "", None
        if row.request and reading.tip and status == "ok" and not (row.request.until or row.request.commit):
            seen = self.cache.compare_tip(row.request, reading.tip.oid, self.now)
        if status == "ok" and row.fetched:
            status, said = row.fetched.status, row.fetched.reason
        reason = "; ".join(filter(None, [said, *reading.notes, origin.note]))
        history = history_of(reading.walk, seen, self.now) if reading.walk else None
        tip = reading.tip and replace(reading.tip, committed_at=sensible(reading.tip.committed_at, self.now))
        fork = Fork(origin.name, origin.shown, status, reason, tip, reading.chapters, origin.extra, history)
        return replace(fork, row=origin.row) if origin.row else fork, reading


def unread_rows(batch: Sequence[Row]) -> list[tuple[Row, ReadRequest]]:
    """The rows that still have to be read."""
    return [(row, row.request) for row in batch if row.request and row.reading is None]
