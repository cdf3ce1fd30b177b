"""How far a student is in one chapter: the two sides of its pair against the chapter itself. Pure.

Outline (the course's chapter) + Side (.py) + Side (.ipynb)  ->  ChapterProgress
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kit.course.blanks import SENTINEL
from kit.course.outline import Outline
from kit.pairs.fast_read import Answer, Side
from kit.text import label

UNREADABLE = frozenset(
    {"conflict", "binary", "not text", "unreadable notebook", "symlink", "submodule", "folder", "too large"}
)
MOST_FLAGS = 20
MOST_IDS = 12
EQUAL = "equal to the finished chapter"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at in a chapter: words, the exercises or items they speak of, and where the first stands.

    `path` is the file in the fork, at the commit that was read; `line` counts from 1, 0 where no line is meant.
    """

    word: str
    ids: tuple[str, ...] = ()
    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        """`ticked but blank 01.02`."""
        more = f" and {len(self.ids) - MOST_IDS} more" if len(self.ids) > MOST_IDS else ""
        return f"{self.word} {', '.join(self.ids[:MOST_IDS])}{more}" if self.ids else self.word


@dataclass(frozen=True, slots=True)
class ChapterProgress:
    """One chapter in one fork.

    `total` counts the chapter's items, self-reported ones included; `ticked` are the items that the student ticked,
    `filled` the exercises without a blank. `verified` is None until somebody runs the checks; then `failed` says of
    each filled exercise that did not pass why.
    """

    total: int
    ticked: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    verified: tuple[str, ...] | None = None
    flags: tuple[Flag, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


def same(one: str, other: str) -> bool:
    """Whether two cells are the same but for spaces at the ends of lines."""
    if one == other:
        return True
    return [line.rstrip() for line in one.split("\n")] == [line.rstrip() for line in other.split("\n")]


def unread(side: Side | None) -> bool:
    """Whether nothing could be read from this side."""
    return side is None or not UNREADABLE.isdisjoint(side.flags)


def agreement(outline: Outline, id: str, one: Answer, other: Answer) -> str:
    """`""` when two sides of an exercise agree, `stale` when one is still untouched, else `differs`."""
    if same(one.source, other.source):
        return ""
    for answer in (one, other):
        if not answer.filled and answer.source.count(SENTINEL) >= outline.blanks[id]:
            return "stale"
    return "differs"


def chapter_progress(outline: Outline, script: Side | None, notebook: Side | None) -> ChapterProgress:
    """The progress in one chapter.

    An exercise is filled, and an item ticked, when it is so in either file: a student works in one of them, and the
    other one follows when they save. With conflict markers in either file nothing is counted.
    """
    total = len(outline.items)
    sides = [side for side in (script, notebook) if side is not None]
    words = list(dict.fromkeys(label(flag) for side in sides for flag in side.flags))[:MOST_FLAGS]
    if not sides:
        words.append("missing")
    if "conflict" in words:
        return ChapterProgress(total, flags=tuple(map(Flag, words)))
    if sides and script is None:
        words.append("script missing")
    if sides and notebook is None:
        words.append("notebook missing")

    sound = [side for side in sides if not unread(side)]
    filled: list[str] = []
    lost: list[str] = []
    opinions: dict[str, list[str]] = {"stale": [], "differs": []}
    equal = len(outline.exercises) > 1
    for id in outline.exercises:
        answers = [side.answers[id] for side in sound if id in side.answers]
        if not answers:
            lost.append(id)
        elif answers[0].filled or answers[-1].filled:
            filled.append(id)
        if len(answers) == 2 and answers[0] is not answers[1]:
            opinion = agreement(outline, id, *answers)
            if opinion:
                opinions[opinion].append(id)
        equal = equal and any(same(answer.source, outline.finished[id]) for answer in answers)

    ticked: list[str] = []
    gone: list[str] = []
    for id in outline.items:
        ticks = [side.ticks[id] for side in sound if id in side.ticks]
        if not ticks:
            gone.append(id)
        elif ticks[0] or ticks[-1]:
            ticked.append(id)
            if ticks[0] != ticks[-1]:
                opinions["stale"].append(id)

    found = [Flag(word) for word in words]
    if equal:
        found.append(Flag(EQUAL))
    done = set(filled)
    listed: list[tuple[str, Sequence[str]]] = [
        ("ticked but blank", [id for id in ticked if id in outline.blanks and id not in done]),
        ("exercise missing", lost if sound else ()),
        ("item missing", gone if sound else ()),
        ("unknown exercise", sorted({id for side in sound for id in side.answers if id not in outline.blanks})),
        ("unknown item", sorted({id for side in sound for id in side.ticks} - set(outline.items))),
        ("pair differs", opinions["differs"]),
    ]
    found += [Flag(word, tuple(ids)) for word, ids in listed if ids]
    if opinions["stale"]:
        found.append(Flag("pair stale"))
    return ChapterProgress(total, tuple(ticked), tuple(filled), None, tuple(found))
