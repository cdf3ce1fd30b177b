"""A translated paragraph in lines, the way the English ones are: never a line that would start something else."""

from __future__ import annotations

import re
import unicodedata

WIDTH = 118
WORDS = re.compile(r"(?:`[^`\n]*`|\S)+")
STARTS_A_BLOCK = re.compile(r"[-+*>#|=!<%&]|\d+[.)]|~~~|```")
WIDE = frozenset("WF")


def columns(text: str) -> int:
    """How wide a text is in a fixed-width font; Chinese and Japanese characters take two columns, marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in WIDE else 1 for each in text
    )


def fold(text: str, width: int) -> list[str]:
    """The lines of a paragraph. Inline code isn't broken, and a word that would begin a list or heading isn't first."""
    lines: list[list[str]] = []
    room = 0
    for word in WORDS.findall(text):
        wide = columns(word)
        if lines and (wide < room or STARTS_A_BLOCK.match(word)):
            lines[-1].append(word)
            room -= wide + 1
        else:
            lines.append([word])
            room = width - wide
    return [" ".join(line) for line in lines] or [""]
