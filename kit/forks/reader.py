"""Forks read one by one, with a memory for what they share.

Want (where it lies) --survey--> Survey --chapters--> {id: ChapterProgress} --> Account
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kit.course.outline import Outline
from kit.forks.blobs import BlobCache
from kit.forks.commit_walk import CommitWalk, CommitWalker, steps
from kit.forks.flag_lines import text_in, with_line
from kit.forks.listing import ForkListing, Listing, list_chapters, list_fork, listing_of
from kit.forks.objects import LARGEST_BLOB, ChapterFile, Store
from kit.forks.records import ForkTrouble
from kit.forks.wire import ForkReading
from kit.lru import LruDict
from kit.pairs.fast_read import Side
from kit.pairs.progress import EQUAL, ChapterProgress, Flag, chapter_progress
from kit.text import label

DEEPEST = 500  # commits walked back for one question
TREES = 2048  # listings that are kept
PAIRS = 8192  # measured pairs that are kept


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A fork that is to be read: where it lies, on which branch if one is named, and what else is wanted."""

    path: Path
    branch: str = ""
    history: bool = False
    cells: bool = False


class Reader:
    """Reads forks, and remembers the latest of it by object id: the same object in another fork costs nothing."""

    def __init__(self, outlines: tuple[Outline, ...]) -> None:
        self.outlines = outlines
        self.by_id = {outline.id: outline for outline in outlines}
        self.shelf = BlobCache()
        self.listings: LruDict[str, Listing] = LruDict(TREES)
        self.measured: LruDict[tuple[str, tuple[ChapterFile, ...]], ChapterProgress] = LruDict(PAIRS)

    def account(self, want: ReadRequest) -> ForkReading:
        """What a fork says, or why it says nothing. It never raises for what lies there."""
        found: ForkListing | None = None
        seconds = 0
        try:
            store = Store(want.path)
            found = list_fork(store, want.branch, self.listings)
            seconds = store.facts(found.tip.oid).seconds
            if found.trouble:
                raise found.trouble
            # Before the tip: git stores old files as differences to the newest, which is then at hand when it is read.
            walk = self.walk(store, found.tip.oid) if want.history else None
            chapters = self.chapters(store, found.files)
            once = {id: self.only_at_once(store, found, id, done) for id, done in chapters.items()}
            notes = [found.note, *self.elsewhere(store, found, chapters)]
            cells = self.cells(store, found.files, once) if want.cells else {}
        except ForkTrouble as trouble:
            return ForkReading(trouble.status, (trouble.reason,), found.tip if found else None, seconds)
        except Exception as error:  # one odd fork must not cost the report on all others
            return ForkReading("unreadable", (unexpected_trouble(error).reason,), found.tip if found else None, seconds)
        return ForkReading("ok", tuple(filter(None, notes)), found.tip, seconds, once, walk, cells)

    def cells(
        self, store: Store, listing: Listing, chapters: Mapping[str, ChapterProgress]
    ) -> dict[str, tuple[str, ...]]:
        """The cells of what a fork has filled, by exercise: what stands in either file, each text once."""
        found: dict[str, dict[str, None]] = {}
        filled = {id for progress in chapters.values() for id in progress.filled}
        for files in listing.values():
            for file in files:
                for id, answer in self.shelf.side(store, file).answers.items():
                    if answer.filled and id in filled:
                        found.setdefault(id, {})[answer.source] = None
        return {id: tuple(sources) for id, sources in found.items()}

    def walk(self, store: Store, tip: str) -> CommitWalk:
        """The fork's way along first parents to its tip."""
        path, cut = steps(store, tip, store.shallow())

        def list_at(tree: str) -> Listing:
            workshop, _ = store.workshop_in(tree)
            return listing_of(store, workshop, self.listings) if workshop else {}

        walker = CommitWalker(
            list_at,
            lambda id, languages: self.chapter(store, self.by_id[id], languages),
            lambda file: self.shelf.side(store, file),
            tuple(self.by_id),
        )
        return walker.walk(path, cut)

    def chapters(self, store: Store, listing: Listing) -> dict[str, ChapterProgress]:
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
        return {outline.id: self.chapter(store, outline, by_chapter[outline.id]) for outline in self.outlines}

    def chapter(
        self, store: Store, outline: Outline, languages: Mapping[str, tuple[ChapterFile, ...]]
    ) -> ChapterProgress:
        """The progress in one chapter, in the language in which most of it is filled."""
        if len(languages) < 2:
            return self.pair(store, outline, next(iter(languages.values()), ()))
        found = {language: self.pair(store, outline, files) for language, files in languages.items()}
        best = max(found, key=lambda name: (len(found[name].filled), len(found[name].ticked), name == "en"))
        worked = sorted(language for language, progress in found.items() if progress.filled or progress.ticked)
        if len(worked) < 2:
            return found[best]
        flag = Flag(f"work in several languages: {', '.join(worked)}")
        return replace(found[best], flags=(*found[best].flags, flag))

    def pair(self, store: Store, outline: Outline, files: tuple[ChapterFile, ...]) -> ChapterProgress:
        """The progress in one pair of files."""
        key = (outline.id, files)
        try:
            return self.measured[key]
        except KeyError:
            sides: dict[bool, Side] = {}
            for file in sorted(files, key=lambda file: (not file.name.startswith(f"{outline.stem}."), file.name)):
                if file.notebook in sides:
                    first = sides[file.notebook]
                    flags = (*first.flags, f"two files for chapter {outline.id}")
                    sides[file.notebook] = first._replace(flags=flags)
                else:
                    sides[file.notebook] = self.shelf.side(store, file)
            progress = chapter_progress(outline, sides.get(False), sides.get(True))
            if progress.flags:
                progress = replace(progress, flags=self.cited(store, outline, files, progress.flags))
            self.measured[key] = progress
            return progress

    def cited(
        self, store: Store, outline: Outline, files: tuple[ChapterFile, ...], flags: Sequence[Flag]
    ) -> tuple[Flag, ...]:
        """The flags of a pair with the lines where they stand."""
        texts: dict[str, str] = {}

        def text_of(file: ChapterFile) -> str:
            if file.oid not in texts:
                small = store.size(file.oid) <= LARGEST_BLOB
                texts[file.oid] = text_in(store.blob(file.oid)) if small else ""
            return texts[file.oid]

        return with_line(flags, files, next(iter(outline.exercises), ""), text_of)

    def only_at_once(self, store: Store, found: ForkListing, id: str, progress: ChapterProgress) -> ChapterProgress:
        """The same progress; the flag for equal answers stays only if most of them came in one commit."""
        if not is_equal(progress):
            return progress
        others = tuple(other for other in progress.flags if other.word != EQUAL)
        commit: str | None = found.tip.oid
        for _ in range(DEEPEST):
            try:
                commit = store.parent(commit) if commit else None
                listing = list_chapters(store, commit, self.listings)[0] if commit else {}
                before = self.chapters(store, {place: files for place, files in listing.items() if place[0] == id})[id]
            except ForkTrouble:  # the first commit, or one that a shallow clone does not have
                return progress
            if 2 * len(before.filled) < len(progress.filled):
                return progress
            if not is_equal(before):
                return replace(progress, flags=others)
        return replace(progress, flags=(*others, Flag(f"history followed for {DEEPEST} commits only")))

    def elsewhere(self, store: Store, found: ForkListing, counted: Mapping[str, ChapterProgress]) -> Iterator[str]:
        """What is to be said of branches that hold more than the one that counts."""
        for name, listing in found.elsewhere.items():
            try:
                chapters = self.chapters(store, listing)
            except ForkTrouble:
                continue
            if any(set(progress.filled) - set(counted[id].filled) for id, progress in chapters.items()):
                yield f"more work on branch {label(name)}, not counted"


def is_equal(progress: ChapterProgress) -> bool:
    """Whether a chapter's answers are ours."""
    return any(flag.word == EQUAL for flag in progress.flags)


def unexpected_trouble(error: Exception) -> ForkTrouble:
    """What is not known to happen, as the end of one fork."""
    return ForkTrouble("unreadable", label(f"not foreseen: {type(error).__name__}: {error}"))
