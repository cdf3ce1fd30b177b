"""Hints climb; verdicts are shown in words, with or without colour."""

from __future__ import annotations

import pytest

from kit.course.course import Course
from kit.judge.records import Verdict
from kit.judge.show import next_step, to_html, to_rich, to_text
from kit.learner.hints import HIDDEN, RUNGS, hide_names, rung, solution

VERDICTS = [
    Verdict("01.01", "passed"),
    Verdict("01.02", "failed", "a < b & c", 3),
    Verdict("01.03", "blank", "the blank is still empty"),
    Verdict("01.04", "error", "<script>alert(1)</script>", 2),
]


@pytest.mark.parametrize(
    ("expression", "hidden"),
    [
        ("torch.dot(query, key)", "torch.dot(▢, ▢)"),
        ("[letter for letter in word]", "[▢ for ▢ in ▢]"),
        ("nn.Linear(width, 4, bias=False)", "nn.Linear(▢, 4, bias=False)"),
        ("len(word) - 1", "len(▢) - 1"),
        ("self.table[ids]", "self.table[▢]"),
        ("x", "▢"),
        ("f(\n    a,\n  b)", "▢(\n    ▢,\n  ▢)"),
        ("(", "▢"),
    ],
)
def test_hide_names(expression: str, hidden: str) -> None:
    assert hide_names(expression) == hidden


def test_rungs_climb(course: Course) -> None:
    _, exercise = course.exercise("00.02")
    rungs = [rung(exercise, number) for number in range(1, RUNGS + 1)]
    assert rungs == [
        exercise.hint,
        f"{HIDDEN}[0]\n{HIDDEN}[-1]",
        "word[0]\nword[-1]",
    ]
    assert solution(exercise) == "first = word[0]  # the first letter\nlast = word[-1]  # the last letter"


def test_no_rung_repeats_what_the_todo_says_already(course: Course) -> None:
    for chapter in course.chapters:
        for exercise in chapter.exercises:
            for number in range(1, RUNGS + 1):
                assert rung(exercise, number) not in exercise.todo


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda v: v.outcome)
def test_forms_tell_the_outcome_in_words(verdict: Verdict) -> None:
    step = next_step(verdict)
    for text in (to_text(verdict, step), to_html(verdict, step)):
        assert verdict.outcome in text
        assert verdict.id in text
    assert to_rich(verdict, to_text(verdict, step)).plain == to_text(verdict, step)
    assert "<script>" not in to_html(verdict)
    assert verdict.message in to_text(verdict)
