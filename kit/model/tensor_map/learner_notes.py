"""What the learner has noted: the lines of the chapters' `shapes` exercises, and which of them are right.

    shapes = {
        "stream": (config.batch_size, ...),      given: known once its exercise has passed
        "mean": ____,                            asked: known once this line is right
    }

The judge decides, in each chapter's own state and with other settings too. If a cell doesn't pass as a whole, each of
its lines is judged alone, put into the finished cell.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from kit.course.blanks import has_sentinel, span_of
from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.course.own_code import parted
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.records import text_of
from kit.learner.check import MISSING, from_pair

DICTIONARY = "shapes"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a `shapes` exercise: its key, and the number of its blank, or `None` if it's given."""

    exercise: str
    key: str
    blank: int | None


@dataclass(frozen=True, slots=True)
class Notes:
    """The keys that are known, the exercise that asks for each key, and remarks on what couldn't be read."""

    asked: dict[str, str]
    known: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()


def entries(code: str) -> dict[str, ast.expr]:
    """The values of the dictionary `shapes` in a cell, by key; none if it has no such dictionary or isn't Python."""
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    for node in body:
        if not isinstance(node, ast.Assign) or DICTIONARY not in map(ast.unparse, node.targets):
            continue
        if isinstance(node.value, ast.Dict):
            pairs = zip(node.value.keys, node.value.values, strict=True)
            return {k.value: v for k, v in pairs if isinstance(k, ast.Constant) and isinstance(k.value, str)}
    return {}


def lines(exercise: Exercise) -> tuple[Line, ...]:
    """The lines of a `shapes` exercise; none for any other exercise."""
    spans = {(blank.start, blank.end): number for number, blank in enumerate(exercise.blanks)}
    return tuple(
        Line(exercise.id, key, spans.get(span_of(exercise.code, value)))
        for key, value in entries(exercise.code).items()
    )


def asked(course: Course) -> dict[str, str]:
    """For each key, the exercise that asks for it: the first with a blank for it, otherwise the first that gives it."""
    found = [line for chapter in course.chapters for exercise in chapter.exercises for line in lines(exercise)]
    blanks_first = sorted(found, key=lambda line: line.blank is None)  # sorting is stable
    return {line.key: line.exercise for line in reversed(blanks_first)}


def answer_in(course: Course, language: str, chapter: Chapter, exercise: Exercise) -> str:
    """The learner's cell of an exercise, as the judge takes it.

    Raises:
        KitError: the chapter's files can't be read, or the cell is missing from them.
    """
    answer = from_pair(course.pairs(language) / chapter.entry.stem, [exercise])[0].answer
    if answer is None:
        raise KitError(MISSING)
    return text_of(chapter, answer)


def read_notes(course: Course, judge: Judge, language: str = "en") -> Notes:
    """What the learner has noted and got right, in the files of one language.

    Raises:
        KitError: the judge can't run, or a finished chapter fails.
    """
    cells, remarks = list[tuple[Chapter, Exercise, str]](), list[str]()
    for chapter in course.chapters:
        for exercise in filter(lines, chapter.exercises):
            try:
                cells.append((chapter, exercise, answer_in(course, language, chapter, exercise)))
            except KitError as error:
                remarks.append(f"{exercise.id}: {error.what}")

    complete = [cell for cell in cells if not has_sentinel(cell[2])]
    verdicts = judge.judge_all(complete) if complete else []
    passed = {verdict.id for verdict in verdicts if verdict.outcome == "passed"}
    known = {line.key for _, exercise, _ in cells if exercise.id in passed for line in lines(exercise)}

    single = [
        (line.key, (chapter, exercise, exercise.with_answer(line.blank, answer)))
        for chapter, exercise, source in cells
        if exercise.id not in passed
        for line in lines(exercise)
        if line.blank is not None and (answer := expression(parted(source)[1], line.key))
    ]
    verdicts = judge.judge_all([cell for _, cell in single]) if single else []
    known |= {key for (key, _), verdict in zip(single, verdicts, strict=True) if verdict.outcome == "passed"}
    return Notes(asked(course), frozenset(known), tuple(remarks))


def expression(code: str, key: str) -> str:
    """The source of a key's value in a cell; empty if it's still blank or missing."""
    value = entries(code).get(key)
    text = ast.get_source_segment(code, value) if value is not None else None
    return "" if text is None or has_sentinel(text) else text


def all_known(course: Course) -> Notes:
    """The notes of someone who has finished the course."""
    keys = asked(course)
    return Notes(keys, frozenset(keys))
