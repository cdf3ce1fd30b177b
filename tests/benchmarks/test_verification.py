"""The benchmark of verification, on a few forks of the fake course."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import verification
from benchmarks.verification import Run, make_cohort, measure
from kit.course.course import Course
from kit.forks.cohort import read_cohort
from kit.sources.words import find_forks


def test_every_chapter_is_filled(course: Course, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    forks = make_cohort(course, tmp_path / "made", 3)
    cohort = read_cohort(course, find_forks([str(forks)]))
    assert [sum(len(chapter.filled) for chapter in fork.chapters.values()) for fork in cohort.forks] == [4, 4, 4]


def test_the_rows_and_the_cache_put_back(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([Run(19, 8, 7, 2), Run(24, 8, 7, 2, 3000), Run(91, 8, 7, 2), Run(1, 8, 7, 0)])
    monkeypatch.setattr(verification, "verify", lambda forks, course, watched=False: next(readings))
    cache = course.root / ".workshop" / "cache.sqlite"
    cache.parent.mkdir()
    cache.write_text("kept")
    rows = measure(2, course)
    assert [row.measured for row in rows] == ["19.0 s", "91.0 s", "3000 MB", "75.0%", "1.0 s"]
    assert [row.ok for row in rows] == [True, False, None, None, True]
    assert cache.read_text() == "kept"
