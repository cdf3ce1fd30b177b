"""The kit's messages: found by rule, and recognised again whatever is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from kit.course.chapter import Chapter, Exercise
from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.i18n import speaking, told
from kit.judge.judge import Judge
from kit.judge.trials.runners import new_runner
from kit.translation.entry import Entry
from kit.translation.messages import entries, entries_of
from kit.translation.translator import NUMBER_FORMAT, PART, WORD, Translator, filled, form_of
from tests.support.pseudo_language import accented

COURSE = Course()
FOUND = entries(ROOT)
KNOWN = {entry.text: accented(entry.text, entry.template) for entry in FOUND}
PSEUDO = Translator(KNOWN)
NOT_OURS = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\w+(?:Error|Exit)\b.*|invalid syntax.*|\bNone\b")
WRONG = ("None", "0", "'x'", "[1, 2]", "undefined", "1 / 0", "torch.zeros(3, 5)", "(1, 2.5)", "{'a': 1}", "____")


def example(hole: str) -> str:
    """Something that a placeholder may be filled with."""
    return "7" if NUMBER_FORMAT.search(hole) else "06.03" if WORD.search(hole) else "`x`"


@pytest.mark.parametrize("entry", [entry for entry in FOUND if entry.template], ids=lambda entry: entry.text[:50])
def test_a_filled_template_is_recognised(entry: Entry) -> None:
    holes = [part[1] for part in PART.finditer(entry.text) if part[1] is not None]
    values = [example(hole) for hole in holes]
    english = filled(entry.text, holes, values)
    assert PSEUDO(english) == filled(KNOWN[entry.text], holes, values)


def test_parts_are_messages_themselves() -> None:
    known = {
        "{name} should be {wanted}, not {found}": "{name} は {found} でなく {wanted} のはずです",
        "a list": "リスト",
        "this works for the inputs on this page but not for others": "ほかの入力ではだめです",
    }
    said = Translator(known).knowing({"the first row,": "最初の行", "Turn it round.": "逆にしましょう。"})
    assert said("the first row, should be 3, not a list") == "最初の行 は リスト でなく 3 のはずです"
    assert said("Turn it round. (TypeError: an English one)") == "逆にしましょう。 (TypeError: an English one)"
    both = "this works for the inputs on this page but not for others: `x` should be 1, not 2"
    assert said(both) == "ほかの入力ではだめです: `x` は 2 でなく 1 のはずです"
    assert said("nobody knows this") == "nobody knows this"
    again = Translator(known | {"{said}. It's as with {code}": "{said}。{code} と同じ"})
    assert again("`x` should be 3, not a list. It's as with `y`") == "`x` は リスト でなく 3 のはずです。`y` と同じ"


def test_what_is_said_and_what_is_not() -> None:
    code = '''
import re
PATTERN = re.compile(r"not a message")
def run(count: int) -> None:
    """A docstring is none."""
    raise KitError(f"{count} rows are missing", "python scripts/check.py", f"run {1 + 1:,} of them")
print(told("one"), "two", plural(count, "row"), "<b>some html</b>", f"; and more of {it}")
'''
    texts = [entry.text for entry in entries_of(code, "somewhere")]
    assert sorted(texts) == sorted(
        [
            "{count} rows are missing",
            "run {1 + 1:,} of them",
            "one",
            "{count:,} row",
            "{count:,} rows",
            "and more of {it}",
        ]
    )


def test_an_error_is_told_in_the_language_that_is_spoken() -> None:
    error = KitError("there's no such file", "a.py", "name a chapter, such as 01, or an exercise, such as 01.05")
    assert str(error).startswith("a.py: there's no such file. Next: name a chapter")
    with speaking(PSEUDO):
        assert untranslated(str(error).removeprefix("a.py")) == []
        assert told("nothing new to save") == KNOWN["nothing new to save"]
    assert told("nothing new to save") == "nothing new to save"


def untranslated(said: str) -> list[str]:
    """The English words left in a message, apart from code, values and what Python itself says."""
    return re.findall(r"\b[A-Za-z]{3,}\b", NOT_OURS.sub("", said))


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    runner = new_runner(ROOT)
    yield Judge(runner)
    runner.close()


def more_of(exercise: Exercise) -> Mapping[str, str]:
    """What an exercise's chapter says in the language."""
    texts = [mistake.message for mistake in exercise.mistakes] + [blank.comment for blank in exercise.blanks]
    texts += [each for caption in exercise.captions.values() for each in (caption, caption.rstrip(","))]
    return {text: accented(text, False) for text in texts}


def cells(chapter: Chapter, exercise: Exercise) -> list[tuple[Chapter, Exercise, str]]:
    """An exercise's mistakes, and answers that nobody has foreseen."""
    codes = [exercise.with_answer(mistake.blank, mistake.expression) for mistake in exercise.mistakes]
    return [(chapter, exercise, code) for code in (*codes, *(exercise.with_answer(0, each) for each in WRONG), "def (")]


@pytest.mark.parametrize(
    "chapter_id",
    ["00", *(pytest.param(chapter.id, marks=pytest.mark.long) for chapter in COURSE.chapters[1:])],
)
def test_every_verdict_is_told_in_the_language(judge: Judge, chapter_id: str) -> None:
    chapter = COURSE.chapter(chapter_id)
    left: list[tuple[str, str]] = []
    for exercise in chapter.exercises:
        say = PSEUDO.knowing(more_of(exercise))
        for verdict in judge.judge_all(cells(chapter, exercise)[:: 3 if chapter_id == "00" else 1]):
            left += [(verdict.message, said) for said in [say(verdict.message)] if untranslated(said)]
    assert left == []


def test_forms_take_numbers_where_numbers_belong() -> None:
    form = form_of("step {self.step} of {self.steps}")
    assert form.pattern.fullmatch("step 3 of 20")
    assert not form.pattern.fullmatch("step by step of the way")
