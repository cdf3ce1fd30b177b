"""What a learner is told comes in the language of their files, as far as the catalogue goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.course.course import Course
from kit.judge.records import Verdict
from kit.learner.told import exercise_in, verdict_in
from scripts import hint
from tests.support import fake_course
from tests.support.pseudo_language import CODE, add_language


@pytest.fixture
def pseudo(tmp_path: Path) -> Course:
    course = fake_course.make_course(tmp_path / "course")
    add_language(course)
    return course


def test_a_hint_is_in_the_language(
    pseudo: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(pseudo.root)
    for language, translated in (("en", False), (CODE, True), ("xx", False)):
        assert hint.main(["00.01", "--rung", "1", "--lang", language]) == 0
        assert ("⟦" in capsys.readouterr().out) is translated


def test_a_mistakes_message_is_in_the_language_and_what_python_said_stays(pseudo: Course) -> None:
    mistake = pseudo.exercise("00.02")[1].mistakes[1]
    verdict = Verdict("00.02", "failed", f"{mistake.message} (IndexError)", 2, 1)
    told = verdict_in(pseudo, verdict, CODE)
    assert told.message == f"{exercise_in(pseudo, '00.02', CODE).mistakes[1].message} (IndexError)"
    assert "⟦" in told.message
    assert verdict_in(pseudo, verdict, "en") == verdict
    assert verdict_in(pseudo, verdict, "xx") == verdict


def test_a_verdict_that_names_no_mistake_stays(pseudo: Course) -> None:
    verdict = Verdict("00.02", "failed", "it's another value", 2)
    assert verdict_in(pseudo, verdict, CODE) == verdict
