"""Two edits of the same text, merged line by line."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple


class Hunk(NamedTuple):
    """Lines `first` up to `end` (excluded) of the old text, and the lines that replace them."""

    first: int
    end: int
    lines: tuple[str, ...]


def hunks(old: list[str], new: list[str]) -> list[Hunk]:
    """What changed from `old` to `new`; trailing spaces don't count."""
    before, after = ([line.rstrip() for line in lines] for lines in (old, new))
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [Hunk(i1, i2, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in codes if tag != "equal"]


def same(one: Hunk, two: Hunk) -> bool:
    """Whether two hunks are the same change."""
    return one[:2] == two[:2] and [line.rstrip() for line in one.lines] == [line.rstrip() for line in two.lines]


def merge_lines(base: str, ours: str, theirs: str) -> str | None:
    """The base with both sides' changes; `None` if they changed the same or adjacent lines in different ways."""
    old = base.split("\n")
    mine, other = hunks(old, ours.split("\n")), hunks(old, theirs.split("\n"))
    for one in mine:
        for two in other:
            if one.first <= two.end and two.first <= one.end and not same(one, two):
                return None
    both = {hunk.first: hunk for hunk in (*other, *mine)}
    for hunk in sorted(both.values(), reverse=True):
        old[hunk.first : hunk.end] = hunk.lines
    return "\n".join(old)
