"""Which exercise a person means: by its id, or by the place in a file where their cursor stands. And how a file is
named to them."""

from __future__ import annotations

import re
from pathlib import Path

from kit.course.answers import read_file
from kit.course.course import Course
from kit.errors import KitError

SPOT = re.compile(r"(?P<file>.+\.(?:py|ipynb)):(?P<line>\d+)")


def shown(path: Path) -> str:
    """A path as the person would type it here."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def exercise_around(word: str) -> str:
    """What `word` names: itself, or, for `FILE.py:LINE`, the id of the exercise in whose cell that line is.

    Raises:
        KitError: the line is in no exercise's cell, or in a notebook, where lines say nothing.
    """
    spot = SPOT.fullmatch(word)
    if spot is None:
        return word
    line = int(spot["line"])
    answers = read_file(Path(spot["file"])).answers.values() if spot["file"].endswith(".py") else ()
    for answer in answers:
        if answer.line <= line <= answer.line + answer.source.count("\n"):
            return answer.id
    raise KitError("no exercise's cell is at this line", word, "put the cursor into one, or name it, such as 06.03")


def exercise_at(course: Course, word: str) -> str:
    """The id that `word` names: itself, or, for `FILE:LINE`, that of the cell around the line, else of the next one.

    Lines of a notebook say nothing: there it is the first exercise that is not filled.

    Raises:
        KitError: there is no such exercise, or no exercise at or below that line.
    """
    spot = SPOT.fullmatch(word)
    if spot is None:
        return course.exercise(word)[1].id
    answers = sorted(read_file(Path(spot["file"])).answers.values(), key=lambda answer: answer.line)
    if spot["file"].endswith(".py"):
        line = int(spot["line"])
        found = next((a.id for a in answers if line <= a.line + a.source.count("\n")), "")
    else:
        found = next((a.id for a in answers if not a.filled), "")
    if not found:
        raise KitError("there is no exercise at this line or below it", word, "name one, such as 06.03")
    return course.exercise(found)[1].id
