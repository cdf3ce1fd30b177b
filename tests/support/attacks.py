"""The attacks of attacks.txt, by name: the exercise and the cell. Data; nothing here runs it."""

from __future__ import annotations

import re
from pathlib import Path

HEADING = re.compile(r"^### (\d\d\.\d\d) (.+)\n", re.MULTILINE)


def read_attacks() -> dict[str, tuple[str, str]]:
    """Every attack, in the order of the file."""
    _, *parts = HEADING.split((Path(__file__).parent / "attacks.txt").read_text(encoding="utf-8"))
    return {name: (exercise_id, code.strip()) for exercise_id, name, code in zip(*[iter(parts)] * 3, strict=True)}


ATTACKS = read_attacks()
