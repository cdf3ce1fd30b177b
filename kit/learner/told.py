"""What a learner is told, in the language of their files. The judge knows English only, and so does its cache."""

from __future__ import annotations

from dataclasses import replace

from kit.course.chapter import Exercise
from kit.course.course import Course
from kit.judge.records import Verdict
from kit.translation.edition import edition, spoken


def exercise_in(course: Course, exercise_id: str, language: str) -> Exercise:
    """An exercise with its hint, its comments and its mistakes' messages in a language, as far as they're translated.

    Raises:
        KitError: there's no such exercise, or its catalogue can't be read.
    """
    chapter, exercise = course.exercise(exercise_id)
    code = spoken(course.root, language)
    return exercise if code == "en" else edition(course, chapter, code).exercise(exercise.id)


def verdict_in(course: Course, verdict: Verdict, language: str) -> Verdict:
    """A verdict with the message of the mistake that it names in a language.

    Raises:
        KitError: the catalogue can't be read.
    """
    if verdict.mistake is None or spoken(course.root, language) == "en":
        return verdict
    english, other = (
        each.mistakes[verdict.mistake].message
        for each in (course.exercise(verdict.id)[1], exercise_in(course, verdict.id, language))
    )
    return replace(verdict, message=verdict.message.replace(english, other, 1))
