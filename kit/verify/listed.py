"""What the author wrote for an exercise: which cells are right, which are wrong, and what to say about those.

A cell that is one of these word for word needs no run. That its list is true is proven where the course is made
(`kit.judge.proof.prove`, for every chapter in `make test`): the answer on five sets of inputs, each alternative on
two, and each mistake fails with its own message.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from kit.course.course import Course
from kit.course.package import needed
from kit.judge.records import around
from kit.text import label
from kit.verify.results import MAX_REASON, Result

Listed = dict[tuple[str, str], Result]  # by an exercise's id and a cell


def listed_results(course: Course) -> Listed:
    """The results of all cells that we wrote: finished ones, alternatives, mistakes."""
    found: Listed = {}
    for chapter in course.chapters:
        for exercise in chapter.exercises:
            for wrong in exercise.mistakes:
                code = exercise.with_answer(wrong.blank, wrong.expression)
                found[exercise.id, code] = Result(False, label(wrong.message, MAX_REASON))
            for other in exercise.alternatives:
                found[exercise.id, exercise.with_answer(other.blank, other.expression)] = Result(True)
            found[exercise.id, exercise.code] = Result(True)
    return found


def needs_of(course: Course) -> Callable[[str, str], frozenset[str]]:
    """A function that gives the names which a cell that we wrote needs, and its chapter lacks: hardly ever any."""

    @cache
    def needs(exercise_id: str, code: str) -> frozenset[str]:
        known = around(course.exercise(exercise_id)[0]).names[exercise_id]
        return frozenset(needed(code)) - known

    return needs
