"""Text from a stranger, made safe to show. Names, addresses and error messages from outside all pass through here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MAX_LENGTH = 200
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|\x9b[0-?]*[ -/]*[@-~]")
SPACE = re.compile(r"[ \t\r\n\f\v]+")
MANY = re.compile(r"\s+")
JOINERS = "\u200c\u200d"  # say whether two letters join, in the scripts from Arabic to Myanmar, and in Khmer
JOINING = re.compile("[\u0600-\u109f\u1780-\u17ff]")
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format, surrogate, private, unassigned, line separators


def visible(text: str) -> str:
    """The text without escape sequences, control, bidi or other invisible characters. Its lines and spaces stay, and so
    do the joiners between letters that Bengali, for one, needs."""
    if text.isascii() and text.isprintable():
        return text
    text = ESCAPE.sub("", text).replace("\t", " ")
    return "".join(shown(text, "\n"))


def shown(text: str, kept: str = "") -> list[str]:
    """The characters of a text that can be seen, those in `kept`, and joiners between letters which need them."""
    found = [c for c in text if c in kept or c in JOINERS or unicodedata.category(c) not in HIDDEN]
    if not any(c in JOINERS for c in found):
        return found
    around = zip(["", *found], found, [*found[1:], ""], strict=False)
    return [c for before, c, after in around if c not in JOINERS or (joins(before) and joins(after))]


def joins(character: str) -> bool:
    """Whether this is a letter or a sign on one, in a script whose letters join."""
    return bool(JOINING.match(character)) and unicodedata.category(character)[0] in "LM"


def label(text: str, longest: int = MAX_LENGTH) -> str:
    """The text on one line, cut to `longest` characters, without escape sequences, control, bidi or other invisible
    characters."""
    text = SPACE.sub(" ", ESCAPE.sub("", text[: longest * 20]))
    if not (text.isascii() and text.isprintable()):
        text = "".join(shown(text))
    text = MANY.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1].rstrip(JOINERS) + "…"


def plural(count: int, noun: str) -> str:
    """`1 element`, `2 elements`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def first_few(items: Sequence[str], most: int, between: str = ", ") -> str:
    """`a, b, c`; if there are more than so many: `a, b and 3 more`."""
    few, others = between.join(items[:most]), len(items) - most
    return f"{few} and {others} more" if others > 0 else few


def size(count: int) -> str:
    """A number of bytes for people: `120 MB`, `33 kB`, `7 bytes`."""
    for unit, number in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= number:
            return f"{count / number:.1f} {unit}" if count < 10 * number else f"{count // number:,} {unit}"
    return plural(count, "byte")
