"""A cohort: every fork read into one record, each distinct object read and parsed once.

refs -> commits -> trees -> blobs -> sides -> progress -> Cohort
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kit.address import Address
from kit.course import Course
from kit.fork import Fork
from kit.outline import Outline
from kit.reader import Look, Reader
from kit.shelf import Key, Request, helpers, read_requests
from kit.source import Origin

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kit.remote import Fetched
    from kit.side import Side

MANY = 100  # forks in folders for which helpers are worth their start
BATCH = 25  # forks that are read together
AHEAD = 12  # batches that may wait for helpers


@dataclass(frozen=True, slots=True)
class Cohort:
    """What every report shows."""

    generated_at: datetime
    outlines: tuple[Outline, ...]
    forks: tuple[Fork, ...]


def read_cohort(
    course: Course,
    origins: Sequence[Origin],
    fetch: Callable[[Address], Fetched] | None = None,
    jobs: int = 8,
    processes: int = 1,
    seen: Callable[[Fork], None] = lambda fork: None,
    cells: list[Mapping[str, tuple[str, ...]]] | None = None,
) -> Cohort:
    """The record of every fork, in the order of the origins.

    `fetch` brings a fork from its address into a cache, `jobs` at a time. Many forks in folders are read by that many
    `processes`. `seen` is called for each fork that is done. A list given as `cells` gets, for each fork, the cells of
    what it has filled, by exercise.
    """
    reader = Reader(course)
    forks: list[Fork] = []
    many = sum(origin.path is not None for origin in origins) >= MANY
    waiting: deque[tuple[list[Look], list[Request], Future[dict[Key, Side]] | None]] = deque()

    def finish() -> None:
        looks, requests, future = waiting.popleft()
        try:
            found = future.result() if future else read_requests(requests)
        except BrokenExecutor:  # a helper was ended by somebody; then we read ourselves
            found = read_requests(requests)
        reader.shelf.sides.update(found)
        for look in looks:
            forks.append(reader.fork(look))
            if cells is not None:
                cells.append(reader.cells(look, forks[-1]))
            seen(forks[-1])

    with helpers(processes if many else 1) as pool, fetching(origins, fetch, jobs) as arrive:
        size = BATCH if pool else 1
        for start in range(0, len(origins), size):
            looks = [reader.look(origin, arrive) for origin in origins[start : start + size]]
            requests = [request for look in looks for request in reader.request(look)]
            future = None
            with suppress(BrokenExecutor):
                future = pool.submit(read_requests, requests) if pool else None
            waiting.append((looks, requests, future))
            if pool is None or len(waiting) > AHEAD:
                finish()
        while waiting:
            finish()
    return Cohort(datetime.now(UTC).replace(microsecond=0), reader.outlines, tuple(forks))


@contextmanager
def fetching(
    origins: Sequence[Origin], fetch: Callable[[Address], Fetched] | None, jobs: int
) -> Iterator[Callable[[Origin], Fetched | None]]:
    """Fetches under way: each address once, `jobs` at a time. What has not begun is dropped at the end."""
    addresses = {origin.address.url: origin.address for origin in origins if origin.address}
    if not addresses or not fetch:
        yield lambda origin: None
        return
    from concurrent.futures import ThreadPoolExecutor

    from kit.transport import HALT

    pool = ThreadPoolExecutor(jobs)
    try:
        futures = {url: pool.submit(fetch, address) for url, address in addresses.items()}
        yield lambda origin: futures[origin.address.url].result() if origin.address else None
    except BaseException:
        HALT.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        HALT.clear()
