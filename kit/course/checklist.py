"""Checklists: the items in a chapter's text, and everything we do with their ticks.

An item is a line such as `- [ ] 06.03 Mix the values`. Its id says which exercise it ticks (`06.03`), or that it's
self-reported (`06.r1`); the words after the id are for people. Its mark is what's in the brackets: `x`, a space, or
something odd. Extensions that tick a box strike the line through or date it (`- [x] ~~*06.03 Mix*~~ [2026-03-14]`), and
people leave out a space (`-[x] 06.03`); those are items too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kit.course.cells import Cell

ITEM_ID = r"\d\d\.(?:\d\d|[a-z]\d+)"
ITEM = re.compile(
    r"^(?P<head>[ \t>]*(?:[-*+]|\d+[.)])[ \t]*\[)(?P<mark>[^\]\n]{0,5})"
    rf"(?P<tail>\](?P<style>[ \t~*_`]*)(?P<id>{ITEM_ID})(?![^\W_])(?P<text>[^\n]*))",
    re.MULTILINE,
)
STYLED_END = re.compile(r"[~*_`]+(?:\s*\[[^\]]*\])?$")
HTML_ITEM = re.compile(
    rf"<input\b(?P<attributes>[^<>]{{0,200}}\bcheckbox\b[^<>]{{0,200}})>[^\n<]*?(?P<id>{ITEM_ID})(?!\w)(?P<text>[^\n]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One checklist line. `line` counts from 1 within the cell; `flag` says what's odd about the way it's written."""

    id: str
    ticked: bool
    text: str
    line: int = 1
    flag: str = ""


def items(source: str) -> Iterator[Item]:
    """The items of a text cell, in order."""
    if "[" in source:
        for line, found in with_lines(ITEM, source):
            mark = found["mark"]
            flag = "" if mark in (" ", "x", "X") else f"odd tick [{mark}]"
            text = found["text"].strip()
            if found["style"].strip():
                text = STYLED_END.sub("", text).lstrip("~*_` ")
            yield Item(found["id"], mark in ("x", "X"), text, line, flag)
    if "<input" in source or "<INPUT" in source:
        for line, found in with_lines(HTML_ITEM, source):
            ticked = re.search(r"\bchecked\b", found["attributes"], re.IGNORECASE) is not None
            yield Item(found["id"], ticked, found["text"].strip(), line, "HTML checkbox")


def all_items(cells: Iterable[Cell]) -> Iterator[Item]:
    """The items of all text cells, in order."""
    for cell in cells:
        if cell.kind == "markdown":
            yield from items(cell.source)


def with_lines(pattern: re.Pattern[str], source: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The line that each match starts on (from 1), and the match."""
    line, place = 1, 0
    for found in pattern.finditer(source):
        line += source.count("\n", place, found.start())
        place = found.start()
        yield line, found


def mention_of(item_id: str, cells: Iterable[Cell]) -> tuple[int, str] | None:
    """The line of the first text that names an item without being one, and what it says; `None` if there's none.

    Lines are those of the cells' file.
    """
    name = rf"{re.escape(item_id)}(?![^\W_])"
    named = re.compile(rf"(?!\s*#)(?:[^\w\n]*(?:x\b[^\w\n]*)?{name}|.*\[.*(?<![\w.]){name})", re.IGNORECASE)
    for cell in cells:
        for number, line in enumerate(cell.source.split("\n") if cell.kind != "code" else ()):
            if named.match(line):
                return cell.line + number, line.strip()
    return None


def tick_marks(cells: Iterable[Cell]) -> dict[str, str]:
    """The mark of each item, with `X` as `x`. Where an id occurs twice, a tick wins."""
    found: dict[str, str] = {}
    for cell in cells:
        if cell.kind == "markdown" and "[" in cell.source:
            for line in ITEM.finditer(cell.source):
                if found.get(line["id"]) != "x":
                    found[line["id"]] = line["mark"].replace("X", "x")
    return found


def with_marks(cell: Cell, marks: Mapping[str, str]) -> Cell:
    """The cell with these marks, by item id; other items keep theirs. An `X` stays if `x` is asked for."""

    def put(found: re.Match[str]) -> str:
        mark = marks.get(found["id"], found["mark"])
        return found[0] if mark == found["mark"].replace("X", "x") else f"{found['head']}{mark}{found['tail']}"

    if cell.kind != "markdown" or "[" not in cell.source:
        return cell
    return Cell(cell.kind, ITEM.sub(put, cell.source), cell.line)


def with_ticks(cells: Iterable[Cell], ticks: Mapping[str, bool]) -> tuple[Cell, ...]:
    """The cells with these items ticked or not, by id; other items stay as they are."""
    marks = {item_id: "x" if ticked else " " for item_id, ticked in ticks.items()}
    return tuple(with_marks(cell, marks) for cell in cells)


def unticked(cell: Cell) -> Cell:
    """The cell with every box empty."""
    return with_marks(cell, dict.fromkeys(tick_marks([cell]), " "))


def merge_ticks(base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """The mark of each item after a three-way merge. Where both sides changed it differently, a tick wins."""
    merged: dict[str, str] = {}
    for item_id in {**ours, **theirs}:
        old, one, two = base.get(item_id, " "), ours.get(item_id), theirs.get(item_id)
        one, two = (two if one is None else one), (one if two is None else two)
        assert one is not None and two is not None
        if one == two or old == two:
            merged[item_id] = one
        elif old == one:
            merged[item_id] = two
        else:
            merged[item_id] = "x" if "x" in (one, two) else one
    return merged
