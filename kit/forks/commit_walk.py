"""When each exercise was filled and each item ticked: a fork's commits along first parents, compared by tree and blob.

    tip --steps--> Step, Step, ... (newest first) --walk--> Walk (oldest first)

A commit that leaves `workshop` alone costs two reads of small objects, one that changes a chapter costs that chapter.
What cannot be read at a commit (conflict markers, binary) says nothing: what stood there before still counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from kit.forks.objects import ChapterFile, Facts, Objects
from kit.forks.records import ForkTrouble, Kind
from kit.pairs.fast_read import Answer, Side
from kit.pairs.progress import UNREADABLE, ChapterProgress

DEEPEST = 2000  # commits of one fork

Languages = Mapping[str, tuple[ChapterFile, ...]]
Listing = Mapping[tuple[str, str], tuple[ChapterFile, ...]]


class Change(NamedTuple):
    """What a commit changed for one exercise or item."""

    id: str
    kind: Kind
    seconds: int  # the commit's time as it stands there
    commit: str


class Attempts(NamedTuple):
    """The commits that changed the answer to an exercise: the first one's time, the last one's, and how many."""

    first: int
    last: int
    commits: int


class CommitWalk(NamedTuple):
    """A fork's way, oldest first, with times as they stand in the commits. `note` says what is not in it."""

    changes: tuple[Change, ...]
    commits: int
    note: str
    attempts: Mapping[str, Attempts]


class Step(NamedTuple):
    """A commit on the way."""

    oid: str
    facts: Facts


def steps(objects: Objects, tip: str, shallow: frozenset[str]) -> tuple[list[Step], str]:
    """The commits from `tip` back along first parents, at most `DEEPEST`, and why there may be more; empty: all."""
    found: list[Step] = []
    oid: str | None = tip
    while oid:
        if len(found) == DEEPEST:
            return found, f"history followed for {DEEPEST} commits only"
        try:
            facts = objects.facts(oid)
        except ForkTrouble:
            return found, "the commits before are damaged or not there"
        found.append(Step(oid, facts))
        if oid in shallow:
            return found, "a shallow clone, the commits before are not there"
        oid = facts.parent
    return found, ""


def silent(progress: ChapterProgress) -> bool:
    """Whether a chapter with nothing done says nothing: it is there, and could not be read."""
    nothing = not progress.filled and not progress.ticked
    return nothing and any(flag.word in UNREADABLE for flag in progress.flags)


def differences(step: Step, old: ChapterProgress | None, new: ChapterProgress) -> Iterator[Change]:
    """What is new in a chapter, in the order of its exercises, then its items."""
    kinds: tuple[tuple[Kind, Kind, tuple[str, ...], tuple[str, ...]], ...] = (
        ("filled", "emptied", old.filled if old else (), new.filled),
        ("ticked", "unticked", old.ticked if old else (), new.ticked),
    )
    for more, less, before, after in kinds:
        if before == after:
            continue
        yield from (Change(id, more, step.facts.seconds, step.oid) for id in after if id not in before)
        yield from (Change(id, less, step.facts.seconds, step.oid) for id in before if id not in after)


class CommitWalker:
    """Walks one fork. The reader's memories for listings and chapters are shared by all."""

    def __init__(
        self,
        list_at: Callable[[str], Listing],
        measure: Callable[[str, Languages], ChapterProgress],
        side: Callable[[ChapterFile], Side],
        ids: tuple[str, ...],
    ) -> None:
        self.list_at, self.measure, self.side, self.ids = list_at, measure, side, ids
        self.chapters: dict[str, ChapterProgress] = {}
        self.answers: dict[tuple[str, str, bool], Mapping[str, Answer]] = {}
        self.attempts: dict[str, Attempts] = {}

    def walk(self, path: list[Step], cut: str) -> CommitWalk:
        """The way along these commits, newest first; where it is cut off, its first commit is where it begins."""
        changes: list[Change] = []
        tree, unread = "", 0
        known: Listing = {}
        for step in reversed(path):
            if step.facts.tree == tree:
                continue
            try:
                listing = self.list_at(step.facts.tree)
                found = self.step(step, known, listing, begins=not tree)
            except ForkTrouble:
                unread += 1
                continue
            if tree or not cut:
                changes += found
            tree, known = step.facts.tree, listing
        notes = [cut, f"{unread} commits cannot be read" if unread else ""]
        return CommitWalk(tuple(changes), len(path), "; ".join(filter(None, notes)), self.attempts)

    def step(self, step: Step, old: Listing, new: Listing, *, begins: bool) -> list[Change]:
        """What one commit changed. All is read before anything is noted, so a commit counts whole or not at all."""
        if old is new:
            return []
        places = [place for place, files in new.items() if files is not (was := old.get(place)) and files != was]
        places += [place for place in old if place not in new]
        changes: list[Change] = []
        chapters: dict[str, ChapterProgress] = {}
        answers: dict[tuple[str, str, bool], Mapping[str, Answer]] = {}
        wanted: dict[str, dict[str, tuple[ChapterFile, ...]]] = {id: {} for id, _ in places}
        for (id, language), files in new.items():
            if id in wanted:
                wanted[id][language] = files
        for id in self.ids:
            if id not in wanted:
                continue
            languages = wanted[id]
            progress = self.measure(id, languages)
            for files in languages.values():
                for file in files:
                    answers[id, file.language, file.notebook] = self.side(file).answers
            if not silent(progress):
                chapters[id] = progress
                changes += differences(step, self.chapters.get(id), progress)
        self.chapters |= chapters
        if not begins:
            self.note(step, answers)
        self.answers |= answers
        return changes

    def note(self, step: Step, answers: Mapping[tuple[str, str, bool], Mapping[str, Answer]]) -> None:
        """Count the exercises whose answer is another one than before."""
        tried: set[str] = set()
        for place, new in answers.items():
            old = self.answers.get(place)
            if old is None or old is new:
                continue
            tried |= {id for id, answer in new.items() if id in old and answer is not old[id] and answer != old[id]}
        for id in tried:
            first, _, commits = self.attempts.get(id, (step.facts.seconds, 0, 0))
            self.attempts[id] = Attempts(first, step.facts.seconds, commits + 1)
