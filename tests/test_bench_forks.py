from __future__ import annotations

from pathlib import Path

from kit.bench import Row
from kit.bench.forks import build, measure
from kit.course import Course
from kit.repository import Store
from tests import fake


def test_a_cohort_of_any_size(course: Course, tmp_path: Path) -> None:
    folder = build(course, tmp_path, forks=6, commits=4)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"student-{number:04d}.git" for number in range(6)]
    assert {fake.git(folder / name, "rev-list", "--count", "HEAD").strip() for name in names} == {"4"}
    assert len({Store(folder / name).tip().oid for name in names}) == 6


def test_rows() -> None:
    rows = measure(forks=8, runs=1)
    assert len(rows) == 5
    assert all(isinstance(row, Row) and row.what and row.measured and row.how for row in rows)
    assert [bool(row.bar) for row in rows] == [row.ok is not None for row in rows]
