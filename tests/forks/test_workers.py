from __future__ import annotations

import os
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.forks import chapters, cohort
from kit.forks.chapters import ChapterReader
from kit.forks.cohort import CohortOptions, read_cohort
from kit.forks.listing import list_fork
from kit.forks.repository import ForkRepository
from kit.forks.workers import fork_readers
from kit.lru import LruDict
from kit.sources.words import find_forks
from tests.support.forks import answers, make_fork, pair


@pytest.fixture
def many(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixty forks of three kinds, one of them damaged; the threshold is lowered so that workers are worth it."""
    monkeypatch.setattr(cohort, "MANY", 10)
    monkeypatch.setattr(cohort, "BATCH", 5)
    monkeypatch.setattr(cohort, "AHEAD", 2)
    chapter = course.chapter("00")
    kinds = [pair(chapter, answers(chapter, *ids), ids) for ids in ([], ["00.01"], ["00.01", "00.02"])]
    for number in range(60):
        make_fork(tmp_path / "all" / f"s{number}.git", course, kinds[number % 3])
    (tmp_path / "all" / "s7.git" / "HEAD").write_text("?")
    return tmp_path / "all"


def test_workers_say_the_same(many: Path, course: Course) -> None:
    origins = find_forks([str(many)])
    seen: list[str] = []
    alone = read_cohort(course, origins).forks
    together = read_cohort(
        course, origins, CohortOptions(processes=2), on_done=lambda fork: seen.append(fork.name)
    ).forks
    assert together == alone
    assert seen == [fork.name for fork in alone]
    assert [fork.status for fork in alone].count("unreadable") == 1


def test_a_worker_that_is_killed_costs_nothing(many: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    origins = find_forks([str(many)])
    alone = read_cohort(course, origins).forks
    here, original = os.getpid(), chapters.read_side

    def die(data: bytes, notebook: bool) -> object:
        if os.getpid() != here:
            os._exit(1)
        return original(data, notebook)

    monkeypatch.setattr(chapters, "read_side", die)
    assert read_cohort(course, origins, CohortOptions(processes=2)).forks == alone


def test_no_workers_for_one() -> None:
    with fork_readers((), 1) as readers:
        assert readers.pool is None


def test_a_side_is_read_once_and_the_oldest_goes(many: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ForkRepository(many / "s0.git")
    files = [file for pair in list_fork(store, store.tip(), {}).files.values() for file in pair]
    read: list[str] = []
    original = ForkRepository.blob
    monkeypatch.setattr(ForkRepository, "blob", lambda self, oid: read.append(oid) or original(self, oid))  # type: ignore[func-returns-value]
    place = ChapterReader(())
    place.sides = LruDict(4)
    for file in [files[0], files[1], files[0], files[2], files[0], files[3], files[0], files[1]]:
        assert place.side(store, file) == chapters.read_side(original(store, file.oid), file.notebook)
    assert read == [files[n].oid for n in (0, 1, 2, 3, 1)]
    assert len(place.sides) == 3
    assert (files[3].oid, files[3].notebook) in place.sides and (files[2].oid, files[2].notebook) not in place.sides
