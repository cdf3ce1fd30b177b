"""A learner's cells in the words of another language: what's theirs stays as it is, the course's own text is replaced.

    todo in ja ----+
                   +--> what the learner changed, put into the todo in zh --> their cells in zh
    their cells ---+

Both todos have the same cells, since they come from one chapter, and the same code but for marked texts and comments.
So a cell's changes can be read off the one and made in the other. Where both the learner and the translation have
changed a piece, the learner's stays. Code is never touched: if it would be, or if the way back would end elsewhere, the
cell travels as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from kit.course.answers import is_filled
from kit.course.cells import Cell
from kit.course.checklist import tick_marks, unticked, with_marks
from kit.pairs.align import align, match_edited
from kit.pairs.convert import key
from kit.pairs.line_merge import Hunk
from kit.pairs.merge import same, unmarked

TEXT = (
    r"(?:\b[rRbBuUfF]{1,2})?(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')"
)
PIECE = re.compile(rf"(?P<words>#[^\n]*|{TEXT})|\n|[^\S\n]+|\w+|.", re.DOTALL)


def carried(cells: Sequence[Cell], source: Sequence[Cell], target: Sequence[Cell]) -> tuple[Cell, ...]:
    """A learner's cells with the texts of `target` in place of those of `source`, two todos of the same chapter.

    Carrying the result back gives what the learner has.
    """
    as_they_are: set[int] = set()
    while True:
        found = put_over(cells, source, target, as_they_are)
        back = put_over(found, target, source, set())
        wrong = {place for place, cell in enumerate(cells) if not same(back[place], cell)} - as_they_are
        if not wrong:
            return found
        as_they_are |= wrong


def put_over(
    cells: Sequence[Cell], source: Sequence[Cell], target: Sequence[Cell], as_they_are: set[int]
) -> tuple[Cell, ...]:
    """The cells with the texts of `target`; those at the places `as_they_are`, and the learner's own, keep theirs."""
    places = align(source, cells)
    match_edited(places, source, cells)
    match_alone(places, source, cells)
    return tuple(
        in_other_words(source[places[place]], cell, target[places[place]])
        if place in places and place not in as_they_are
        else cell
        for place, cell in enumerate(cells)
    )


def match_alone(found: dict[int, int], old: Sequence[Cell], new: Sequence[Cell]) -> None:
    """Add to `found` the cells that are the only ones of their kind between two neighbours, in both versions.

    A text that's half in one language and half in another isn't like either, but it's still in its place.
    """
    taken = set(found.values())
    for place, cell in enumerate(new):
        if place in found or cell.exercise:
            continue
        before = next((each for each in range(place - 1, -1, -1) if each in found), -1)
        after = next((each for each in range(place + 1, len(new)) if each in found), len(new))
        low, high = found.get(before, -1), found.get(after, len(old))
        here = [each for each in range(before + 1, after) if new[each].kind == cell.kind and not new[each].exercise]
        free = [each for each in range(low + 1, high) if each not in taken and old[each].kind == cell.kind]
        if len(here) == len(free) == 1 and not old[free[0]].exercise:
            found[place] = free[0]
            taken.add(free[0])


def in_other_words(source: Cell, cell: Cell, target: Cell) -> Cell:
    """A cell that comes from `source`, with what the learner made of it made of `target`."""
    marks = tick_marks([cell])
    if unmarked(source) == unmarked(cell):
        return with_marks(target, marks)
    if not source.kind == cell.kind == target.kind:
        return cell
    texts = [unticked(each).source for each in (source, cell, target)]
    if cell.kind == "code":
        text = "".join(rebased(*map(pieces, texts)))
    else:
        text = "\n".join(rebased(*(each.split("\n") for each in texts)))
    found = with_marks(Cell(cell.kind, text, cell.line), marks)
    return found if same_work(cell, found) else cell


def pieces(code: str) -> list[str]:
    """Code in pieces: words, signs, spaces; a comment or a text is one piece."""
    return [found[0] for found in PIECE.finditer(code)]


def rebased(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """The base with both sides' changes; of theirs, only those that touch nothing which we have changed."""
    mine, other = changes(base, ours), changes(base, theirs)
    fitting = [hunk for hunk in other if hunk not in mine and not any(overlap(hunk, each) for each in mine)]
    result = list(base)
    for hunk in sorted([*fitting, *mine], key=lambda hunk: (hunk.first, hunk.end), reverse=True):
        result[hunk.first : hunk.end] = hunk.lines
    return result


def changes(old: list[str], new: list[str]) -> list[Hunk]:
    """What changed from `old` to `new`."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [Hunk(i1, i2, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in codes if tag != "equal"]


def overlap(one: Hunk, two: Hunk) -> bool:
    """Whether two changes share a piece, or one is an insertion inside the other."""
    return one.first < two.end and two.first < one.end


def same_work(one: Cell, two: Cell) -> bool:
    """Whether two cells have the same code, apart from comments and texts, and the same ticks."""
    if one.kind != "code":
        return tick_marks([one]) == tick_marks([two])
    return bare(one) == bare(two) and one.exercise == two.exercise and is_filled(one.source) == is_filled(two.source)


def bare(cell: Cell) -> list[str]:
    """A cell's code without comments, texts and spaces."""
    found = PIECE.finditer(key(cell)[1])
    return [each[0] for each in found if not each["words"] and not each[0].isspace()]
