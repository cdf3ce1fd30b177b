"""What's in a fork, before any chapter is read: its chapters' files, at its tip and on other branches.

ForkRepository, Tip --list_fork--> ForkListing
                                     Listing       {("06", "en"): (ChapterFile, ChapterFile)}

A chapter's files are found by their names in the tree of each language; no file is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from kit.forks.objects import FOLDER, ObjectStore, why_unread
from kit.forks.records import ForkTrouble, Tip
from kit.forks.repository import ForkRepository
from kit.text import label
from kit.translation.language import CODE

MOST_BRANCHES = 50
MOST_LANGUAGES = 30
KEPT_FILES = 16384
LANGUAGE = CODE  # no `.ipynb_checkpoints`, no `my_work`: those aren't counted (kit.forks.elsewhere)
CHAPTER = re.compile(r"ch(?P<id>\d\d)(?:_[^/]*)?\.(?:py|ipynb)")


class ChapterFile(NamedTuple):
    """A chapter's file in a tree. `flag` says why it mustn't be read, or is empty."""

    chapter: str
    language: str
    name: str
    oid: str
    flag: str = ""

    @property
    def notebook(self) -> bool:
        """Whether it's the pair's notebook."""
        return self.name.endswith(".ipynb")

    @property
    def path(self) -> str:
        """Its path in the fork."""
        return f"workshop/{self.language}/{self.name}"


Listing = Mapping[tuple[str, str], tuple[ChapterFile, ...]]  # by chapter and language


@dataclass(frozen=True, slots=True)
class ForkListing:
    """The chapters' files at a fork's tip, and those of other branches that differ from them."""

    files: Listing
    elsewhere: Mapping[str, Listing]
    note: str = ""


@lru_cache(maxsize=KEPT_FILES)
def chapter_file(language: str, mode: bytes, name: bytes, oid: bytes) -> ChapterFile | None:
    """An entry of a language folder as a chapter's file, None if it isn't one; equal entries share one record."""
    text = name.decode(errors="replace")
    match = CHAPTER.fullmatch(text)
    return ChapterFile(match["id"], language, text, oid.hex(), why_unread(int(mode, 8))) if match else None


def chapter_files(objects: ObjectStore, workshop: str) -> Iterator[ChapterFile]:
    """The chapters' files in the language folders of the tree `workshop`, found by their numbers.

    Raises:
        ForkTrouble: an object can't be read.
    """
    folders = [
        (name, oid)
        for mode, name, oid in objects.tree(workshop)
        if int(mode, 8) == FOLDER and LANGUAGE.fullmatch(name.decode(errors="replace"))
    ]
    for name, oid in folders[:MOST_LANGUAGES]:
        language = label(name.decode(errors="replace"))
        yield from filter(None, [chapter_file(language, *entry) for entry in objects.tree(oid.hex())])


def list_chapters(objects: ObjectStore, commit: str, known: MutableMapping[str, Listing]) -> tuple[Listing, str]:
    """The chapters' files at a commit; or an empty listing, and why. `known` keeps the listing of each tree.

    Raises:
        ForkTrouble: an object can't be read.
    """
    tree, why = objects.find_workshop(objects.commit(commit).tree)
    if not tree:
        return {}, why
    listing = list_tree(objects, tree, known)
    return listing, "" if listing else "it has no chapters"


def list_tree(objects: ObjectStore, workshop: str, known: MutableMapping[str, Listing]) -> Listing:
    """The chapters' files in the tree `workshop`.

    Raises:
        ForkTrouble: an object can't be read.
    """
    if workshop not in known:
        found: dict[tuple[str, str], tuple[ChapterFile, ...]] = {}
        for file in chapter_files(objects, workshop):
            place = (file.chapter, file.language)
            found[place] = (*found.get(place, ()), file)
        known[workshop] = found
    return known[workshop]


def list_fork(repository: ForkRepository, tip: Tip, known: MutableMapping[str, Listing]) -> ForkListing:
    """List a fork's files at its tip and on its other branches.

    Raises:
        ForkTrouble: there's no chapter at the tip, or an object can't be read.
    """
    files, why = list_chapters(repository, tip.oid, known)
    if not files:
        raise ForkTrouble("no course", why)
    others = repository.other_branches(tip)
    elsewhere: dict[str, Listing] = {}
    for name, oid in list(others.items())[:MOST_BRANCHES]:
        try:
            listing, _ = list_chapters(repository, oid, known)
        except ForkTrouble:
            continue
        if listing and listing != files:
            elsewhere[name] = listing
    note = "" if len(others) <= MOST_BRANCHES else f"{len(others)} other branches, only {MOST_BRANCHES} were read"
    return ForkListing(files, elsewhere, note)
