"""How far a student has got in one chapter: both files of the pair, compared with the chapter itself. Pure.

Outline (the course's chapter) + Side (.py) + Side (.ipynb)  ->  ChapterProgress
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kit.course.blanks import SENTINEL
from kit.course.outline import Outline
from kit.i18n import noted
from kit.pairs.fast_read import Answer, Side
from kit.text import first_few, label

UNREADABLE = frozenset(
    {"conflict", "binary", "not text", "unreadable notebook", "symlink", "submodule", "folder", "too large"}
)
MOST_FLAGS = 20
MOST_IDS = 12
MADE = re.compile(r"^(?:(?:def|class) +(\w+)|([a-z_]\w*(?:, *\w+)*) *=(?!=))", re.MULTILINE | re.IGNORECASE)
EQUAL = "equal to the finished chapter"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at in a chapter: a phrase, the exercises or items it's about, and where the first one is.

    `path` is the file in the fork, at the commit that was read; `line` counts from 1; 0 if it isn't about a line.
    """

    word: str
    ids: tuple[str, ...] = ()
    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        """`ticked but blank 01.02`."""
        return f"{self.word} {first_few(self.ids, MOST_IDS)}" if self.ids else self.word


@dataclass(frozen=True, slots=True)
class ChapterProgress:
    """One chapter in one fork.

    `total` counts the chapter's items, self-reported ones included; `ticked` are the items the student has ticked,
    `filled` the exercises without a blank. `verified` is None until somebody runs the checks; after that, `failed` has
    the reason for each filled exercise that didn't pass, or couldn't be judged.
    """

    total: int
    ticked: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    verified: tuple[str, ...] | None = None
    flags: tuple[Flag, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


def merged_progress(outline: Outline, found: Sequence[ChapterProgress]) -> ChapterProgress:
    """The progress of someone who has worked on a chapter in several languages: an exercise counts as filled, an item
    as ticked, if it is in any of them.

    What's wrong in one language and right in another is no flag; everything else that's odd still is.
    """
    filled = {each for progress in found for each in progress.filled}
    ticked = {each for progress in found for each in progress.ticked}
    flags: dict[tuple[str, tuple[str, ...]], Flag] = {}
    for progress in found:
        for flag in progress.flags:
            ids = tuple(each for each in flag.ids if not settled(flag.word, each, filled, found))
            if ids or not flag.ids:
                flags.setdefault((flag.word, ids), replace(flag, ids=ids))
    return ChapterProgress(
        len(outline.items),
        tuple(each for each in outline.items if each in ticked),
        tuple(each for each in outline.exercises if each in filled),
        flags=tuple(flags.values()),
    )


def settled(word: str, item_id: str, filled: Collection[str], found: Sequence[ChapterProgress]) -> bool:
    """Whether another language has what a flag misses in this one."""
    if word == "ticked but blank":
        return item_id in filled
    if word not in ("exercise missing", "item missing"):
        return False
    return not all(any(flag.word == word and item_id in flag.ids for flag in progress.flags) for progress in found)


def same(one: str, other: str) -> bool:
    """Whether two cells are the same, apart from trailing spaces."""
    if one == other:
        return True
    return [line.rstrip() for line in one.split("\n")] == [line.rstrip() for line in other.split("\n")]


def fills(outline: Outline, exercise_id: str, answer: Answer) -> bool:
    """Whether an exercise is filled in its cell. Blanks of another one, if cells were merged, aren't this one's."""
    if answer.filled or SENTINEL not in answer.source:
        return answer.filled
    blanks = (line[: line.index(SENTINEL)].strip() for line in answer.source.split("\n") if SENTINEL in line)
    own = outline.lines[exercise_id]
    return all(
        start and not begins(own, start) and any(begins(lines, start) for lines in outline.lines.values())
        for start in blanks
    )


def begins(lines: Sequence[str], start: str) -> bool:
    """Whether one of these lines begins like this."""
    return any(line.startswith(start) for line in lines)


def is_beside(outline: Outline, exercise_id: str, sides: Sequence[Side]) -> bool:
    """Whether an exercise without a cell has its code in the cell of another one, whose `check` is all that's left."""
    made = set(MADE.findall(outline.finished[exercise_id]))
    sources = (answer.source for side in sides for answer in side.answers.values())
    return bool(made) and any(made.issubset(MADE.findall(source)) for source in sources)


def is_apart(outline: Outline, exercise_id: str, side: Side) -> bool:
    """Whether a cell has nothing but its `check`, and one above it, without a blank, makes what the exercise makes."""
    answer = side.answers.get(exercise_id)
    if answer is None or answer.filled or SENTINEL in answer.source:
        return False
    made = set(MADE.findall(outline.finished[exercise_id]))
    above = (cell for cell in side.above.get(exercise_id, ()) if SENTINEL not in cell)
    return bool(made) and any(made.issubset(MADE.findall(cell)) for cell in above)


def unread(side: Side | None) -> bool:
    """Whether nothing could be read from this file."""
    return side is None or not UNREADABLE.isdisjoint(side.flags)


def disagreement(blanks: int, one: Answer, other: Answer) -> str:
    """Empty if both files have the same answer, `stale` if one still has all its blanks, else `differs`."""
    if same(one.source, other.source):
        return ""
    for answer in (one, other):
        if not answer.filled and answer.source.count(SENTINEL) >= blanks:
            return "stale"
    return "differs"


def chapter_progress(outline: Outline, script: Side | None, notebook: Side | None) -> ChapterProgress:
    """The progress in one chapter.

    An exercise counts as filled, and an item as ticked, if it is in either file: a student works in one of them, and
    the other one follows when they save. If either file has conflict markers, nothing counts.
    """
    total = len(outline.items)
    sides = [side for side in (script, notebook) if side is not None]
    words = list(dict.fromkeys(label(flag) for side in sides for flag in side.flags))[:MOST_FLAGS]
    if not sides:
        words.append(noted("missing"))
    if "conflict" in words:
        return ChapterProgress(total, flags=tuple(map(Flag, words)))
    if sides and script is None:
        words.append("script missing")
    if sides and notebook is None:
        words.append("notebook missing")

    readable = [side for side in sides if not unread(side)]
    filled: list[str] = []
    missing: list[str] = []
    apart: list[str] = []
    differs: list[str] = []
    stale = False
    equal = len(outline.required) > 1
    for exercise_id in outline.exercises:
        answers = [side.answers[exercise_id] for side in readable if exercise_id in side.answers]
        if not answers:
            missing.append(exercise_id)
        elif any(fills(outline, exercise_id, answer) for answer in answers):
            filled.append(exercise_id)
        elif any(is_apart(outline, exercise_id, side) for side in readable):
            apart.append(exercise_id)
        if len(answers) == 2 and answers[0] is not answers[1]:
            found = disagreement(outline.blanks[exercise_id], *answers)
            stale = stale or found == "stale"
            if found == "differs":
                differs.append(exercise_id)
        if exercise_id != outline.challenge:
            equal = equal and any(same(answer.source, outline.finished[exercise_id]) for answer in answers)

    ticked: list[str] = []
    missing_items: list[str] = []
    for item_id in outline.items:
        ticks = [side.ticks[item_id] for side in readable if item_id in side.ticks]
        if not ticks:
            missing_items.append(item_id)
        elif ticks[0] or ticks[-1]:
            ticked.append(item_id)
            stale = stale or ticks[0] != ticks[-1]

    done = {*filled, *apart, *(x for x in missing if is_beside(outline, x, readable))}
    known, known_items = set(outline.blanks), set(outline.items)
    listed: dict[str, Sequence[str]] = {
        "ticked but blank": [item_id for item_id in ticked if item_id in known and item_id not in done],
        "answer not in its cell": apart,
        "exercise missing": missing if readable else (),
        "item missing": missing_items if readable else (),
        "unknown exercise": sorted({each for side in readable for each in side.answers} - known),
        "unknown item": sorted({each for side in readable for each in side.ticks} - known_items),
        "pair differs": differs,
    }
    flags = [Flag(word) for word in (*words, *([EQUAL] if equal else ()))]
    flags += [Flag(word, tuple(ids)) for word, ids in listed.items() if ids]
    if stale:
        flags.append(Flag("pair stale"))
    return ChapterProgress(total, tuple(ticked), tuple(filled), None, tuple(flags))
