"""Whose work it is: real repositories in which the course's commits are among a student's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.make_pack import Builder
from kit.course.course import Course
from kit.forks.cohort import CohortOptions, read_cohort
from kit.forks.commit_walk import Touch
from kit.forks.own_work import PAUSE, SHARED, attempts_in, course_commits
from kit.forks.records import Attempted, Fork
from kit.git.fast_import import Commit
from kit.learner.update.update import update
from kit.sources.words import find_forks
from tests.support import fake_course
from tests.support.fake_course import git
from tests.support.forks import DAY, answers, pair, path_of, start
from tests.support.packs import bare

WRONG = 'length = {n}\ncheck("00.01")'
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def read(course: Course, folder: Path) -> tuple[Fork, ...]:
    return read_cohort(course, find_forks([str(folder)]), CohortOptions(history=True)).forks


def attempted(fork: Fork) -> dict[str, Attempted]:
    assert fork.history
    return dict(fork.history.attempted)


def touch(hours: float, *ids: str, commit: str = "c") -> Touch:
    return Touch(commit, int((DAY + timedelta(hours=hours)).timestamp()), ids)


def test_sittings() -> None:
    touches = [touch(0, "a"), touch(5, "a"), touch(12, "a", "b"), touch(30, "b")]
    found = attempts_in(touches, (), NOW)
    assert found["a"] == Attempted(DAY, DAY + timedelta(hours=12), 3, 2, False)
    assert found["b"] == Attempted(DAY + timedelta(hours=12), DAY + timedelta(hours=30), 2, 2, True)
    assert attempts_in(touches, {"c"}, NOW) == {}


def test_an_evening_is_one_sitting_on_either_side_of_midnight() -> None:
    late = [Touch("c", int(datetime(2026, 3, 2, hour, 50, tzinfo=UTC).timestamp()), ("a",)) for hour in (22, 23)]
    early = Touch("c", int(datetime(2026, 3, 3, 0, 30, tzinfo=UTC).timestamp()), ("a",))
    assert attempts_in([*late, early], (), NOW)["a"].sittings == 1
    assert timedelta(hours=12) > PAUSE


def test_times_that_make_no_sense_begin_no_sitting() -> None:
    in_2100 = Touch("c", int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()), ("a",))
    before_git = Touch("c", 0, ("a",))
    found = attempts_in([touch(0, "a"), in_2100, before_git, touch(1, "a"), in_2100], (), NOW)
    assert found["a"] == Attempted(DAY, DAY + timedelta(hours=1), 5, 1, True)
    assert attempts_in([in_2100], (), NOW)["a"] == Attempted(None, None, 1, 1, True)
    years_back = touch(-20000, "a")
    assert attempts_in([touch(0, "a"), years_back, touch(1, "a")], (), NOW)["a"].sittings <= 2


def test_a_tip_from_2100_has_no_time(tmp_path: Path, course: Course) -> None:
    builder = Builder({}, b"")
    builder.commit(Commit(datetime(2100, 1, 1, tzinfo=UTC), "x", start(course)))
    (fork,) = read(course, bare(tmp_path / "a", builder))
    assert fork.tip
    assert fork.tip.committed_at is None


def test_new_words_in_a_blank_cell_are_nobodys_work(tmp_path: Path, course: Course) -> None:
    """As after `unzip` over one's clone, or a fast-forward: no merge tells whose they are."""
    builder = Builder({}, b"")
    builder.commit(Commit(DAY, "start", start(course)))
    for n in range(3):
        path = path_of(course.chapter("00"), ".py")
        old = builder.objects[builder.files[path]][1]
        files = {path: old.replace(b"length =", b"# says more %d\nlength =" % n)}
        builder.commit(Commit(DAY + timedelta(days=n), "words", files))
    (fork,) = read(course, bare(tmp_path / "a", builder))
    assert attempted(fork) == {}


def test_what_is_shared_is_the_courses(tmp_path: Path, course: Course) -> None:
    """Plain clones of a course with a past: answers were filled in and taken out again before anybody had it."""
    chapter = course.chapter("00")
    for number in range(SHARED):
        builder = Builder({}, b"")
        builder.commit(Commit(DAY, "start", start(course)))
        for n in range(4):
            builder.commit(Commit(DAY + timedelta(days=n), "try", pair(chapter, {"00.01": WRONG.format(n=n)})))
        if number == 0:
            mine = pair(chapter, {"00.01": WRONG.format(n=9)})
            builder.commit(Commit(DAY + timedelta(days=9), "mine", mine))
        bare(tmp_path / "all" / f"s{number}", builder)
    first, *others = read(course, tmp_path / "all")
    assert [attempted(fork) for fork in others] == [{}] * (SHARED - 1)
    assert attempted(first)["00.01"].commits == 1


def test_the_courses_own_repository_knows_its_commits(tmp_path: Path) -> None:
    course = fake_course.make_repository(tmp_path / "course")
    chapter = course.chapter("00")
    for n in range(4):
        for path, data in pair(chapter, {"00.01": WRONG.format(n=n)}).items():
            (course.root / path).write_bytes(data or b"")
        git(course.root, "commit", "-qam", f"try {n}")
    git(tmp_path, "clone", "-q", str(course.root), "all/clone")
    (fork,) = read(course, tmp_path / "all" / "clone")
    assert attempted(fork) == {}
    assert len(course_commits(course.root)) == 5
    assert course_commits(tmp_path) == frozenset()


def write(course: Course, folder: Path, done: dict[str, str]) -> None:
    for path, data in pair(course.chapter("00"), done).items():
        (folder / path).write_bytes(data or b"")
    git(folder, "commit", "-qam", "work")


@pytest.mark.parametrize("how", ["update", "merge", "rebase"])
def test_the_courses_edit_is_not_the_students(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    course = fake_course.make_repository(tmp_path / "course")
    git(tmp_path, "clone", "-q", str(course.root), "all/fork")
    fork = tmp_path / "all" / "fork"
    write(course, fork, {"00.01": WRONG.format(n=1)})
    source = course.root / "checkpoints" / "ch00_first.py"
    source.write_text(source.read_text().replace("how many letters?", "how many letters are there?").replace(
        "the first letter", "its first letter"
    ))  # fmt: skip
    newer = Course(course.root)
    for chapter in newer.chapters:
        fake_course.write_pair(newer, chapter.id, {}, ())
    git(course.root, "commit", "-qam", "says more")
    if how == "update":
        git(fork, "config", "user.name", "student-01")
        git(fork, "config", "user.email", "student-01@example.org")
        update(Course(fork), "origin")
    elif how == "merge":
        git(fork, "pull", "-q", "--no-rebase", "-X", "ours", "origin", "main")
    else:
        git(fork, "pull", "-q", "--rebase", "-X", "theirs", "origin", "main")
    assert "says more" in git(fork, "log", "--format=%s")
    release = fake_course.make_course(tmp_path / "release")  # not a repository: nothing there knows the commits
    (read_fork,) = read(release, fork)
    assert read_fork.history
    found = attempted(read_fork)
    assert list(found) == ["00.01"]
    assert (found["00.01"].commits, found["00.01"].sittings) == (1, 1)


def test_work_from_another_machine_counts_at_the_merge(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    builder = Builder({}, b"")
    builder.commit(Commit(DAY, "start", start(course)))
    for n in range(3):
        change = pair(chapter, answers(chapter, "00.01") if n == 2 else {"00.01": WRONG.format(n=n)})
        side = Builder(dict(builder.files), builder.tip, builder.objects, builder.versions)
        side.commit(Commit(DAY + timedelta(days=n), "at home", change))
        builder.commit(Commit(DAY + timedelta(days=n), "merge", change), side.tip)
    (fork,) = read(course, bare(tmp_path / "a", builder))
    assert (attempted(fork)["00.01"].commits, attempted(fork)["00.01"].sittings) == (3, 3)


def test_a_rebase_moves_no_work_to_another_time(tmp_path: Path, course: Course) -> None:
    folder = tmp_path / "a"
    builder = Builder({}, b"")
    builder.commit(Commit(DAY, "start", start(course)))
    for n in range(3):
        files = pair(course.chapter("00"), {"00.01": WRONG.format(n=n)})
        builder.commit(Commit(DAY + timedelta(days=n), "try", files))
    bare(tmp_path / "bare", builder)
    git(tmp_path, "clone", "-q", "bare", "a")
    git(folder, "rebase", "-q", "--force-rebase", "--root")
    (fork,) = read(course, folder)
    assert attempted(fork)["00.01"].sittings == 3
