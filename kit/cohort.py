"""A cohort: every fork read into one record, each distinct object read and parsed once.

refs -> commits -> trees -> blobs -> sides -> progress -> Cohort
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kit.address import Address
from kit.course import Course
from kit.fork import ChapterProgress, Flag, Fork, ForkTrouble, Tip
from kit.label import label
from kit.progress import EQUAL, Outline, measure, outline_of
from kit.repository import LARGEST_BLOB, MOST_BRANCHES, ChapterFile, Store
from kit.side import Side, read_side
from kit.source import Origin

if TYPE_CHECKING:
    from concurrent.futures import Future

    from kit.remote import Fetched

DEEPEST = 1000  # commits walked back for one question


@dataclass(frozen=True, slots=True)
class Cohort:
    """What every report shows."""

    generated_at: datetime
    outlines: tuple[Outline, ...]
    forks: tuple[Fork, ...]


class Reader:
    """Reads forks, and remembers what it read by object id: the same object in another fork costs nothing."""

    def __init__(self, outlines: Sequence[Outline]) -> None:
        self.outlines = outlines
        self.sides: dict[tuple[str, bool], Side] = {}
        self.listings: dict[str, Mapping[tuple[str, str], tuple[ChapterFile, ...]]] = {}
        self.measured: dict[tuple[str, tuple[str, ...]], ChapterProgress] = {}

    def fork(self, origin: Origin, path: Path) -> Fork:
        """The record of the fork at `path`."""
        fork = Fork(origin.name, origin.shown, "ok", origin.note, extra=origin.extra)
        try:
            store = Store(path)
            tip = store.tip(origin.branch)
            fork = replace(fork, tip=tip)
            chapters = self.chapters(store, tip.oid)
            once = {id: self.without_slow_equals(store, tip, id, found) for id, found in chapters.items()}
            notes = [origin.note, *self.elsewhere(store, tip, chapters)]
        except ForkTrouble as trouble:
            return replace(fork, status=trouble.status, reason="; ".join(filter(None, [trouble.reason, origin.note])))
        except Exception as error:  # one odd fork must not cost the report on all others
            return replace(fork, status="unreadable", reason=label(f"not foreseen: {type(error).__name__}: {error}"))
        return replace(fork, chapters=once, reason="; ".join(filter(None, notes)))

    def chapters(self, store: Store, commit: str) -> dict[str, ChapterProgress]:
        """The progress in each chapter at a commit.

        Raises:
            ForkTrouble: there is no chapter, or something cannot be read.
        """
        tree, why = store.workshop(commit)
        listing = self.listing(store, tree) if tree else {}
        if not any(outline.id == id for outline in self.outlines for id, _ in listing):
            raise ForkTrouble("no course", why or "it holds no chapter of this course")
        return {outline.id: self.chapter(store, outline, listing) for outline in self.outlines}

    def listing(self, store: Store, tree: str) -> Mapping[tuple[str, str], tuple[ChapterFile, ...]]:
        """The files of each chapter and language in a tree `workshop`."""
        if tree not in self.listings:
            found: dict[tuple[str, str], tuple[ChapterFile, ...]] = {}
            for file in store.chapter_files(tree):
                place = (file.chapter, file.language)
                found[place] = (*found.get(place, ()), file)
            self.listings[tree] = found
        return self.listings[tree]

    def chapter(
        self, store: Store, outline: Outline, listing: Mapping[tuple[str, str], tuple[ChapterFile, ...]]
    ) -> ChapterProgress:
        """The progress in one chapter, in the language in which most of it is filled."""
        found = {
            language: self.pair(store, outline, files) for (id, language), files in listing.items() if id == outline.id
        }
        if not found:
            return measure(outline, None, None)
        worked = sorted(language for language, progress in found.items() if progress.filled or progress.ticked)
        best = max(found, key=lambda name: (len(found[name].filled), len(found[name].ticked), name == "en"))
        if len(worked) < 2:
            return found[best]
        return replace(found[best], flags=(*found[best].flags, Flag(f"work in several languages: {', '.join(worked)}")))

    def pair(self, store: Store, outline: Outline, files: tuple[ChapterFile, ...]) -> ChapterProgress:
        """The progress in one pair of files."""
        key = (outline.id, tuple(f"{file.name} {file.oid} {file.flag}" for file in files))
        if key not in self.measured:
            sides: dict[bool, Side] = {}
            for file in sorted(files, key=lambda file: (not file.name.startswith(f"{outline.stem}."), file.name)):
                if file.notebook in sides:
                    first = sides[file.notebook]
                    sides[file.notebook] = replace(first, flags=(*first.flags, f"two files for chapter {outline.id}"))
                else:
                    sides[file.notebook] = self.side(store, file)
            self.measured[key] = measure(outline, sides.get(False), sides.get(True))
        return self.measured[key]

    def side(self, store: Store, file: ChapterFile) -> Side:
        """What a file says; its blob is read when no fork before this one had it."""
        if file.flag:
            return Side({}, {}, (file.flag,))
        key = (file.oid, file.notebook)
        if key not in self.sides:
            large = store.size(file.oid) > LARGEST_BLOB
            self.sides[key] = Side({}, {}, ("too large",)) if large else read_side(store.blob(file.oid), file.notebook)
        return self.sides[key]

    def without_slow_equals(self, store: Store, tip: Tip, id: str, progress: ChapterProgress) -> ChapterProgress:
        """The same progress; the flag for equal answers stays only if most of them came in one commit."""
        flag = Flag(EQUAL)
        if flag not in progress.flags:
            return progress
        others = tuple(other for other in progress.flags if other != flag)
        commit: str | None = tip.oid
        for _ in range(DEEPEST):
            commit = store.parent(commit) if commit else None
            try:
                before = self.chapters(store, commit)[id] if commit else None
            except ForkTrouble:
                before = None
            if before is None or 2 * len(before.filled) < len(progress.filled):
                return progress
            if flag not in before.flags:
                return replace(progress, flags=others)
        return replace(progress, flags=(*others, Flag(f"history followed for {DEEPEST} commits only")))

    def elsewhere(self, store: Store, tip: Tip, counted: Mapping[str, ChapterProgress]) -> Iterator[str]:
        """What is to be said of branches that hold more than the one that counts."""
        branches = {name: oid for name, oid in store.branches().items() if oid != tip.oid}
        if len(branches) > MOST_BRANCHES:
            yield f"{len(branches)} other branches, {MOST_BRANCHES} looked at"
        for name, oid in list(branches.items())[:MOST_BRANCHES]:
            try:
                chapters = self.chapters(store, oid)
            except ForkTrouble:
                continue
            if any(set(progress.filled) - set(counted[id].filled) for id, progress in chapters.items()):
                yield f"more work on branch {name}, not counted"


def read_cohort(
    course: Course,
    origins: Sequence[Origin],
    fetch: Callable[[Address], Fetched] | None = None,
    jobs: int = 8,
    seen: Callable[[Fork], None] = lambda fork: None,
) -> Cohort:
    """The record of every fork, in the order of the origins.

    `fetch` brings a fork from its address into a cache; `jobs` of them run at once. `seen` is called for each fork
    that is done.
    """
    outlines = tuple(map(outline_of, course.chapters))
    reader = Reader(outlines)
    forks: list[Fork] = []
    with fetching(origins, fetch, jobs) as arrivals:
        for origin in origins:
            fork = Fork(origin.name, origin.shown, "missing", extra=origin.extra)
            try:
                if origin.trouble:
                    raise origin.trouble
                if origin.path:
                    fork = reader.fork(origin, origin.path)
                elif origin.address and fetch:
                    fetched = arrivals[origin.address.url].result()
                    fork = reader.fork(origin, fetched.path)
                    if fetched.status != "ok":
                        reasons = [fetched.reason, fork.reason]
                        status = fetched.status if fork.status == "ok" else fork.status
                        fork = replace(fork, status=status, reason="; ".join(filter(None, reasons)))
            except ForkTrouble as trouble:
                fork = replace(fork, status=trouble.status, reason=trouble.reason)
            forks.append(fork)
            seen(fork)
    return Cohort(datetime.now(UTC).replace(microsecond=0), outlines, tuple(forks))


@contextmanager
def fetching(
    origins: Sequence[Origin], fetch: Callable[[Address], Fetched] | None, jobs: int
) -> Iterator[Mapping[str, Future[Fetched]]]:
    """Fetches under way, by address: each address once, `jobs` at a time. What has not begun is dropped at the end."""
    addresses = {origin.address.url: origin.address for origin in origins if origin.address}
    if not addresses or not fetch:
        yield {}
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(jobs)
    try:
        yield {url: pool.submit(fetch, address) for url, address in addresses.items()}
    finally:
        pool.shutdown(cancel_futures=True)
