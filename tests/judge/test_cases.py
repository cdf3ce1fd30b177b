"""Right and wrong answers that people have given, or might, each with the verdict it must get: `cases/NN.jsonl`.

A line is {"id", "want": "pass" | "fail", "why", "cell"}, and may have "before", the source of a cell above the
exercise's own, and "arguable": true where one could have decided otherwise, and the text or an author's line says how.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.course.answers import Answer
from kit.course.chapter import Chapter
from kit.course.course import ROOT, Course
from kit.judge.judge import Judge
from kit.judge.records import text_of
from kit.judge.trials.runners import ForkRunner
from tests.support.proofs import Proof, chapter_files

COURSE = Course()
FOLDER = Path(__file__).with_name("cases")
OWN = "tests/judge/test_cases.py"
SALTS = (0, 1)
ALWAYS = ("00", "04", "06")  # the rest in make test-all; each chapter's own proof is in make test
CHAPTERS = [
    pytest.param(chapter, id=chapter.id, marks=() if chapter.id in ALWAYS else pytest.mark.long)
    for chapter in COURSE.chapters
]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    warm = ForkRunner(ROOT)
    yield Judge(warm, SALTS)
    warm.close()


def cases(chapter: Chapter) -> list[dict[str, str]]:
    """The cases about a chapter's exercises."""
    path = FOLDER / f"{chapter.id}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_right_answers_pass_and_wrong_ones_fail(judge: Judge, proof: Proof, chapter: Chapter) -> None:
    def all_as_wanted() -> None:
        found = cases(chapter)
        cells = []
        for case in found:
            above = (case["before"],) if case.get("before") else ()
            text = text_of(chapter, Answer(case["id"], case["cell"], 1, above))
            cells.append((chapter, chapter.exercise(case["id"]), text))
        verdicts = judge.judge_all(cells, at_once=False)
        assert [
            (case["id"], case["want"], verdict.outcome, verdict.message, case["why"])
            for case, verdict in zip(found, verdicts, strict=True)
            if (verdict.outcome == "passed") != (case["want"] == "pass")
        ] == []

    proof.once(chapter_files(ROOT, chapter, OWN, f"tests/judge/cases/{chapter.id}.jsonl"), all_as_wanted)


def test_there_are_cases_of_both_kinds_for_every_chapter() -> None:
    for chapter in COURSE.chapters:
        wanted = [case["want"] for case in cases(chapter)]
        assert wanted.count("pass") >= len(chapter.exercises) and wanted.count("fail") >= len(chapter.exercises)
