"""What a learner is told, in the language of their files. The judge knows English only, and so does its cache."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from kit import i18n
from kit.course.chapter import Exercise
from kit.course.course import Course, find_root
from kit.errors import KitError
from kit.judge.records import Verdict
from kit.learner.language import chosen
from kit.translation.edition import edition, spoken
from kit.translation.translator import Translator, translator


def translator_for(root: Path, language: str) -> Translator | None:
    """What says the kit's messages in the language of a folder in workshop/; None for English.

    Raises:
        KitError: the catalogue can't be read.
    """
    return translator(root, spoken(root, language))


def speak(root: Path, language: str) -> None:
    """From here on, speak the language of a folder in workshop/.

    Raises:
        KitError: the catalogue can't be read.
    """
    i18n.speak(translator_for(root, language))


def use_language(course: Course, given: str = "", words: Iterable[str] = ()) -> str:
    """The language that a learner is in, as `chosen` finds it; from here on it's spoken.

    Raises:
        KitError: its catalogue can't be read.
    """
    language = chosen(course, given, words)
    speak(course.root, language)
    return language


def use_language_here() -> None:
    """The same for a command that also works outside of a checkout, where it speaks English."""
    with suppress(KitError):
        use_language(Course(find_root(Path.cwd())))


def exercise_in(course: Course, exercise_id: str, language: str) -> Exercise:
    """An exercise with its hint, its comments and its mistakes' messages in a language, as far as they're translated.

    Raises:
        KitError: there's no such exercise, or its catalogue can't be read.
    """
    chapter, exercise = course.exercise(exercise_id)
    code = spoken(course.root, language)
    return exercise if code == "en" else edition(course, chapter, code).exercise(exercise.id)


def verdict_in(course: Course, verdict: Verdict, language: str) -> Verdict:
    """A verdict with its message in a language.

    Raises:
        KitError: the catalogue can't be read.
    """
    say = translator_for(course.root, language)
    if say is None or not verdict.message:
        return verdict
    english, other = course.exercise(verdict.id)[1], exercise_in(course, verdict.id, language)
    more = {one.message: two.message for one, two in zip(english.mistakes, other.mistakes, strict=True)}
    for probe, caption in english.captions.items():
        more |= {caption: other.captions[probe], caption.rstrip(","): other.captions[probe].rstrip(",、，")}
    return replace(verdict, message=say.knowing(more)(verdict.message))
