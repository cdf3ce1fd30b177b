"""Forks read one by one, with a memory for all of them.

Origin --look--> Look --request--> blobs on the shelf --fork--> Fork
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kit.course import Course
from kit.errors import KitError
from kit.fork import ChapterProgress, Flag, Fork, ForkTrouble, Status
from kit.label import label
from kit.outline import Outline, outlines_of
from kit.progress import EQUAL, measure
from kit.repository import ChapterFile, Store
from kit.shelf import Request, Shelf
from kit.side import Side
from kit.source import Origin
from kit.survey import Listing, Survey, list_chapters, survey

if TYPE_CHECKING:
    from kit.remote import Fetched

AT_ONCE = Flag(EQUAL)
DEEPEST = 500  # commits walked back for one question


@dataclass(frozen=True, slots=True)
class Look:
    """A fork that was looked at: where it lies and its survey, or the trouble that ended it."""

    origin: Origin
    path: Path | None = None
    survey: Survey | None = None
    trouble: ForkTrouble | None = None
    status: Status = "ok"  # what the fetch says about a fork that could be read
    reason: str = ""


class Reader:
    """Reads forks, and remembers all of it by object id: the same object in another fork costs nothing."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.shelf = Shelf()
        self.listings: dict[str, Listing] = {}
        self.measured: dict[tuple[str, tuple[ChapterFile, ...]], ChapterProgress] = {}

    @cached_property
    def outlines(self) -> tuple[Outline, ...]:
        """The course's chapters, looked up when the first fork is measured: helpers read in the meantime."""
        return outlines_of(self.course)

    def look(self, origin: Origin, arrive: Callable[[Origin], Fetched | None]) -> Look:
        """Find the tip and the files of a fork; `arrive` waits for one that is being fetched."""
        path = origin.path
        try:
            fetched = None if origin.trouble else arrive(origin)
            path = fetched.path if fetched else path
            if origin.trouble or path is None:
                raise origin.trouble or ForkTrouble("missing", "there is nothing to read")
            found = survey(Store(path), origin.branch, self.listings)
        except ForkTrouble as trouble:
            return Look(origin, path, None, trouble)
        except KitError:  # no git, no room for the cache: that concerns all forks
            raise
        except Exception as error:
            return Look(origin, path, None, unforeseen(error))
        return Look(origin, path, found, found.trouble, *((fetched.status, fetched.reason) if fetched else ()))

    def request(self, look: Look) -> list[Request]:
        """What is to be read for a fork, if anything is."""
        return [self.shelf.ask(look.path, look.survey.all_files())] if look.path and look.survey else []

    def fork(self, look: Look) -> Fork:
        """The record of a fork whose blobs are on the shelf; what is not is read now."""
        origin, found = look.origin, look.survey
        tip = found.tip if found else None
        fork = Fork(origin.name, origin.shown, look.status, look.reason, tip, extra=origin.extra)
        try:
            if look.trouble or look.path is None or found is None:
                raise look.trouble or ForkTrouble("unreadable", "")
            chapters = self.chapters(look.path, found.files)
            once = {id: self.only_at_once(look.path, found, id, done) for id, done in chapters.items()}
            notes = [look.reason, found.note, *self.elsewhere(look.path, found, chapters), origin.note]
        except ForkTrouble as trouble:
            return replace(fork, status=trouble.status, reason=joined([trouble.reason, origin.note]))
        except Exception as error:  # one odd fork must not cost the report on all others
            return replace(fork, status="unreadable", reason=unforeseen(error).reason)
        return replace(fork, chapters=once, reason=joined(notes))

    def chapters(self, path: Path, listing: Listing) -> dict[str, ChapterProgress]:
        """The progress in each chapter.

        Raises:
            ForkTrouble: there is no chapter of this course, or something cannot be read.
        """
        by_chapter: dict[str, dict[str, tuple[ChapterFile, ...]]] = {outline.id: {} for outline in self.outlines}
        for (id, language), files in listing.items():
            if id in by_chapter:
                by_chapter[id][language] = files
        if not any(by_chapter.values()):
            raise ForkTrouble("no course", "it holds no chapter of this course")
        return {outline.id: self.chapter(path, outline, by_chapter[outline.id]) for outline in self.outlines}

    def chapter(
        self, path: Path, outline: Outline, languages: Mapping[str, tuple[ChapterFile, ...]]
    ) -> ChapterProgress:
        """The progress in one chapter, in the language in which most of it is filled."""
        if len(languages) < 2:
            return self.pair(path, outline, next(iter(languages.values()), ()))
        found = {language: self.pair(path, outline, files) for language, files in languages.items()}
        best = max(found, key=lambda name: (len(found[name].filled), len(found[name].ticked), name == "en"))
        worked = sorted(language for language, progress in found.items() if progress.filled or progress.ticked)
        if len(worked) < 2:
            return found[best]
        flag = Flag(f"work in several languages: {', '.join(worked)}")
        return replace(found[best], flags=(*found[best].flags, flag))

    def cells(self, look: Look, fork: Fork) -> dict[str, tuple[str, ...]]:
        """The cells of what a fork has filled, by exercise: what stands in either file, each text once."""
        found: dict[str, dict[str, None]] = {}
        if look.path is None or look.survey is None:
            return {}
        filled = {id for progress in fork.chapters.values() for id in progress.filled}
        for files in look.survey.files.values():
            for file in files:
                with suppress(ForkTrouble):
                    for id, answer in self.shelf.side(look.path, file).answers.items():
                        if answer.filled and id in filled:
                            found.setdefault(id, {})[answer.source] = None
        return {id: tuple(sources) for id, sources in found.items()}

    def pair(self, path: Path, outline: Outline, files: tuple[ChapterFile, ...]) -> ChapterProgress:
        """The progress in one pair of files."""
        key = (outline.id, files)
        if key not in self.measured:
            sides: dict[bool, Side] = {}
            for file in sorted(files, key=lambda file: (not file.name.startswith(f"{outline.stem}."), file.name)):
                if file.notebook in sides:
                    first = sides[file.notebook]
                    flags = (*first.flags, f"two files for chapter {outline.id}")
                    sides[file.notebook] = first._replace(flags=flags)
                else:
                    sides[file.notebook] = self.shelf.side(path, file)
            self.measured[key] = measure(outline, sides.get(False), sides.get(True))
        return self.measured[key]

    def only_at_once(self, path: Path, found: Survey, id: str, progress: ChapterProgress) -> ChapterProgress:
        """The same progress; the flag for equal answers stays only if most of them came in one commit."""
        if not progress.flags or AT_ONCE not in progress.flags:
            return progress
        others = tuple(other for other in progress.flags if other != AT_ONCE)
        store = Store(path)
        commit: str | None = found.tip.oid
        for _ in range(DEEPEST):
            try:
                commit = store.parent(commit) if commit else None
                listing = list_chapters(store, commit, self.listings)[0] if commit else {}
                before = self.chapters(path, {place: files for place, files in listing.items() if place[0] == id})[id]
            except ForkTrouble:  # the first commit, or one that a shallow clone does not have
                return progress
            if 2 * len(before.filled) < len(progress.filled):
                return progress
            if AT_ONCE not in before.flags:
                return replace(progress, flags=others)
        return replace(progress, flags=(*others, Flag(f"history followed for {DEEPEST} commits only")))

    def elsewhere(self, path: Path, found: Survey, counted: Mapping[str, ChapterProgress]) -> Iterator[str]:
        """What is to be said of branches that hold more than the one that counts."""
        for name, listing in found.elsewhere.items():
            try:
                chapters = self.chapters(path, listing)
            except ForkTrouble:
                continue
            if any(set(progress.filled) - set(counted[id].filled) for id, progress in chapters.items()):
                yield f"more work on branch {label(name)}, not counted"


def joined(notes: Sequence[str]) -> str:
    """Notes as one reason."""
    return "; ".join(filter(None, notes))


def unforeseen(error: Exception) -> ForkTrouble:
    """What is not known to happen, as the end of one fork."""
    return ForkTrouble("unreadable", label(f"not foreseen: {type(error).__name__}: {error}"))
