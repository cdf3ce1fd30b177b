"""The texts of a Markdown cell: found by the structure of its blocks, and replaced line for line.

- [ ] 02.01 Show that an id ...       markup stays    text is replaced
^^^^^^^^^^^                            code fences, HTML and rules stay whole
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from kit.course.checklist import ITEM_ID
from kit.translation.entry import NOTES, Kind, Say, has_words
from kit.translation.fold import WIDTH, fold
from kit.translation.language import MINUTES

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

NUMBER = re.compile(r"\d\d(?= )")
IN_MINUTES = re.compile(r" · (?P<count>\d+) min$")
BOX = re.compile(rf"\[ \] {ITEM_ID}(?!\w)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text in a cell: its lines (the last excluded), what's before it on the first of them, a section's minutes."""

    first: int
    last: int
    kind: Kind
    text: str
    before: str = ""
    minutes: str = ""


@cache
def blocks() -> MarkdownIt:
    """A parser of CommonMark's blocks and of tables, which leaves what's in a line alone."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable("inline")
    return parser


@lru_cache(maxsize=4096)  # the build asks once for each language
def passages(source: str, names: frozenset[str] = frozenset()) -> tuple[Passage, ...]:
    """The texts of a cell that have words in them; a heading that is one of the `names` in the code has none."""
    return tuple(found for found in texts(source, names) if has_words(found.text))


def texts(source: str, names: frozenset[str]) -> Iterator[Passage]:
    """The texts of a cell, in order."""
    lines = source.split("\n")
    table_ends, before, tag = 0, "", ""
    for token in blocks().parse(source):
        if token.type == "table_open" and token.map:
            first, table_ends = token.map
            yield Passage(first, table_ends, "table", "\n".join(line.rstrip() for line in lines[first:table_ends]))
        elif token.type in ("heading_open", "paragraph_open"):
            before, tag = token.type, token.tag
        elif token.type == "inline" and token.map and token.map[0] >= table_ends:
            found = passage(lines, (token.map[0], token.map[1]), token.content, before)
            found = number_apart(found) if tag == "h1" else minutes_apart(found)
            if not (before == "heading_open" and found.text in names):
                yield found


def passage(lines: list[str], place: tuple[int, int], content: str, opened: str) -> Passage:
    """The text of one block, unwrapped, with the block's markup apart."""
    head = content.split("\n", 1)[0].rstrip()
    line = lines[place[0]].rstrip()
    markup, text = line[: len(line) - len(head)], " ".join(content.split())
    if opened == "heading_open":
        return Passage(*place, "heading", text, markup)
    box = BOX.match(text)
    if box:
        return Passage(*place, "checklist label", text[box.end() + 1 :], f"{markup}{box[0]} ")
    return Passage(*place, "list item" if markup.strip(" >") else "paragraph", text, markup)


def number_apart(found: Passage) -> Passage:
    """A chapter's title without its number."""
    number = NUMBER.match(found.text)
    return replace(found, before=f"{found.before}{number[0]} ", text=found.text[3:]) if number else found


def minutes_apart(found: Passage) -> Passage:
    """A section's title without its minutes."""
    minutes = IN_MINUTES.search(found.text) if found.kind == "heading" else None
    return replace(found, text=found.text[: minutes.start()], minutes=minutes["count"]) if minutes else found


def rewrite(source: str, say: Say, wrap: bool, names: frozenset[str] = frozenset(), minutes: str = MINUTES) -> str:
    """A text cell with what `say` gives in place of its texts; with `wrap`, in lines as long as the English ones.

    `minutes` has `{}` for the number of a section's minutes.
    """
    lines = source.split("\n")
    found = passages(source, names)
    said = [say(each.kind, each.text, NOTES[each.kind], False) for each in found]
    for each, text in reversed(list(zip(found, said, strict=True))):
        if text is not None:
            lines[each.first : each.last] = lines_of(each, text, wrap, minutes)
    return "\n".join(lines)


def lines_of(place: Passage, text: str, wrap: bool, minutes: str) -> list[str]:
    """The lines of a text in its place."""
    if place.kind == "table":
        return text.split("\n")
    rest = re.sub(r"[^>]", " ", place.before)
    parts = fold(text, WIDTH - len(rest)) if wrap and place.kind not in ("heading", "checklist label") else [text]
    heads = [place.before, *[rest] * (len(parts) - 1)]
    if place.minutes:
        parts[-1] += f" · {minutes.format(place.minutes)}"
    return [head + part for head, part in zip(heads, parts, strict=True)]
