"""Items: the checklist lines of a chapter's text, ticked or not.

An item is `- [ ] 06.03 Mix the values`. The id decides what it is; the text is the author's or the translator's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ITEM_ID = r"\d\d\.(?:\d\d|[a-z]\d+)"
ITEM = re.compile(
    r"^(?P<head>[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[)(?P<mark>[^\]\n]{0,5})"
    rf"(?P<tail>\][ \t]*(?P<id>{ITEM_ID})(?!\w)(?P<text>[^\n]*))",
    re.MULTILINE,
)
HTML_ITEM = re.compile(
    rf"<input\b(?P<attributes>[^<>]{{0,200}}\bcheckbox\b[^<>]{{0,200}})>[^\n<]*?(?P<id>{ITEM_ID})(?!\w)(?P<text>[^\n]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One checklist line. `line` counts from 1 within the cell; `flag` says what is odd about its mark."""

    id: str
    ticked: bool
    text: str
    line: int = 1
    flag: str = ""


def items(source: str) -> Iterator[Item]:
    """The items of a text cell, in order."""
    if "[" in source:
        for line, found in numbered(ITEM, source):
            mark = found["mark"]
            flag = "" if mark in (" ", "x", "X") else f"odd tick [{mark}]"
            yield Item(found["id"], mark in ("x", "X"), found["text"].strip(), line, flag)
    if "<input" in source or "<INPUT" in source:
        for line, found in numbered(HTML_ITEM, source):
            ticked = re.search(r"\bchecked\b", found["attributes"], re.IGNORECASE) is not None
            yield Item(found["id"], ticked, found["text"].strip(), line, "HTML checkbox")


def numbered(pattern: re.Pattern[str], source: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Each match with the 1-based line at which it starts."""
    line, place = 1, 0
    for found in pattern.finditer(source):
        line += source.count("\n", place, found.start())
        place = found.start()
        yield line, found


def set_ticks(source: str, wanted: dict[str, bool]) -> str:
    """The same text with the items named in `wanted` ticked or unticked; all others stay as they are."""

    def mark(found: re.Match[str]) -> str:
        if found["id"] not in wanted:
            return found[0]
        return f"{found['head']}{'x' if wanted[found['id']] else ' '}{found['tail']}"

    return ITEM.sub(mark, source) if "[" in source else source
