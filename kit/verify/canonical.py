"""A cell without what Python ignores: comment lines, empty lines, trailing spaces.

    cells of a cohort --canonical--> fewer cells, each judged once

We judge the canonical cell, or our own cell if the two are the same without comments. Cells aren't parsed for this: if
a line that looks like a comment could be part of a string, the cell stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kit.course.blanks import SENTINEL
from kit.course.own_code import SEAM, parted

MAX_CELL = 20_000  # characters; a longer one stays as it is
# Multi-line strings; a line that continues on the next; `f"{x =}"`, which shows its own source; control characters.
UNSAFE = re.compile(r"\"\"\"|'''|\\\n|=\s*[}!:#]|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
COMMENT_LINE = re.compile(r"[ \t]*(#.*)?")


def without_comments(code: str) -> str:
    """The code without comment and empty lines; unchanged if that might change the program, or if a blank is left."""
    if len(code) > MAX_CELL or SENTINEL in code or UNSAFE.search(code):
        return code
    return "\n".join(line.rstrip(" \t") for line in code.split("\n") if not COMMENT_LINE.fullmatch(line))


class CanonicalCells:
    """Finds the cell to judge in place of a student's."""

    def __init__(
        self, ours: Iterable[tuple[str, str]], needs: Callable[[str, str], frozenset[str]] | None = None
    ) -> None:
        """`ours` are pairs of an exercise's id and a cell that we wrote for it. `needs` gives the names that such a
        cell needs beyond those that its chapter has; without it, whatever stands above a cell comes along.
        """
        self.needs = needs
        self.ours = {(exercise_id, without_comments(code)): code for exercise_id, code in sorted(ours)}

    def find(self, exercise_id: str, source: str) -> str:
        """Our own cell if this one is the same without comments, or else this one without comments.

        The cells above our own are left out if ours needs nothing of them: then none of them would come along.
        """
        own, cell = parted(source)
        short = without_comments(cell)
        ours = self.ours.get((exercise_id, short))
        if ours and own and self.needs and not self.needs(exercise_id, ours):
            return ours
        return SEAM.join([*own, ours or short])
