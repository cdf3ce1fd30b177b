"""One text of a chapter that a translation replaces, and where it is.

A paragraph, a checklist's label, a comment or a figure's title is an entry; code and ids never are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "heading",
    "paragraph",
    "list item",
    "checklist label",
    "table",
    "comment",
    "comment of a blank",
    "docstring",
    "hint",
    "mistake",
    "probe caption",
    "title",
    "axis name",
    "alternative text",
    "label",
    "printed text",
    "message",
]
NOTES: dict[Kind, str] = {
    "heading": "a heading; its number and its minutes are put back",
    "paragraph": "",
    "list item": "",
    "checklist label": "a checklist line, after its box and id: what was done",
    "table": "a table in Markdown; rows, columns and the line of dashes stay",
    "comment": "a comment in the code",
    "comment of a blank": "the comment beside a blank, which says what belongs there",
    "docstring": "what a function or class says about itself; shapes stay as they are",
    "hint": "points the way without giving the answer away",
    "mistake": "told to whoever has just made this mistake",
    "probe caption": "names a value that the judge compares, in a message about it",
    "title": "a figure's title",
    "axis name": "the name of a figure's axis",
    "alternative text": "describes a figure to someone who can't see it",
    "label": "a label or legend in a figure",
    "printed text": "printed by a cell; spaces may line up columns",
    "message": "what the kit says to a learner",
}
IN_BRACES = re.compile(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
NOT_WORDS = re.compile(r"`+[^`]*`+|<[^<>]+>|\]\([^)]*\)")
WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A text to translate. `context` is the cell's id in the notebook, the kind, and which one of that kind it is.

    In a `template`, `{...}` are expressions that the code fills in; braces of the text itself are doubled.
    """

    context: str
    kind: Kind
    text: str
    note: str = ""
    template: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What its translation is found by. Equal texts in different places have different ones."""
        return self.context, self.text


Say = Callable[[Kind, str, str, bool], str | None]
"""Asked for each text in turn: its kind, the text, a note, whether it's a template. `None` leaves it as it is."""


def has_words(text: str, template: bool = False) -> bool:
    """Whether there's anything to translate outside of code, links' targets and placeholders."""
    text = IN_BRACES.sub(" ", text) if template else text
    return WORD.search(NOT_WORDS.sub(" ", text)) is not None
