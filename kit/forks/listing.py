"""What a fork consists of, before any chapter is read: its tip, its chapters' files, and what other branches hold.

Store -> Survey
           Tip
           Listing       {("06", "en"): (ChapterFile, ChapterFile)}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field

from kit.forks.objects import ChapterFile, Store
from kit.forks.records import ForkTrouble, Tip

MOST_BRANCHES = 50

Listing = Mapping[tuple[str, str], tuple[ChapterFile, ...]]  # by chapter and language


@dataclass(frozen=True, slots=True)
class ForkListing:
    """A fork whose tip is known. `trouble` says why there is nothing more to read."""

    tip: Tip
    files: Listing = field(default_factory=dict)
    elsewhere: Mapping[str, Listing] = field(default_factory=dict)
    note: str = ""
    trouble: ForkTrouble | None = None

    def all_files(self) -> Iterator[ChapterFile]:
        """Every file that is needed to say how far the student is."""
        for listing in (self.files, *self.elsewhere.values()):
            for files in listing.values():
                yield from files


def list_chapters(store: Store, commit: str, known: MutableMapping[str, Listing]) -> tuple[Listing, str]:
    """The chapters' files at a commit, and why there are none. `known` remembers the listing of each tree.

    Raises:
        ForkTrouble: an object cannot be read.
    """
    tree, why = store.workshop(commit)
    if not tree:
        return {}, why
    listing = listing_of(store, tree, known)
    return listing, "" if listing else "it holds no chapter"


def listing_of(store: Store, workshop: str, known: MutableMapping[str, Listing]) -> Listing:
    """The chapters' files in the tree `workshop`.

    Raises:
        ForkTrouble: an object cannot be read.
    """
    if workshop not in known:
        found: dict[tuple[str, str], tuple[ChapterFile, ...]] = {}
        for file in store.chapter_files(workshop):
            place = (file.chapter, file.language)
            found[place] = (*found.get(place, ()), file)
        known[workshop] = found
    return known[workshop]


def list_fork(store: Store, branch: str, known: MutableMapping[str, Listing]) -> ForkListing:
    """Look through a fork, on `branch` if one is named.

    Raises:
        ForkTrouble: there is no tip.
    """
    tip = store.tip(branch)
    try:
        files, why = list_chapters(store, tip.oid, known)
        if not files:
            raise ForkTrouble("no course", why)
        others = store.others(tip)
    except ForkTrouble as trouble:
        return ForkListing(tip, trouble=trouble)
    elsewhere: dict[str, Listing] = {}
    for name, oid in list(others.items())[:MOST_BRANCHES]:
        try:
            listing, _ = list_chapters(store, oid, known)
        except ForkTrouble:
            continue
        if listing and listing != files:
            elsewhere[name] = listing
    few = len(others) <= MOST_BRANCHES
    return ForkListing(tip, files, elsewhere, "" if few else f"{len(others)} other branches, {MOST_BRANCHES} looked at")
