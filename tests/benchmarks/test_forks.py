from __future__ import annotations

import tempfile
from pathlib import Path

import pygit2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import Row
from benchmarks.forks import build, measure, sheets_of
from benchmarks.make_pack import object_id, write_pack
from kit.course.course import Course
from kit.forks.objects import ObjectStore
from kit.forks.repository import ForkRepository
from tests.support import fake_course
from tests.support.forks import answers, pair


def test_a_cohort_of_any_size(course: Course, tmp_path: Path) -> None:
    folder = build(course, tmp_path, forks=6, commits=4)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"student-{number:05d}.git" for number in range(6)]
    assert {fake_course.git(folder / name, "rev-list", "--count", "HEAD").strip() for name in names} == {"4"}
    assert len({ForkRepository(folder / name).tip().oid for name in names}) == 6


def test_pairs_and_packs_are_those_of_the_course_and_of_git(course: Course, tmp_path: Path) -> None:
    for sheet in sheets_of(course):
        ids = [exercise.id for exercise in sheet.chapter.exercises]
        done = answers(sheet.chapter, ids[0])
        assert sheet.pair(done, ids[1:]) == pair(sheet.chapter, done, ids[1:])
    folder = build(course, tmp_path, forks=2, commits=5)
    for fork in folder.iterdir():
        assert fake_course.git(fork, "fsck", "--strict", "--full") == ""


@given(st.binary(max_size=600), st.binary(max_size=300), st.binary(max_size=600))
def test_differences(one: bytes, middle: bytes, two: bytes) -> None:
    old, new = one + b"old" + two, one + middle + two
    with tempfile.TemporaryDirectory() as scratch:
        objects = {object_id("blob", data): ("blob", data) for data in (old, new)}
        (Path(scratch) / "objects" / "pack").mkdir(parents=True)
        write_pack(Path(scratch) / "objects" / "pack", objects, [[object_id("blob", old), object_id("blob", new)]])
        store = ObjectStore(Path(scratch), pygit2.Odb(f"{scratch}/objects"))
        assert [store.blob(oid.hex()) for oid in objects] == [data for _, data in objects.values()]


@pytest.mark.long
def test_rows() -> None:
    rows = measure(forks=4, runs=1)
    assert len(rows) == 10
    assert all(isinstance(row, Row) and row.what and row.measured and row.how for row in rows)
    assert [bool(row.bar) for row in rows] == [row.ok is not None for row in rows]
