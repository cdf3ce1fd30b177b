"""Text from a stranger, made safe to show: the one place where names, addresses and reasons are stripped."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|\x9b[0-?]*[ -/]*[@-~]")
SPACE = re.compile(r"[ \t\r\n\f\v]+")
MANY = re.compile(r"\s+")
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, formats (bidi, zero width), surrogates, unassigned


def label(text: str, longest: int = LONGEST) -> str:
    """The same text on one line, without escape sequences, control, bidi or invisible characters, cut to `longest`."""
    text = SPACE.sub(" ", ESCAPE.sub("", text[: longest * 20]))
    if not (text.isascii() and text.isprintable()):
        text = "".join(c for c in text if unicodedata.category(c) not in HIDDEN)
    text = MANY.sub(" ", text).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"
