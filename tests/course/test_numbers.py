"""Every number in the prose of the real course is true: it was printed, it is in the code, or it is worked out here."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from kit.course.chapter import Chapter, Code
from kit.course.course import ROOT, Course
from tests.support.proofs import Proof, chapter_files
from tests.support.prose_numbers import backed, in_code, printed, run_chapter, says, stated
from workshop import rehearsal

COURSE = Course()
TABLE = "tests/course/numbers.toml"
OWN = ("tests/course/test_numbers.py", "tests/support/prose_numbers.py", TABLE)


@pytest.mark.parametrize("chapter", COURSE.chapters, ids=lambda chapter: chapter.id)
def test_every_number_in_the_prose_is_true(proof: Proof, chapter: Chapter) -> None:
    table = tomllib.loads((ROOT / TABLE).read_text(encoding="utf-8")).get(chapter.id, {})
    computed, facts, helpers = table.get("computed", {}), table.get("facts", {}), table.get("helpers", "")
    written = dict(stated(chapter))
    assert not [number for number in (*computed, *facts) if number not in written], "no longer in the prose"

    def body() -> None:
        codes = [cell.code for cell in chapter.cells if isinstance(cell, Code)]
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("COV")]:
                patch.delenv(name)
            settings = {"WORKSHOP_JUDGE": "1", rehearsal.STEPS: "20"}
            output, values = run_chapter([*codes, helpers], computed, COURSE.pairs(), settings)
        seen, ours = printed(output), in_code(chapter)
        wrong = {number: value for number, value in values.items() if not says(number, value)}
        assert wrong == {}
        lost = [
            f"{chapter.path}:{line}: {number}"
            for number, line in stated(chapter)
            if number not in computed and number not in facts and not backed(number, seen, ours)
        ]
        assert lost == []

    proof.once(chapter_files(ROOT, chapter, *OWN), body)


def test_a_number_that_nothing_backs_is_found(tmp_path: Path) -> None:
    output, values = run_chapter(["x = 0.3176\nprint(f'{x:.4f} and 1,234')"], {"7": "x * 22"}, tmp_path, {})
    seen = printed(output)
    assert values == {"7": pytest.approx(6.9872)} and says("7", values["7"]) and not says("7.0", 6.94)
    assert [backed(number, seen, {42.0}) for number in ("0.32", "31.8", "32", "1,234", "42")] == [True] * 5
    assert [backed(number, seen, {42.0}) for number in ("0.33", "0.3", "31", "1,235", "43")] == [
        False,
        True,
        False,
        False,
        False,
    ]
