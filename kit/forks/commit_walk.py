"""When each exercise was filled and each item ticked: a fork's commits along first parents, compared by tree and blob.

    tip --commits_from--> Commit, ... (newest first) --walk_commits--> CommitWalk (oldest first)

A commit that leaves `workshop` alone costs two reads of small objects; one that changes a chapter costs that chapter.
A file that can't be read at a commit (conflict markers, binary) counts as unchanged: nobody unlearns things overnight.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from kit.course.blanks import SENTINEL
from kit.forks.chapters import ChapterReader
from kit.forks.listing import ChapterFile, Listing
from kit.forks.objects import Commit
from kit.forks.records import EventKind, ForkTrouble
from kit.forks.repository import ForkRepository
from kit.pairs.fast_read import Answer
from kit.pairs.progress import UNREADABLE, ChapterProgress

DEEPEST = 2000  # commits to walk in one fork

FileAnswers = dict[tuple[str, str, bool], Mapping[str, Answer]]  # by chapter, language, and whether it's a notebook


class Change(NamedTuple):
    """What a commit changed for one exercise or item."""

    id: str
    kind: EventKind
    seconds: int  # the commit's time, just as the commit states it
    commit: str


class Touch(NamedTuple):
    """A commit that changed answers: to which exercises, and when its author says it was written."""

    commit: str
    seconds: int
    ids: tuple[str, ...]


class CommitWalk(NamedTuple):
    """A fork's commits, oldest first, with the times that they state. `note` says what's missing.

    `touches` may hold commits of the course's: whose a commit is shows in the cohort (kit.forks.own_work).
    """

    changes: tuple[Change, ...]
    commits: int
    note: str
    touches: tuple[Touch, ...]


def commits_from(repository: ForkRepository, tip: str) -> tuple[list[Commit], str]:
    """The commits from `tip` back along first parents, at most `DEEPEST`; and if earlier ones are missing, why."""
    found: list[Commit] = []
    shallow = repository.shallow_commits()
    oid: str | None = tip
    while oid:
        if len(found) == DEEPEST:
            return found, f"history followed for {DEEPEST} commits only"
        try:
            commit = repository.commit(oid)
        except ForkTrouble:
            return found, "earlier commits are damaged or missing"
        found.append(commit)
        if oid in shallow:
            return found, "a shallow clone: earlier commits are missing"
        oid = commit.parent
    return found, ""


def is_unreadable(progress: ChapterProgress) -> bool:
    """Whether nothing in a chapter counts because its files exist but can't be read."""
    nothing = not progress.filled and not progress.ticked
    return nothing and any(flag.word in UNREADABLE for flag in progress.flags)


def changes_between(commit: Commit, old: ChapterProgress | None, new: ChapterProgress) -> Iterator[Change]:
    """What's new in a chapter, in the order of its exercises, then its items."""
    kinds: tuple[tuple[EventKind, EventKind, tuple[str, ...], tuple[str, ...]], ...] = (
        ("filled", "emptied", old.filled if old else (), new.filled),
        ("ticked", "unticked", old.ticked if old else (), new.ticked),
    )
    for more, less, before, after in kinds:
        if before == after:
            continue
        yield from (Change(x, more, commit.seconds, commit.oid) for x in after if x not in before)
        yield from (Change(x, less, commit.seconds, commit.oid) for x in before if x not in after)


def changed_chapters(old: Listing, new: Listing) -> dict[str, dict[str, tuple[ChapterFile, ...]]]:
    """The chapters in which a file differs, by id, each with all of its current files by language."""
    places = [place for place, files in new.items() if files is not (was := old.get(place)) and files != was]
    places += [place for place in old if place not in new]
    changed: dict[str, dict[str, tuple[ChapterFile, ...]]] = {chapter_id: {} for chapter_id, _ in places}
    for (chapter_id, language), files in new.items():
        if chapter_id in changed:
            changed[chapter_id][language] = files
    return changed


class CommitWalker:
    """Walks one fork, oldest commit first. It keeps the fork's state at the last commit that could be read."""

    def __init__(self, repository: ForkRepository, reader: ChapterReader) -> None:
        self.repository, self.reader = repository, reader
        self.progress: dict[str, ChapterProgress] = {}
        self.answers: FileAnswers = {}
        self.touches: list[Touch] = []

    def walk(self, commits: list[Commit], missing: str) -> CommitWalk:
        """What these commits changed, newest first; if earlier ones are `missing`, the first one changes nothing."""
        changes: list[Change] = []
        tree, unread = "", 0
        known: Listing = {}
        for commit in reversed(commits):
            if commit.tree == tree:
                continue
            try:
                listing = self.reader.listing(self.repository, commit.tree)
                found = self.step(commit, known, listing, is_first=not tree)
            except ForkTrouble:
                unread += 1
                continue
            if tree or not missing:
                changes += found
            tree, known = commit.tree, listing
        notes = [missing, f"{unread} commits can't be read" if unread else ""]
        return CommitWalk(tuple(changes), len(commits), "; ".join(filter(None, notes)), tuple(self.touches))

    def step(self, commit: Commit, old: Listing, new: Listing, *, is_first: bool) -> list[Change]:
        """What one commit changed. It's all read before anything is kept, so a commit counts fully or not at all."""
        if old is new:
            return []
        changes: list[Change] = []
        chapters: dict[str, ChapterProgress] = {}
        answers: FileAnswers = {}
        changed = changed_chapters(old, new)
        for chapter_id in self.reader.outlines:
            if chapter_id not in changed:
                continue
            languages = changed[chapter_id]
            progress = self.reader.progress(self.repository, chapter_id, languages)
            for files in languages.values():
                for file in files:
                    side = self.reader.side(self.repository, file)
                    answers[chapter_id, file.language, file.notebook] = side.answers
            if not is_unreadable(progress):
                chapters[chapter_id] = progress
                changes += changes_between(commit, self.progress.get(chapter_id), progress)
        self.progress |= chapters
        if not is_first and (touched := self.touched(commit, answers)):
            self.touches.append(Touch(commit.oid, commit.written, tuple(sorted(touched))))
        self.answers |= answers
        return changes

    def touched(self, commit: Commit, answers: FileAnswers) -> set[str]:
        """The exercises whose answer somebody changed in this commit.

        A cell that was blank and still is may have new words from the course, which isn't anybody's answer. In a merge,
        only an answer counts that was written on the other side; what the merge made of both sides doesn't.
        """
        found: set[str] = set()
        sides = [self.answers_at(other, answers) for other in commit.others]
        for place, new in answers.items():
            old = self.answers.get(place)
            if old is None or old is new:
                continue
            blanks = self.reader.outlines[place[0]].blanks
            for x, answer in new.items():
                if x not in old or answer is old[x] or answer == old[x]:
                    continue
                if is_blank(answer, blanks.get(x, 1)) and (commit.others or is_blank(old[x], blanks.get(x, 1))):
                    continue
                if not commit.others or any(side.get(place, {}).get(x) == answer for side in sides):
                    found.add(x)
        return found

    def answers_at(self, oid: str, wanted: Collection[tuple[str, str, bool]]) -> FileAnswers:
        """The answers at another commit, in the files that are `wanted`; none that can't be read."""
        found: FileAnswers = {}
        try:
            listing = self.reader.listing(self.repository, self.repository.commit(oid).tree)
            for files in listing.values():
                for file in files:
                    place = (file.chapter, file.language, file.notebook)
                    if place in wanted:
                        found[place] = self.reader.side(self.repository, file).answers
        except ForkTrouble:  # a shallow clone may not have it
            pass
        return found


def is_blank(answer: Answer, blanks: int) -> bool:
    """Whether a cell still has all of its blanks."""
    return not answer.filled and answer.source.count(SENTINEL) >= blanks


def walk_commits(repository: ForkRepository, tip: str, reader: ChapterReader) -> CommitWalk:
    """What each commit from the first one to `tip` changed."""
    return CommitWalker(repository, reader).walk(*commits_from(repository, tip))
