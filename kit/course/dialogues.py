"""Things that people say to a machine, and what ours might answer: fifteen scenes, written for this course.

A scene has several lines `You: ...` and several `GPT: ...`; any of these answers any of those. An empty line ends it.
Only characters of the plays occur, so whatever learned to write from them can read it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def dialogues() -> str:
    """The text of all scenes."""
    return Path(__file__).with_name("dialogues.txt").read_text(encoding="utf-8")
