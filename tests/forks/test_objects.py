from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pygit2
import pytest

from kit.course.course import Course
from kit.forks.listing import chapter_files
from kit.forks.objects import utc_time
from kit.forks.records import ForkTrouble
from kit.forks.repository import ForkRepository, is_repository
from kit.git.fast_import import Commit, write_history
from tests.support import fake_course
from tests.support.forks import DAY, answers, commits, make_fork, pair, path_of, start
from tests.support.loose_objects import loose


@pytest.fixture
def store(tmp_path: Path, course: Course) -> ForkRepository:
    return ForkRepository(make_fork(tmp_path / "student-01.git", course))


def workshop(store: ForkRepository) -> tuple[str, str]:
    """The id of the tree `workshop` at the tip, or why there isn't one."""
    return store.find_workshop(store.commit(store.tip().oid).tree)


def trouble(path: Path, branch: str = "") -> tuple[str, str]:
    """The status and reason with which reading a tip ends."""
    with pytest.raises(ForkTrouble) as caught:
        ForkRepository(path).tip(branch)
    return caught.value.status, caught.value.reason


def test_tip(store: ForkRepository) -> None:
    tip = store.tip()
    assert tip.branch == "main"
    assert tip.committed_at == DAY
    assert len(tip.oid) == 40


def test_chapter_files(store: ForkRepository, course: Course) -> None:
    tree, why = workshop(store)
    files = list(chapter_files(store, tree))
    assert why == ""
    assert {file.path for file in files} == set(start(course))
    assert {(file.chapter, file.notebook) for file in files} == {
        ("00", False),
        ("00", True),
        ("01", False),
        ("01", True),
    }
    for file in files:
        data = store.blob(file.oid)
        assert data == start(course)[file.path]
        assert store.size(file.oid) == len(data)


def test_a_clone_and_a_bare_repository_are_the_same(tmp_path: Path, repository: Course) -> None:
    fake_course.git(tmp_path, "clone", "-q", "--bare", str(repository.root), "bare.git")
    assert is_repository(repository.root)
    assert is_repository(tmp_path / "bare.git")
    assert not is_repository(tmp_path)
    assert ForkRepository(repository.root).tip() == ForkRepository(tmp_path / "bare.git").tip()


def test_nothing_is_checked_out_or_written(tmp_path: Path, store: ForkRepository, course: Course) -> None:
    def snapshot() -> dict[str, tuple[int, int]]:
        return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in tmp_path.rglob("*") if p.is_file()}

    before = snapshot()
    tree, _ = workshop(store)
    for file in chapter_files(store, tree):
        store.blob(file.oid)
    store.branches()
    assert snapshot() == before


def test_a_folder_in_a_repository_is_not_that_repository(repository: Course) -> None:
    inner = repository.root / "clones" / "student-01"
    inner.mkdir(parents=True)
    assert trouble(inner)[0] == "unreadable"


def test_empty(tmp_path: Path) -> None:
    assert trouble(write_history(tmp_path / "a.git", []))[0] == "empty"
    fake_course.git(tmp_path, "init", "-q", "b")
    assert trouble(tmp_path / "b")[0] == "empty"


def test_head_is_followed(tmp_path: Path, course: Course) -> None:
    work = [Commit(DAY, "all", start(course), branch="trunk")]
    assert ForkRepository(write_history(tmp_path / "a.git", work, head="trunk")).tip().branch == "trunk"


def test_no_default_branch(tmp_path: Path, course: Course) -> None:
    work = [Commit(DAY, "all", start(course), branch="trunk")]
    path = write_history(tmp_path / "a.git", work, head="main")
    status, reason = trouble(path)
    assert (status, "trunk" in reason) == ("no branch", True)
    assert ForkRepository(path).tip("trunk").branch == "trunk"
    assert trouble(path, "other")[0] == "no branch"
    assert trouble(path, "../../config")[0] == "no branch"
    assert trouble(path, "a..b\x1b")[0] == "no branch"


def test_a_branch_that_only_the_server_had(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course)
    fake_course.git(path, "branch", "work")
    fake_course.git(tmp_path, "clone", "-q", str(path), "clone")
    assert ForkRepository(tmp_path / "clone").tip("work").oid == ForkRepository(path).tip().oid
    assert set(ForkRepository(tmp_path / "clone").branches()) == {"main", "work"}


def test_detached_head_and_tag(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course, pair(course.chapter("00"), answers(course.chapter("00"), "00.01")))
    fake_course.git(path, "tag", "-a", "-m", "x", "v1", "main~1")
    first = fake_course.git(path, "rev-parse", "main~1").strip()
    (path / "HEAD").write_text(first + "\n")
    assert ForkRepository(path).tip().oid == first
    fake_course.git(path, "update-ref", "refs/heads/tagged", first)
    (path / "refs" / "heads" / "tagged").write_text(fake_course.git(path, "rev-parse", "v1"))
    assert ForkRepository(path).tip("tagged").oid == first
    fake_course.git(path, "tag", "-a", "-m", "x", "v2", "v1")
    (path / "refs" / "heads" / "tagged").write_text(fake_course.git(path, "rev-parse", "v2"))
    assert ForkRepository(path).tip("tagged").oid == first


def test_a_forged_tag_is_not_believed(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course)
    tip = fake_course.git(path, "rev-parse", "main").strip()
    for text, oid in ((f"object {tip}\ntype commit\n", "1" * 40), ("no tag\n", "")):
        lie = loose(path, "tag", len(text), text.encode(), oid)
        (path / "refs" / "heads" / "main").write_text(f"{lie}\n")
        assert trouble(path)[0] == "unreadable"


def test_parents(tmp_path: Path, course: Course) -> None:
    store = ForkRepository(make_fork(tmp_path / "a.git", course, {"a": b"1"}))
    first = store.commit(store.tip().oid).parent
    assert first is not None
    assert store.commit(first).parent is None


def test_no_course(tmp_path: Path) -> None:
    store = ForkRepository(write_history(tmp_path / "a.git", [Commit(DAY, "other", {"README.md": b"hi"})]))
    assert workshop(store)[0] == ""
    assert workshop(store)[1] != ""


@pytest.mark.parametrize(("mode", "data"), [("120000", b"/etc"), ("160000", b"1" * 40), ("100644", b"text")])
def test_workshop_that_is_no_folder(tmp_path: Path, mode: str, data: bytes) -> None:
    work = [Commit(DAY, "odd", {"workshop": data, "a": b""}, modes={"workshop": mode})]
    tree, why = workshop(ForkRepository(write_history(tmp_path / "a.git", work)))
    assert tree == ""
    assert why != ""


@pytest.mark.parametrize(("mode", "flag"), [("120000", "symlink"), ("160000", "submodule"), ("100755", "")])
def test_odd_entries(tmp_path: Path, course: Course, mode: str, flag: str) -> None:
    path = path_of(course.chapter("00"), ".py")
    data = b"1" * 40 if flag == "submodule" else b"../../../etc/passwd"
    store = ForkRepository(make_fork(tmp_path / "a.git", course, {path: data}, modes={path: mode}))
    files = {file.path: file for file in chapter_files(store, workshop(store)[0])}
    assert files[path].flag == flag


def test_names_that_are_not_utf8(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course)
    repository = pygit2.Repository(str(path))
    tree = repository[repository.head.target].tree
    raw = (
        b"".join(b"%o %s\0" % (entry.filemode, entry.raw_name) + entry.id.raw for entry in tree["workshop"]["en"])
        + b"100644 \xe9\xff.py\0"
        + tree["workshop/en/ch00_first.py"].id.raw
    )
    language = repository.odb.write(pygit2.enums.ObjectType.TREE, raw)
    top = repository.odb.write(pygit2.enums.ObjectType.TREE, b"40000 en\0" + language.raw)
    assert {file.chapter for file in chapter_files(ForkRepository(path), str(top))} == {"00", "01"}


def test_the_size_is_known_without_reading(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course)
    oid = loose(path, "blob", 2**30, b"x" * 100)
    assert ForkRepository(path).size(oid) == 2**30


def test_an_object_under_a_wrong_name_is_not_believed(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course)
    oid = loose(path, "blob", 4, b"lies", "1" * 40)
    with pytest.raises(ForkTrouble) as caught:
        ForkRepository(path).blob(oid)
    assert caught.value.status == "unreadable"


@pytest.mark.parametrize("claimed", [2, 2000])
def test_an_object_with_a_wrong_size_is_not_believed(tmp_path: Path, course: Course, claimed: int) -> None:
    path = make_fork(tmp_path / "a.git", course)
    oid = loose(path, "blob", claimed, b"x" * 100)
    with pytest.raises(ForkTrouble):
        ForkRepository(path).blob(oid)


def test_a_tree_of_a_million_names_is_not_read(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course)
    oid = loose(path, "tree", 2**28, b"")
    with pytest.raises(ForkTrouble) as caught:
        list(chapter_files(ForkRepository(path), oid))
    assert caught.value.status == "unreadable"


def test_a_file_where_a_blob_is_due(store: ForkRepository) -> None:
    with pytest.raises(ForkTrouble):
        store.size(store.tip().oid)
    with pytest.raises(ForkTrouble):
        store.size("2" * 40)


@pytest.mark.parametrize("what", ["HEAD", "refs/heads/main", "objects"])
def test_damage(tmp_path: Path, course: Course, what: str) -> None:
    path = make_fork(tmp_path / "a.git", course)
    target = path / what
    if target.is_dir():
        for pack in target.rglob("*.pack"):
            pack.chmod(0o644)
            pack.write_bytes(pack.read_bytes()[:12] + bytes(pack.stat().st_size - 12))
    else:
        target.write_bytes(b"\0\xff[[broken")
    assert trouble(path)[0] == "unreadable"


def test_the_forks_settings_and_hooks_do_nothing(tmp_path: Path, course: Course) -> None:
    path = path_of(course.chapter("00"), ".py")
    attributes: dict[str, bytes | None] = {
        ".gitattributes": b"* filter=evil diff=evil\n",
        "workshop/.gitattributes": b"* filter=evil",
    }
    fork = make_fork(tmp_path / "a.git", course, attributes)
    mark = tmp_path / "ran"
    evil = f"sh -c 'touch {mark}'"
    with (fork / "config").open("a") as config:
        config.write(f'[filter "evil"]\n smudge = {evil}\n clean = {evil}\n required = true\n')
        config.write(f"[core]\n fsmonitor = {evil}\n sshCommand = {evil}\n pager = {evil}\n hooksPath = {fork}/hooks\n")
        config.write(f'[include]\n path = {tmp_path}/else\n[diff "evil"]\n textconv = {evil}\n')
    (fork / "hooks").mkdir()
    for hook in ("post-checkout", "reference-transaction", "pre-auto-gc"):
        (fork / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (fork / "hooks" / hook).chmod(0o755)
    store = ForkRepository(fork)
    files = {file.path: file for file in chapter_files(store, workshop(store)[0])}
    assert store.blob(files[path].oid) == start(course)[path]
    assert not mark.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_owner_is_read(tmp_path: Path, course: Course) -> None:
    path = make_fork(tmp_path / "a.git", course)
    for each in [path, *path.rglob("*")]:
        os.chown(each, 12345, 12345)
    assert ForkRepository(path).tip().branch == "main"


def test_times_beyond_all_years(tmp_path: Path, course: Course) -> None:
    assert utc_time(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert utc_time(10**18) is None
    path = make_fork(tmp_path / "a.git", course)
    tree = fake_course.git(path, "rev-parse", "main^{tree}").strip()
    commit = f"tree {tree}\nauthor a <a> 99999999999999 +0000\ncommitter a <a> 99999999999999 +0000\n\nx".encode()
    oid = loose(path, "commit", len(commit), commit)
    (path / "refs" / "heads" / "main").write_text(oid + "\n")
    tip = ForkRepository(path).tip()
    assert (tip.oid, tip.committed_at) == (oid, None)


def test_histories_are_the_same_every_time(tmp_path: Path, course: Course) -> None:
    one, two = (write_history(tmp_path / name, commits(course, {"a": b"1"})) for name in ("a", "b"))
    assert ForkRepository(one).tip() == ForkRepository(two).tip()
    assert fake_course.git(one, "fsck", "--strict") == ""
    base = write_history(tmp_path / "base", commits(course))
    three = write_history(tmp_path / "c", commits(course, {"a": b"1"})[1:], base=base)
    assert ForkRepository(three).tip() == ForkRepository(one).tip()
