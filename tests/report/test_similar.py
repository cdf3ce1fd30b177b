"""Answers that are alike: copies are named with evidence, and students who merely think alike aren't."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.forks.records import Fork
from kit.report.similar import find_similar, structure_of, to_similar
from scripts import progress
from tests.report.test_formats import NOW
from tests.support.forks import answers, make_fork, pair

IDS = tuple(f"00.{number:02d}" for number in range(1, 9))
GIVEN = "def mix(values, weights):\n    ____\n    return total\n"
FINISHED = GIVEN.replace("____", "total = weights @ values")
OUTLINE = Outline(
    "00", "First", "ch00", IDS, IDS, dict.fromkeys(IDS, FINISHED), dict.fromkeys(IDS, 1), dict.fromkeys(IDS, ("mix",))
)
OURS = {x: [FINISHED] for x in IDS}
TODOS = dict.fromkeys(IDS, GIVEN)


def answer(number: int, total: str = "total", row: str = "row", comment: str = "") -> str:
    """One of a hundred ways to write it, in the writer's own names."""
    first, second = divmod(number, 10)
    body = [
        f"{comment}{total} = {first}",
        f"for {row}, weight in zip(values, weights):",
        f"    {total} = {total} + weight * {row}" + " + 0" * second,
        f"total = {total}",
    ]
    return GIVEN.replace("____", "\n    ".join(body))


def class_of(*students: list[str]) -> Cohort:
    forks = tuple(Fork(f"student-{number:02d}", "", "ok") for number in range(len(students)))
    cells = tuple({x: (cell,) for x, cell in zip(IDS, student, strict=True) if cell} for student in students)
    return Cohort(NOW, (OUTLINE,), forks, cells)


def independent(count: int, ways: int, seed: int) -> list[list[str]]:
    """Students who each pick one of so many ways to write it, the usual ones more often."""
    draw = random.Random(seed)
    numbers = [[min(int(draw.expovariate(4 / ways)), ways - 1) for _ in IDS] for _ in range(count)]
    return [[answer(number, draw.choice("abcdef"), draw.choice("uvwxyz")) for number in row] for row in numbers]


def named(cohort: Cohort) -> list[tuple[int, int]]:
    return [(pair.first, pair.second) for pair in find_similar(cohort, OURS, TODOS).pairs]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ways", [1, 4, 20])
def test_who_thinks_alike_is_not_named(seed: int, ways: int) -> None:
    assert named(class_of(*independent(30, ways, seed))) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_copy_with_other_names_is(seed: int) -> None:
    students = independent(30, 20, seed)
    odd = [answer(90 + number, "acc", "v") for number in range(len(IDS))]
    students[3] = odd
    students[17] = [answer(90 + n, "my_sum", "each", "# I wrote this\n    ") for n in range(len(IDS))]
    assert named(class_of(*students)) == [(3, 17)]


def test_the_course_own_answer_says_nothing() -> None:
    students = [*independent(28, 20, 1), *[[FINISHED] * len(IDS)] * 2]
    assert named(class_of(*students)) == []


def test_short_answers_say_nothing_however_rare() -> None:
    short = [GIVEN.replace("____", f"total = {number}") for number in range(len(IDS))]
    students = [*independent(28, 20, 1), short, short]
    assert named(class_of(*students)) == []


def test_a_small_class_has_nothing_rare() -> None:
    odd = [answer(90 + number) for number in range(len(IDS))]
    assert named(class_of(odd, odd, *independent(2, 20, 1))) == []


def test_the_same_comments_say_something_too() -> None:
    remark = "# the weight says how much of this row goes in\n    "
    students = independent(30, 4, 2)
    for place in (5, 9):
        students[place] = [answer(1, "abc"[place % 3], "x", remark) for _ in IDS]
    assert named(class_of(*students)) == [(5, 9)]


def test_one_exercise_is_not_enough() -> None:
    students = independent(30, 20, 3)
    students[1][0] = students[2][0] = answer(
        99, "a", "b", "# one of those long remarks\n    # and another such long one\n    "
    )
    assert named(class_of(*students)) == []


def test_the_evidence() -> None:
    students = independent(30, 20, 4)
    students[3] = students[17] = [answer(90 + number, "```acc", "v") for number in range(len(IDS))]
    students[3] = [answer(90 + number, "acc", "v", "# ```\n    # <b>@octo\n    ") for number in range(len(IDS))]
    students[17] = [answer(90 + number, "mine", "v") for number in range(len(IDS))]
    cohort = class_of(*students)
    text = to_similar(cohort, find_similar(cohort, OURS, TODOS))
    assert "## student\\-03 and student\\-17" in text or "## student-03 and student-17" in text
    assert "0 others of 30 have it" in text
    assert "    acc = 9" in text
    assert "    mine = 9" in text
    assert "accusation" in text
    assert all(line.startswith("    ") for line in text.split("\n") if "```" in line or "<b>" in line)
    nothing = class_of(*independent(30, 20, 4))
    assert "No two students" in to_similar(nothing, find_similar(nothing, OURS, TODOS))
    empty = replace(nothing, forks=(), cells=())
    assert to_similar(empty, find_similar(empty, OURS, TODOS))


@pytest.mark.parametrize(
    "cell", ["(" * 10_000, "x = '", "\0", "if x:\n  y\n z", "x" * 30_000, "'''", "\ud800", "λ = 1\n", "0777", "é" * 99]
)
def test_a_strangers_cell_ends_nothing(cell: str) -> None:
    found = structure_of(cell, frozenset())
    assert found is None or found.tokens is not None
    odd = [answer(1)] * 7 + [cell]
    assert find_similar(class_of(*[odd] * 6), OURS, TODOS).compared >= 7


def test_structure() -> None:
    one, two = (
        structure_of(cell, frozenset({"len"})) for cell in ('a = len("x")  # how long it is\n', "b=len( 'x' )\n")
    )
    assert one
    assert two
    assert one.tokens == two.tokens
    assert (one.names, two.names) == (("a",), ("b",))
    assert one.comments == ("how long it is",)
    other = structure_of("a = max('x')\n", frozenset({"len", "max"}))
    assert other
    assert other.tokens != one.tokens


def test_the_command_is_off_by_default(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    chapter = course.chapter("00")
    for number in range(6):
        make_fork(course.root / "clones" / f"s{number}.git", course, pair(chapter, answers(chapter, "00.01")))
    assert progress.main(["clones", "--format", "json"]) == 0
    assert "similar" not in capsys.readouterr().out
    assert progress.main(["clones", "--format", "json", "--similar", "out/similar.md"]) == 0
    assert "No two students" in Path("out/similar.md").read_text()
    assert progress.main(["clones", "--similar", "s.md", "--pseudonymous"]) == 2
    assert not Path("s.md").exists()
