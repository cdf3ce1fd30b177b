"""What the learner has noted: the lines of the chapters' `shapes` exercises, and which of them are right.

    shapes = {
        "stream": (config.batch_size, ...),      given: known when its exercise has passed
        "mean": ____,                            asked: known when this line is right
    }

The judge decides, in each chapter's own state and on other settings. A cell that does not pass as a whole is judged
line by line: each line alone, in the finished cell.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from kit.course.blanks import has_sentinel, span_of
from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.learner.check import MISSING, Placed, from_pair

DICTIONARY = "shapes"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a `shapes` exercise: its key, and the place of its blank, None where it is given."""

    exercise: str
    key: str
    blank: int | None


@dataclass(frozen=True, slots=True)
class Notes:
    """The keys that are known, the exercise that asks for each, and remarks on what could not be read."""

    asked: dict[str, str]
    known: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()


def dictionary(code: str) -> ast.Dict | None:
    """The dictionary that a cell calls `shapes`; None where there is none or the cell is no Python."""
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            names = [ast.unparse(target) for target in node.targets]
            if DICTIONARY in names:
                return node.value
    return None


def entries(code: str) -> dict[str, ast.expr]:
    """The values of `shapes` in a cell, by key."""
    found = dictionary(code)
    pairs = zip(found.keys, found.values, strict=True) if found else ()
    return {key.value: value for key, value in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def lines(exercise: Exercise) -> tuple[Line, ...]:
    """The lines of an exercise; none where it is no `shapes` exercise."""
    spans = {(blank.start, blank.end): number for number, blank in enumerate(exercise.blanks)}
    return tuple(
        Line(exercise.id, key, spans.get(span_of(exercise.code, value)))
        for key, value in entries(exercise.code).items()
    )


def asked(course: Course) -> dict[str, str]:
    """For each key the exercise that asks for it: the first with a blank for it, else the first that gives it."""
    found = [line for chapter in course.chapters for exercise in chapter.exercises for line in lines(exercise)]
    by_need = sorted(found, key=lambda line: line.blank is None)  # a stable order: blanks first
    return {line.key: line.exercise for line in reversed(by_need)}


def placed(course: Course, language: str) -> Iterator[tuple[Chapter, Exercise, Placed | str]]:
    """Every `shapes` exercise with the learner's answer, or with why there is none."""
    for chapter in course.chapters:
        for exercise in chapter.exercises:
            if not lines(exercise):
                continue
            try:
                found = from_pair(course.pairs(language) / chapter.entry.stem, [exercise])[0]
            except KitError as error:
                yield chapter, exercise, error.what
            else:
                yield chapter, exercise, found if found.answer else MISSING


def read_notes(course: Course, judge: Judge, language: str = "en") -> Notes:
    """What the learner has noted and is right, in one language's files.

    Raises:
        KitError: the judge cannot run, or a finished chapter fails.
    """
    cells, remarks = list[tuple[Chapter, Exercise, str]](), list[str]()
    for chapter, exercise, found in placed(course, language):
        if isinstance(found, str) or found.answer is None:
            remarks.append(f"{exercise.id}: {found}")
        else:
            cells.append((chapter, exercise, found.answer.source))
    whole = [cell for cell in cells if not has_sentinel(cell[2])]
    verdicts = {verdict.id: verdict for verdict in judge.judge_all(whole)} if whole else {}
    passed = {id for id, verdict in verdicts.items() if verdict.outcome == "passed"}
    known = {line.key for _, exercise, _ in cells if exercise.id in passed for line in lines(exercise)}

    single = [
        (line.key, (chapter, exercise, exercise.with_answer(line.blank, answer)))
        for chapter, exercise, source in cells
        if exercise.id not in passed
        for line in lines(exercise)
        if line.blank is not None and (answer := expression(source, line.key))
    ]
    if single:
        found_right = judge.judge_all([cell for _, cell in single])
        known |= {key for (key, _), verdict in zip(single, found_right, strict=True) if verdict.outcome == "passed"}
    return Notes(asked(course), frozenset(known), tuple(remarks))


def expression(code: str, key: str) -> str:
    """What a cell says of a key; nothing where it is still blank or not there."""
    value = entries(code).get(key)
    text = ast.get_source_segment(code, value) if value is not None else None
    return "" if text is None or has_sentinel(text) else text


def all_known(course: Course) -> Notes:
    """The notes of somebody who has finished."""
    keys = asked(course)
    return Notes(keys, frozenset(keys))
