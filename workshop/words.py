"""Words inside a picture. matplotlib's own font has no Chinese or Bengali, and it can't join letters as Bengali needs.

So such words never reach it: while it draws, signs of about their width keep their place. In the finished SVG the words
themselves are put there, as text, and the reader's browser sets them in a font of its own.

    put("損失") --> "⠁⣿⣿" --matplotlib--> <text>⠁⣿⣿</text> --restored--> <text>損失</text>
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len

FONT = "DejaVu Sans"
FIRST, FILL, COUNT = 0x2801, "⣿", 250  # Braille patterns, which the font has and no chapter uses
SIGN = 0.732  # the width of one, in the font's size
NARROW = 0.65  # of a letter that takes one column in a terminal; one that takes two is as wide as the font's size


@lru_cache(maxsize=4096)
def drawable(text: str) -> bool:
    """Whether matplotlib's own font has a glyph for every character of a text."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties(family=[FONT])))
    return all(font.get_char_index(ord(character)) for character in text)


def breadth(texts: Iterable[str]) -> int:
    """The width of the widest text, in letters."""
    return max(map(cell_len, texts), default=0)


class Words:
    """What matplotlib is given in place of the words of one picture."""

    def __init__(self) -> None:
        """No words yet."""
        self.signs: dict[str, str] = {}

    def put(self, text: str) -> str:
        """What to draw for a text: the text itself, if the font has all of it."""
        if drawable(text):
            return text
        if text not in self.signs:
            rest, start = divmod(len(self.signs), COUNT)
            head = chr(FIRST + start) + chr(FIRST + rest) * (rest > 0)
            width = sum(1.0 if cell_len(each) == 2 else NARROW * cell_len(each) for each in text)
            self.signs[text] = head.ljust(math.ceil(width / SIGN), FILL)
        return self.signs[text]

    def restored(self, svg: str) -> str:
        """The picture with the words in it."""
        for text, sign in self.signs.items():
            svg = svg.replace(f">{sign}<", f">{html.escape(text, quote=False)}<")
        return svg
