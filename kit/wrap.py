"""Prose in lines, by the columns that it takes in a terminal: a Chinese character takes two, a Bengali vowel sign none.

Between two wide characters a line may end anywhere, apart from the marks that mustn't begin or end one.
"""

from __future__ import annotations

import re
import textwrap

WIDE = "\u2e80-\u303e\u3041-\u33ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
OPENING = "([{「『（［｛〔〈《【“‘"
CLOSING = ")]}」』）］｝〕〉》】”’、。，．・：；！？…ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;!?"
UNIT = re.compile(
    rf"\s+|(?:[{re.escape(OPENING)}]*(?:[{WIDE}]|[^\s{WIDE}{re.escape(OPENING)}]+)|[{re.escape(OPENING)}]+)"
    rf"[{re.escape(CLOSING)}]*"
)


def wrapped(text: str, width: int, indent: str = "", whole_words: bool = True) -> list[str]:
    """A line of text as lines of at most so many columns; those after the first are indented.

    A word that's longer stays whole, unless it needn't. Spaces at a line's end go.
    """
    if text.isascii():
        return textwrap.wrap(
            text, width, subsequent_indent=indent, break_long_words=not whole_words, break_on_hyphens=False
        )
    from rich.cells import cell_len, chop_cells

    units: list[str] = UNIT.findall(text)
    if not whole_words:
        units = [part for unit in units for part in chop_cells(unit, width - len(indent))]
    lines: list[str] = []
    line, begun = "", False  # whether a word is in it
    for unit in units:
        if begun and not unit.isspace() and cell_len(line + unit) > width:
            lines.append(line.rstrip())
            line = indent
        if line != indent or not lines or not unit.isspace():
            line += unit
        begun = begun or not unit.isspace()
    return [*lines, line.rstrip()] if line.strip() else lines


def is_wider(text: str, width: int) -> bool:
    """Whether a text takes more than so many columns."""
    if text.isascii() or 2 * len(text) <= width:
        return len(text) > width
    from rich.cells import cell_len

    return cell_len(text) > width


def padded(text: str, width: int) -> str:
    """A text with as many spaces as it takes to fill so many columns."""
    from rich.cells import cell_len

    return text + " " * (width - cell_len(text))
