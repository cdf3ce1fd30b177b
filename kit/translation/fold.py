"""A translated paragraph in lines, the way the English ones are: never a line that would start something else."""

from __future__ import annotations

import re

from rich.cells import cell_len

WIDTH = 118
WORDS = re.compile(r"(?:`[^`\n]*`|\S)+")
STARTS_A_BLOCK = re.compile(r"[-+*>#|=!<%&]|\d+[.)]|~~~|```")


def fold(text: str, width: int) -> list[str]:
    """The lines of a paragraph. Inline code isn't broken, and a word that would begin a list or heading isn't first."""
    lines: list[list[str]] = []
    room = 0
    for word in WORDS.findall(text):
        wide = cell_len(word)
        if lines and (wide < room or STARTS_A_BLOCK.match(word)):
            lines[-1].append(word)
            room -= wide + 1
        else:
            lines.append([word])
            room = width - wide
    return [" ".join(line) for line in lines] or [""]
