"""Text from a stranger, made safe to show. Names, addresses and error messages from outside all pass through here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MAX_LENGTH = 200
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|\x9b[0-?]*[ -/]*[@-~]")
SPACE = re.compile(r"[ \t\r\n\f\v]+")
MANY = re.compile(r"\s+")
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format, surrogate, private, unassigned, line separators


def visible(text: str) -> str:
    """The text without escape sequences, control, bidi or other invisible characters. Its lines and spaces stay."""
    if text.isascii() and text.isprintable():
        return text
    text = ESCAPE.sub("", text).replace("\t", " ")
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in HIDDEN)


def label(text: str, longest: int = MAX_LENGTH) -> str:
    """The text on one line, cut to `longest` characters, without escape sequences, control, bidi or other invisible
    characters."""
    text = SPACE.sub(" ", ESCAPE.sub("", text[: longest * 20]))
    if not (text.isascii() and text.isprintable()):
        text = "".join(c for c in text if unicodedata.category(c) not in HIDDEN)
    text = MANY.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def plural(count: int, noun: str) -> str:
    """`1 element`, `2 elements`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def first_few(items: Sequence[str], most: int, between: str = ", ") -> str:
    """`a, b, c`; if there are more than so many: `a, b and 3 more`."""
    shown, others = between.join(items[:most]), len(items) - most
    return f"{shown} and {others} more" if others > 0 else shown
