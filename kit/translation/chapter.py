"""A chapter's texts, and the chapter with their translations.

    Chapter --entries--> Entry, Entry, ...  --> a catalogue
    Chapter, {(context, text): translation} --translated--> Chapter

Both walk the chapter the same way, so what's extracted is what's replaced. Code, ids and the order of cells stay.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from kit.course.cells import Cell
from kit.course.chapter import Chapter, Code, Exercise, Text
from kit.course.notebook import cell_ids
from kit.translation import code, prose
from kit.translation.entry import NOTES, Entry, Kind, Say, has_words
from kit.translation.language import MINUTES

Translations = Mapping[tuple[str, str], str]


def entries(chapter: Chapter) -> tuple[Entry, ...]:
    """Every text of a chapter, in the order in which it's read."""
    found: list[Entry] = []
    walk(chapter, found.append, True)
    return tuple(found)


def translated(chapter: Chapter, translations: Translations, wrap: bool = True, minutes: str = MINUTES) -> Chapter:
    """The chapter with its texts in another language. A text without a translation stays English.

    `wrap` says whether the language puts spaces between words, so that a paragraph can have several lines; `minutes`
    is how it says what a section takes.
    """
    return walk(chapter, lambda entry: translations.get(entry.key), wrap, minutes)


def walk(chapter: Chapter, visit: Callable[[Entry], str | None], wrap: bool, minutes: str = MINUTES) -> Chapter:
    """The chapter with what `visit` gives for each of its texts; `None` leaves a text as it is."""
    names = defined(chapter)
    cells: list[Text | Code] = []
    for cell_id, cell in zip(ids(chapter), chapter.cells, strict=True):
        counts = Counter[Kind]()

        def say(
            kind: Kind, text: str, note: str, template: bool, cell_id: str = cell_id, counts: Counter[Kind] = counts
        ) -> str | None:
            counts[kind] += 1
            return visit(Entry(f"{cell_id} {kind} {counts[kind]}", kind, text, note, template))

        if isinstance(cell, Text):
            cells.append(replace(cell, source=prose.rewrite(cell.source, say, wrap, names, minutes)))
        else:
            found = code.rewrite(cell, say, wrap)
            cells.append(replace(found, exercise=told(found.exercise, say)) if found.exercise else found)
    return replace(chapter, cells=tuple(cells))


def told(exercise: Exercise, say: Say) -> Exercise:
    """An exercise with its hint, its mistakes' messages and its probes' captions in other words."""

    def put(kind: Kind, text: str, note: str = "") -> str:
        said = say(kind, text, note or NOTES[kind], False) if has_words(text) else None
        return text if said is None else said

    return replace(
        exercise,
        hint=put("hint", exercise.hint),
        mistakes=tuple(
            replace(each, message=put("mistake", each.message, f"{NOTES['mistake']}: {each.expression}"))
            for each in exercise.mistakes
        ),
        captions={probe: put("probe caption", caption) for probe, caption in exercise.captions.items()},
    )


def ids(chapter: Chapter) -> list[str]:
    """The id of each cell in the notebook, which stays when a cell is added before an earlier exercise."""
    todos = [
        Cell("markdown", cell.source) if isinstance(cell, Text) else Cell("code", cell.todo) for cell in chapter.cells
    ]
    return cell_ids(todos, chapter.id)


def defined(chapter: Chapter) -> frozenset[str]:
    """The classes and functions of a chapter's code."""
    return frozenset().union(*(names_in(cell.code) for cell in chapter.cells if isinstance(cell, Code)))


@lru_cache(maxsize=4096)
def names_in(code: str) -> frozenset[str]:
    """The classes and functions that code defines."""
    nodes = ast.walk(ast.parse(code)) if "class " in code or "def " in code else ()
    return frozenset(node.name for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef))
