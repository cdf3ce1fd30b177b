"""Forks as they were at a date, and what came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.forks.cohort import CohortOptions, read_cohort
from kit.forks.records import Fork
from kit.git.fast_import import Commit, write_history
from kit.sources.words import find_forks
from tests.support.fake_course import git
from tests.support.forks import DAY, answers, make_fork, pair, start, words


@pytest.fixture
def fork(tmp_path: Path, course: Course) -> Path:
    """The todo on day 0; 00.01 on day 1; 00.02 on day 2, when 00.01 is written anew; the second chapter on day 3."""
    one, two = course.chapter("00"), course.chapter("01")
    anew = answers(one, "00.01", "00.02")
    anew["00.01"] = anew["00.01"].replace("# mine", "# mine, again")
    changes = (
        pair(one, answers(one, "00.01"), ["00.01"]),
        pair(one, anew, ["00.01"]),
        pair(two, answers(two, "01.01")),
    )
    return make_fork(tmp_path / "student-01.git", course, *changes)


def at(course: Course, path: Path, until: datetime | None) -> Fork:
    (got,) = read_cohort(course, find_forks([str(path)]), CohortOptions(cells=True, until=until)).forks
    return got


def test_what_was_there_counts_and_the_rest_is_flagged(course: Course, fork: Path) -> None:
    got = at(course, fork, DAY + timedelta(days=1, hours=1))
    assert (got.status, got.chapters["00"].filled, got.chapters["01"].filled) == ("ok", ("00.01",), ())
    assert words(got.chapters["00"]) == ["late 00.02", "changed late 00.01"]
    assert words(got.chapters["01"]) == ["late 01.01"]
    assert got.reason == "2 commits after 2026-03-03 19:00 UTC, not counted"
    assert got.tip
    assert got.tip.committed_at == DAY + timedelta(days=1)


@pytest.mark.parametrize("until", [DAY + timedelta(days=3), datetime(2030, 1, 1, tzinfo=UTC), None])
def test_nothing_is_late(course: Course, fork: Path, until: datetime | None) -> None:
    got = at(course, fork, until)
    assert (got.chapters["00"].filled, got.chapters["01"].filled, got.reason) == (("00.01", "00.02"), ("01.01",), "")
    assert not any(progress.flags for progress in got.chapters.values())


def test_the_second_itself_is_in_time(course: Course, fork: Path) -> None:
    assert at(course, fork, DAY + timedelta(days=1)).chapters["00"].filled == ("00.01",)
    assert at(course, fork, DAY + timedelta(days=1, seconds=-1)).chapters["00"].filled == ()


def test_before_the_first_commit(course: Course, fork: Path) -> None:
    got = at(course, fork, DAY - timedelta(days=1))
    assert (got.status, got.reason, dict(got.chapters)) == ("empty", "no commit by 2026-03-01 18:00 UTC", {})


def test_a_date_that_was_turned_back_is_named(tmp_path: Path, course: Course) -> None:
    one = course.chapter("00")
    steps = [
        Commit(DAY, "todo", start(course), "s"),
        Commit(DAY + timedelta(days=9), "late", pair(one, answers(one, "00.01")), "s"),
        Commit(DAY + timedelta(days=1), "turned back", pair(one, answers(one, "00.01", "00.02")), "s"),
    ]
    got = at(course, write_history(tmp_path / "s.git", steps), DAY + timedelta(days=2))
    assert got.chapters["00"].filled == ("00.01", "00.02")
    assert got.reason == "some of its commits are dated before the ones they build on"


def test_a_clone_that_was_read_before_isnt_called_rewritten(
    course: Course, fork: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kit.cache import Cache

    cache = Cache(tmp_path / "cache")
    origins = find_forks([str(fork)])
    for until in (None, DAY + timedelta(days=1), None):
        (got,) = read_cohort(course, origins, CohortOptions(cache=cache, history=True, until=until)).forks
        assert got.history
        assert got.history.note == ""
        assert got.history.commits == (2 if until else 4)


def test_late_work_on_the_same_branch_isnt_work_elsewhere(course: Course, fork: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(fork), "clone")
    got = at(course, tmp_path / "clone", DAY + timedelta(days=1))
    assert "branch" not in got.reason
