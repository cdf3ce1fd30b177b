"""Forks read one by one into what a report needs.

ReadRequest --list_fork--> ForkListing --chapters, walk_commits--> ForkReading
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kit.course.outline import Outline
from kit.forks.chapters import ChapterReader
from kit.forks.commit_walk import walk_commits
from kit.forks.deadline import tip_at, tip_before, with_late
from kit.forks.listing import ForkListing, list_chapters, list_fork
from kit.forks.records import ForkTrouble, Tip
from kit.forks.repository import ForkRepository
from kit.forks.wire import ForkReading
from kit.pairs.progress import EQUAL, ChapterProgress, Flag
from kit.text import label

DEEPEST = 500  # commits to walk back to see whether equal answers arrived all at once


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A fork to read: its path, the branch if one is named, and whether its history and filled cells are wanted.

    It's read as it was at `commit`, if that isn't empty, or `until` a time in seconds since 1970, if that isn't 0.
    """

    path: Path
    branch: str = ""
    history: bool = False
    cells: bool = False
    until: int = 0
    commit: str = ""


class ForkReader:
    """Reads forks. It keeps what it read lately by object id, so the same object in another fork costs nothing."""

    def __init__(self, outlines: tuple[Outline, ...]) -> None:
        self.chapters = ChapterReader(outlines)

    def read(self, request: ReadRequest) -> ForkReading:
        """What a fork says, or why it says nothing. Whatever is in it, this doesn't raise."""
        tip: Tip | None = None
        try:
            repository = ForkRepository(request.path)
            tip = newest = repository.tip(request.branch)
            said: tuple[str, ...] = ()
            if request.commit:
                tip = tip_at(repository, tip, request.commit)
            elif request.until:
                tip, said = tip_before(repository, tip, request.until)
            listing = list_fork(repository, tip, self.chapters.listings)
            # Before the tip: git stores old files as differences from the newest, so it is then at hand.
            walk = walk_commits(repository, tip.oid, self.chapters) if request.history else None
            counted = self.chapters.all_progress(repository, listing.files)
            progress = {x: self.without_gradual(repository, tip, x, done) for x, done in counted.items()}
            later = newest.oid != tip.oid
            ours = [name for name, oid in repository.branches().items() if oid == newest.oid] if later else []
            notes = [listing.note, *said, *self.work_elsewhere(repository, listing, counted, ours)]
            cells = self.chapters.filled_cells(repository, listing.files, progress) if request.cells else {}
            if later:
                progress = self.with_late(repository, newest, progress, listing)
        except Exception as error:  # one odd fork mustn't cost us the report on all the others
            trouble = as_trouble(error)
            return ForkReading(trouble.status, (trouble.reason,), tip)
        return ForkReading("ok", tuple(filter(None, notes)), tip, progress, walk, cells)

    def without_gradual(
        self, repository: ForkRepository, tip: Tip, chapter_id: str, progress: ChapterProgress
    ) -> ChapterProgress:
        """The same progress; the flag for answers equal to ours stays only if most of them came in one commit."""
        if not has_equal_flag(progress):
            return progress
        others = tuple(flag for flag in progress.flags if flag.word != EQUAL)
        commit: str | None = tip.oid
        for _ in range(DEEPEST):
            try:
                commit = repository.commit(commit).parent if commit else None
                files = list_chapters(repository, commit, self.chapters.listings)[0] if commit else {}
                files = {place: pair for place, pair in files.items() if place[0] == chapter_id}
                before = self.chapters.all_progress(repository, files)[chapter_id]
            except ForkTrouble:  # the first commit, or one that a shallow clone doesn't have
                return progress
            if 2 * len(before.filled) < len(progress.filled):
                return progress
            if not has_equal_flag(before):
                return replace(progress, flags=others)
        return replace(progress, flags=(*others, Flag(f"history followed for {DEEPEST} commits only")))

    def with_late(
        self, repository: ForkRepository, newest: Tip, then: dict[str, ChapterProgress], listing: ForkListing
    ) -> dict[str, ChapterProgress]:
        """The progress of an earlier commit, with flags for what was filled or changed by the newest one."""
        try:
            files = list_chapters(repository, newest.oid, self.chapters.listings)[0]
            now = self.chapters.all_progress(repository, files)
            cells = (
                self.chapters.filled_cells(repository, listing.files, then),
                self.chapters.filled_cells(repository, files, now),
            )
        except ForkTrouble:  # the course was deleted later: nothing of that is late
            return then
        return with_late(then, now, *cells)

    def work_elsewhere(
        self,
        repository: ForkRepository,
        listing: ForkListing,
        counted: Mapping[str, ChapterProgress],
        ours: Collection[str] = (),
    ) -> Iterator[str]:
        """A note for each branch with more work on it than the one that counts, which may have other names (`ours`)."""
        for name, files in listing.elsewhere.items():
            if name in ours:
                continue
            try:
                chapters = self.chapters.all_progress(repository, files)
            except ForkTrouble:
                continue
            if any(set(progress.filled) - set(counted[x].filled) for x, progress in chapters.items()):
                yield f"more work on branch {label(name)}, not counted"


def has_equal_flag(progress: ChapterProgress) -> bool:
    """Whether a chapter's answers are all ours."""
    return any(flag.word == EQUAL for flag in progress.flags)


def as_trouble(error: Exception) -> ForkTrouble:
    """Any error, turned into the trouble that ends one fork."""
    if isinstance(error, ForkTrouble):
        return error
    return ForkTrouble("unreadable", label(f"unexpected: {type(error).__name__}: {error}"))
