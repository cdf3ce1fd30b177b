"""The file and line that a flag points to: the first exercise or item it names, in a script or a notebook.

Flag + bytes of a file -> Flag with path and line
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from kit.course.cells import unify_newlines
from kit.forks.listing import ChapterFile
from kit.pairs.progress import EQUAL, UNREADABLE, Flag
from kit.text import label

EXERCISE = r"""^[ "]*check\(\s*\\?["']{id}\\?["']"""
ITEM = r"""(?:\[[^\]\n]{{0,9}}\][ \t~*_`]*|<input[^<>\n]{{0,400}}>[^\n<]{{0,400}}?){id}(?![^\W_])"""
CONFLICT = r"""^[ "]*<{{7}}"""
NAMED = re.compile(r"(?P<kind>exercise|item) (?P<id>\d\d\.(?:\d\d|[a-z]\d+)) (?P<rest>.+)")
EXERCISES = ("ticked but blank", "pair differs", "unknown exercise")
SECOND = ("twice", "ambiguous")


def line_of(text: str, pattern: str, wanted_id: str, place: int = 1) -> int:
    """The line, from 1, where a pattern occurs for the `place`-th time; 0 if it doesn't."""
    for number, found in enumerate(re.finditer(pattern.format(id=re.escape(wanted_id)), text, re.MULTILINE), 1):
        if number == place:
            return text.count("\n", 0, found.start()) + 1
    return 0


def search_for(flag: Flag) -> tuple[str, str, int] | None:
    """What to search for: a pattern, an id, and which occurrence; None if the flag isn't about a line."""
    named = NAMED.fullmatch(flag.word)
    if flag.word == "conflict":
        return CONFLICT, "", 1
    if named:
        pattern = EXERCISE if named["kind"] == "exercise" else ITEM
        return pattern, named["id"], 2 if named["rest"] in SECOND else 1
    if flag.ids and flag.word in EXERCISES:
        return EXERCISE, flag.ids[0], 1
    if flag.ids and flag.word == "unknown item":
        return ITEM, flag.ids[0], 1
    return None


def with_line(
    flags: Sequence[Flag], files: Sequence[ChapterFile], first: str, text_of: Callable[[ChapterFile], str]
) -> tuple[Flag, ...]:
    """The same flags, each with its file and line, if it has one.

    The script is searched before the notebook. `first` is the chapter's first exercise, which is where the flag for
    answers equal to ours points. `text_of` gives a file's text with uniform line endings.
    """
    order = sorted(files, key=lambda file: file.notebook)
    found: list[Flag] = []
    for flag in flags:
        aim = (EXERCISE, first, 1) if flag.word == EQUAL else search_for(flag)
        if aim:
            for file in order:
                line = 0 if file.flag else line_of(text_of(file), *aim)
                if line:
                    flag = replace(flag, path=label(file.path), line=line)
                    break
        elif flag.word in UNREADABLE and len(order) == 1:
            flag = replace(flag, path=label(order[0].path))
        elif flag.word in UNREADABLE:
            odd = [file for file in order if file.flag == flag.word]
            flag = replace(flag, path=label(odd[0].path)) if odd else flag
        found.append(flag)
    return tuple(found)


def text_in(data: bytes) -> str:
    """A file's text for counting lines, whatever its bytes are, with uniform line endings."""
    return unify_newlines(data.decode("utf-8", "replace"))
