"""A cell without what Python does not read: lines that hold a comment alone, empty lines, spaces at the ends of lines.

    cells of a cohort --bare--> fewer cells, each of which is judged once

What is judged is the bare cell, or ours where the two are the same when bare. Cells are not parsed for that: where a
line that looks like a comment could be part of a string, a cell stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kit.course.blanks import SENTINEL

LONGEST = 20_000  # characters of a cell that is looked at
# strings over many lines; a line that goes on in the next; `f"{x =}"`, which shows its own text; what is no text
UNSURE = re.compile(r"\"\"\"|'''|\\\n|=\s*[}!:#]|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
NOTHING = re.compile(r"[ \t]*(#.*)?")


def without_comments(code: str) -> str:
    """The code without lines that say nothing; the very same code where that is not sure, or a blank is left."""
    if len(code) > LONGEST or SENTINEL in code or UNSURE.search(code):
        return code
    return "\n".join(line.rstrip(" \t") for line in code.split("\n") if not NOTHING.fullmatch(line))


class CanonicalCells:
    """What cells say, by exercise: ours where a cell says what one of ours says, else the bare cell."""

    def __init__(self, ours: Iterable[tuple[str, str]]) -> None:
        """`ours` are exercises' ids with the cells that we wrote for them."""
        self.ours = {(id, without_comments(code)): code for id, code in sorted(ours)}

    def of(self, id: str, source: str) -> str:
        """The cell to judge for this one."""
        short = without_comments(source)
        return self.ours.get((id, short), short)
