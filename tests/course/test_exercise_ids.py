"""An exercise keeps its id for good, and no other one gets it: forks and results are keyed by ids."""

from __future__ import annotations

from pathlib import Path

from kit.course.course import Course
from kit.judge.redraw import assigned_names

FILE = Path(__file__).with_name("exercise_ids.txt")


def listed() -> dict[str, list[str]]:
    """The ids that there have ever been, each with the names that its exercise assigns; `-` for a removed one."""
    lines = (line.split() for line in FILE.read_text().splitlines() if line and not line.startswith("#"))
    return {exercise_id: names for exercise_id, *names in lines}


def test_an_id_stays_with_its_exercise_and_a_removed_one_is_never_used_again() -> None:
    course, known = Course(), listed()
    now = {exercise.id: list(assigned_names(exercise.code)) for c in course.chapters for exercise in c.exercises}
    gone = {exercise_id for entry in course.entries for exercise_id in entry.removed}
    assert list(known) == sorted(known)
    assert set(known) == {*now, *gone}, (
        "add a new exercise to exercise_ids.txt; one that went to `removed` in chapters.toml"
    )
    for exercise_id, names in now.items():
        # What an exercise makes may grow or shrink, but something of it stays; if nothing does, it's another exercise.
        assert set(names) & set(known[exercise_id]), f"{exercise_id} is another exercise now: give that one a new id"
