from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kit.course.course import Course
from kit.git import backup, backup_expiry
from kit.git.backup_expiry import delete_expired
from tests.support.fake_course import git

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def keep(course: Course, age: int, text: str) -> str:
    """A backup, made some days ago, of a folder with this text in its first chapter; its name."""
    path = course.pairs() / "ch00_first.py"
    before = path.read_bytes()
    path.write_text(text)
    made = backup.make(course.root, "reset", "00", [path])
    path.write_bytes(before)
    name = f"{NOW - timedelta(days=age):%Y%m%dT%H%M%SZ}-1"
    # No two backups are the same commit, as if they had been made days apart.
    commit = git(course.root, "commit-tree", f"{made.commit}^{{tree}}", "-p", f"{made.commit}^", "-m", f"reset: {age}")
    git(course.root, "update-ref", f"{backup.FOLDER}{name}", commit.strip())
    git(course.root, "update-ref", "-d", f"{backup.FOLDER}{made.name}")
    return name


def names(course: Course) -> set[str]:
    return {found.name for found in backup.backups(course.root)}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two backups always stay; the last test shows what a new one does on its own."""
    monkeypatch.setattr(backup_expiry, "NEWEST", 2)
    monkeypatch.setattr(backup_expiry, "delete_expired", lambda root: ())


def test_what_is_old_and_held_elsewhere_goes_and_the_only_copy_stays(repository: Course) -> None:
    committed = (repository.pairs() / "ch00_first.py").read_text()
    twice, only, same, young, *newest = [
        keep(repository, age, text)
        for age, text in [
            (90, "twice\n"),
            (80, "only here\n"),
            (70, committed),
            (20, "young\n"),
            (10, "twice\n"),
            (5, "new\n"),
        ]
    ]
    assert delete_expired(repository.root, NOW) == (twice, same)
    assert names(repository) == {only, young, *newest}
    assert delete_expired(repository.root, NOW) == ()


def test_of_two_old_copies_one_stays(repository: Course) -> None:
    first, second, *_ = [
        keep(repository, age, text) for age, text in [(90, "x\n"), (80, "x\n"), (2, "y\n"), (1, "z\n")]
    ]
    assert delete_expired(repository.root, NOW) == (first,)
    assert second in names(repository)


def test_commits_that_no_branch_has_any_more_stay(repository: Course) -> None:
    (repository.root / "notes.txt").write_text("mine")
    git(repository.root, "add", "notes.txt")
    git(repository.root, "commit", "-qm", "to be rewritten")
    name = keep(repository, 90, (repository.pairs() / "ch00_first.py").read_text())
    git(repository.root, "reset", "-q", "--hard", "HEAD~1")
    for age in (3, 2):
        keep(repository, age, "another\n")
    assert delete_expired(repository.root, NOW) == ()
    assert name in names(repository)


def test_where_git_cannot_say_nothing_goes(course: Course) -> None:
    assert delete_expired(course.root, NOW) == ()


def test_a_new_backup_deletes_expired_ones(repository: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    old = keep(repository, 3000, (repository.pairs() / "ch00_first.py").read_text())
    monkeypatch.setattr(backup_expiry, "delete_expired", delete_expired)
    for _ in range(2):
        backup.make(repository.root, "reset", "00", [repository.pairs() / "ch00_first.py"])
    assert old not in names(repository) and len(names(repository)) == 2
