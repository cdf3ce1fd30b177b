"""The measurements of how long a learner waits, each on as little as possible."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks import judging, learning
from kit.course.course import Course


@pytest.mark.long
def test_a_warm_verdict_is_measured_on_every_exercise(course: Course) -> None:
    row = judging.warm(course, rounds=1)
    exercises = [exercise for chapter in course.chapters for exercise in chapter.exercises]
    verdicts = sum(1 + len(exercise.mistakes[:2]) for exercise in exercises)
    assert row.how.startswith(f"{verdicts} verdicts on {len(exercises)} exercises")


def test_only_what_succeeds_is_measured(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        judging.cold(tmp_path, [Course().chapter("00")], times=1)  # there's no scripts/check.py


@pytest.mark.long
def test_a_finished_file_is_judged_cold() -> None:
    course = Course()
    rows = judging.cold(course.root, [course.chapter("00")], times=1)
    assert [row.bar for row in rows] == ["< 5 s", "< 40 s"]
    assert judging.helps(course.root, "hint.py")[0].how.endswith("the slowest is hint.py")


@pytest.mark.long
def test_a_watch_and_a_save_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "SAVES", 2)
    row = learning.watching(Course(), polling=True)
    assert row.bar == "p95 < 1500 ms"
    assert row.how.startswith("2 saves")
    assert [row.bar for row in learning.saving(Course(), times=1)] == ["< 4 s", "< 4 s", "< 0.5 s", "< 2 s"]
