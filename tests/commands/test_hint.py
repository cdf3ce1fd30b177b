from __future__ import annotations

from pathlib import Path

import pytest

from kit.course.course import Course
from kit.errors import KitError
from kit.learner.hints import RUNGS, next_rung
from kit.learner.locate import exercise_at
from scripts.hint import main
from tests.support import fake_course


@pytest.fixture
def here(course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(course.root)
    return course


def test_each_call_climbs_one_rung_and_stays_on_the_last(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    heads = []
    for _ in range(RUNGS + 1):
        assert main(["00.01"]) == 0
        heads.append(capsys.readouterr().out.splitlines()[0])
    assert heads == [f"hint {n} of {RUNGS} for 00.01" for n in (*range(1, RUNGS + 1), RUNGS)]
    assert main(["00.01", "--rung", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"hint 1 of {RUNGS} for 00.01", "  there is a function for it"]


def test_without_a_word_it_is_the_next_exercise(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "for 00.01" in capsys.readouterr().out
    for chapter in here.chapters:
        answers = {exercise.id: exercise.code for exercise in chapter.exercises}
        fake_course.write_pair(here, chapter.id, answers, tuple(answers))
    assert main([]) == 2


def test_a_ladder_that_cannot_be_remembered_begins_anew(tmp_path: Path) -> None:
    (tmp_path / ".workshop").write_text("a file where a folder should be")
    assert [next_rung(tmp_path, "00.01", 4) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize("text", ["[]", "nonsense", '{"00.01": "two"}'])
def test_a_damaged_memory_begins_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / ".workshop").mkdir()
    (tmp_path / ".workshop" / "hints.json").write_text(text)
    assert [next_rung(tmp_path, "00.01", 4) for _ in range(2)] == [1, 2]


def test_a_cursor_names_the_exercise_around_it_or_below(here: Course) -> None:
    path = here.pairs() / "ch00_first.py"
    lines = path.read_text().split("\n")
    at = {item_id: lines.index(f'check("{item_id}")') + 1 for item_id in ("00.01", "00.02")}
    name = "workshop/en/ch00_first.py"
    assert [exercise_at(f"{name}:{line}", or_next=True) for line in (1, at["00.01"])] == ["00.01"] * 2
    assert [exercise_at(f"{name}:{line}", or_next=True) for line in (at["00.01"] + 1, at["00.02"])] == ["00.02"] * 2
    with pytest.raises(KitError):
        exercise_at(f"{name}:{at['00.02'] + 1}", or_next=True)
    assert main(["README.md:3"]) == 2


def test_in_a_notebook_it_is_the_first_that_is_not_filled(here: Course) -> None:
    name = "workshop/en/ch00_first.ipynb"
    assert exercise_at(f"{name}:9", or_next=True) == "00.01"
    fake_course.write_pair(here, "00", {"00.01": 'length = 5\ncheck("00.01")'}, ())
    assert exercise_at(f"{name}:1", or_next=True) == "00.02"


def test_to_be_reset_an_exercise_has_the_cursor_in_it(here: Course) -> None:
    path = here.pairs() / "ch00_first.py"
    lines = path.read_text().split("\n")
    name, at = "workshop/en/ch00_first.py", lines.index('check("00.01")') + 1
    assert [exercise_at(word) for word in (f"{name}:{at}", f"{name}:{at - 1}", "01", "00.02")] == [
        "00.01", "00.01", "01", "00.02"
    ]  # fmt: skip
    for word in (f"{name}:1", f"{name}:{len(lines)}", "workshop/en/ch00_first.ipynb:1", "nothing.py:3"):
        with pytest.raises(KitError):
            exercise_at(word)
