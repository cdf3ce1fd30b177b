"""The exercise a person means by where their cursor is, and what messages call files."""

from __future__ import annotations

import re
from pathlib import Path

from kit.course.answers import read_file
from kit.errors import KitError

CURSOR = re.compile(r"(?P<file>.+\.(?:py|ipynb)):(?P<line>\d+)")


def shown(path: Path) -> str:
    """A path as a person would type it in the current folder."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def exercise_at(word: str, *, or_next: bool = False) -> str:
    """For `FILE:LINE`, the id of the exercise whose cell is at that line; any other word is returned as it is.

    With `or_next`, the next exercise below will do as well. In a notebook, where lines mean nothing, that's the first
    one that isn't filled.

    Raises:
        KitError: there's no such exercise, or the file can't be read.
    """
    cursor = CURSOR.fullmatch(word)
    if cursor is None:
        return word
    path, line = Path(cursor["file"]), int(cursor["line"])
    if path.suffix == ".ipynb" and not or_next:
        raise KitError("a notebook's line doesn't say which exercise you mean", word, "name it, such as 06.03")
    answers = sorted(read_file(path).answers.values(), key=lambda answer: answer.line)
    for answer in answers:
        if path.suffix == ".ipynb":
            found = not answer.filled
        else:
            found = line <= answer.line + answer.source.count("\n") and (or_next or line >= answer.line)
        if found:
            return answer.id
    what = "there's no exercise at this line or below it" if or_next else "there's no exercise at this line"
    raise KitError(what, word, "put the cursor in its cell, or name it, such as 06.03")
