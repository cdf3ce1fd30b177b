"""Hints climb a ladder: the authored hint, the answer with its names hidden, the answer.

What stands beside a blank, the learner has read already, so that's no rung.
"""

from __future__ import annotations

import builtins
import json
import keyword
import tokenize
from contextlib import suppress
from pathlib import Path
from textwrap import wrap

from kit import files
from kit.course.blanks import tokens
from kit.course.cells import ANCHOR
from kit.course.chapter import Exercise
from kit.errors import KitError
from kit.i18n import told
from kit.judge.show import fold
from kit.terminal import terminal_width

RUNGS_FILE = "hints.json"  # in `.workshop/`
HIDDEN = "▢"
SHOWN = {*dir(builtins), *keyword.kwlist, "torch", "nn", "F", "math", "self", "super"}


def hide_names(expression: str) -> str:
    """An expression with its own names hidden: `torch.dot(query, key)` becomes `torch.dot(▢, ▢)`."""
    try:
        found = tokens(expression)
    except SyntaxError:
        return HIDDEN
    result, column, line = "", 0, 1
    for place, token in enumerate(found):
        if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            break
        if token.type == tokenize.NL:
            continue
        if token.start[0] != line:
            result, line, column = f"{result}\n", token.start[0], 0
        result += " " * (token.start[1] - column)
        column = token.end[1]
        after_dot = place > 0 and found[place - 1].string == "."
        is_keyword = found[place + 1].string == "=" if place + 1 < len(found) else False
        hide = token.type == tokenize.NAME and token.string not in SHOWN and not after_dot and not is_keyword
        result += HIDDEN if hide else token.string
    return result


def in_words(exercise: Exercise) -> str:
    """The authored hint."""
    return exercise.hint


def in_outline(exercise: Exercise) -> str:
    """The answer with its names hidden, a line for each blank."""
    return "\n".join(hide_names(exercise.answer(blank)) for blank in range(len(exercise.blanks)))


def in_full(exercise: Exercise) -> str:
    """The answer, a line for each blank."""
    return "\n".join(exercise.answer(blank) for blank in range(len(exercise.blanks)))


LADDER = (in_words, in_outline, in_full)
RUNGS = len(LADDER)


def is_code(number: int) -> bool:
    """Whether a rung, from 1, is code, to be shown as it stands."""
    return LADDER[number - 1] is not in_words


def rung(exercise: Exercise, number: int) -> str:
    """The text of a rung, from 1."""
    return LADDER[number - 1](exercise)


def to_text(exercise: Exercise, number: int) -> str:
    """A rung for a terminal: which one it is, and below that its text."""
    text = f"{head(exercise, number)}\n  " + rung(exercise, number).replace("\n", "\n  ")
    return text if is_code(number) else fold(text, terminal_width())


def head(exercise: Exercise, number: int) -> str:
    """Which rung this is, and for which exercise."""
    return told(f"hint {number} of {RUNGS} for {exercise.id}")


def without_check(code: str) -> str:
    """An exercise's cell without its `check(...)`."""
    return ANCHOR.sub("", code).rstrip()


def solution(exercise: Exercise, width: int = 1000) -> str:
    """The finished cell without its `check(...)`; comments past `width` columns are wrapped or left out.

    The code itself stays as it is, so it can be copied.
    """
    lines = without_check(exercise.code).split("\n")
    for token in reversed(tokens("\n".join(lines))):
        row = token.start[0] - 1
        if token.type != tokenize.COMMENT or len(lines[row]) <= width:
            continue
        before = lines[row][: token.start[1]]
        if before.strip():
            lines[row] = before.rstrip()
        else:
            room = max(width - len(before), 20)
            lines[row : row + 1] = [before + line for line in wrap(token.string, room, subsequent_indent="# ")]
    return "\n".join(lines)


def next_rung(root: Path, exercise_id: str, rungs: int, wanted: int | None = None) -> int:
    """Choose and remember the rung to show now, from 1: the `wanted` one, or the one above the last.

    If it can't be remembered, the next call starts at the bottom again.
    """
    path = root / files.WORKSHOP_FOLDER / RUNGS_FILE
    shown: dict[str, int] = {}
    with suppress(OSError, ValueError, AttributeError):
        shown = {key: int(value) for key, value in json.loads(path.read_bytes()).items()}
    number = min(max(wanted or shown.get(exercise_id, 0) + 1, 1), rungs)
    with suppress(KitError):
        files.write(path, json.dumps(shown | {exercise_id: number}).encode(), root)
    return number
