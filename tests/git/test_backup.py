from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pygit2
import pytest

from kit.course.course import Course
from kit.errors import KitError
from kit.git import backup, backup_refs
from kit.git.worktree import open_clone, past_versions
from tests.support.fake_course import git

SCRIPT = "workshop/en/ch00_first.py"


def show(root: Path, name: str, path: str) -> bytes:
    """A file's bytes in a backup, as git stores them."""
    spec = f"{backup.FOLDER}{name}:{path}"
    return subprocess.run(["git", "cat-file", "blob", spec], cwd=root, check=True, capture_output=True).stdout


def tree(root: Path, name: str) -> list[str]:
    return git(root, "ls-tree", "-r", "--full-tree", "--name-only", f"{backup.FOLDER}{name}").split()


def state(root: Path) -> tuple[object, ...]:
    """What a backup mustn't touch."""
    folder = root / ".git"
    index = folder / "index"
    heads = {path: path.read_bytes() for path in (folder / "refs" / "heads").rglob("*") if path.is_file()}
    files = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}
    return index.read_bytes() if index.exists() else None, (folder / "HEAD").read_bytes(), heads, files


def make(course: Course, *paths: str) -> backup.Backup:
    before = state(course.root)
    made = backup.make(course.root, "reset", "00", [course.root / path for path in paths])
    assert state(course.root) == before
    return made


def test_a_backup_holds_committed_staged_changed_and_untracked_work(repository: Course) -> None:
    root = repository.root
    (root / "staged.txt").write_text("staged")
    git(root, "add", "staged.txt")
    (root / "staged.txt").write_text("changed after that")
    (root / SCRIPT).write_bytes(b"mine\r\n")
    (root / "notes").mkdir()
    (root / "notes" / "a note.md").write_bytes(b"\xff\x00")
    (root / "notes" / "run.sh").write_text("x")
    (root / "notes" / "run.sh").chmod(0o755)
    (root / "notes" / "link").symlink_to("nowhere")
    (root / "checkpoints" / "ch01_second.py").unlink()
    (root / ".gitignore").write_text("*.log\n")
    (root / "a.log").write_text("ignored")
    made = make(repository, SCRIPT)
    assert show(root, made.name, "staged.txt") == b"changed after that"
    assert show(root, made.name, SCRIPT) == b"mine\r\n"
    assert show(root, made.name, "notes/a note.md") == b"\xff\x00"
    assert show(root, made.name, "chapters.toml") == (root / "chapters.toml").read_bytes()
    listing = git(root, "ls-tree", "-r", f"{backup.FOLDER}{made.name}")
    assert {line.split()[0] for line in listing.split("\n") if "notes/" in line} == {"100644", "100755", "120000"}
    assert not {"a.log", "checkpoints/ch01_second.py"} & set(tree(root, made.name))
    message = git(root, "show", "-s", "--format=%B", f"{backup.FOLDER}{made.name}")
    assert message.split() == ["reset:", "00", SCRIPT]
    assert git(root, "rev-parse", f"{backup.FOLDER}{made.name}^") == git(root, "rev-parse", "HEAD")
    assert git(root, "fsck", "--strict") == ""


def test_a_path_that_is_to_change_is_kept_even_if_git_ignores_it_or_it_is_missing(repository: Course) -> None:
    root = repository.root
    (root / ".gitignore").write_text("*.log\n")
    (root / "a.log").write_text("ignored")
    (root / SCRIPT).unlink()
    made = make(repository, "a.log", SCRIPT)
    assert show(root, made.name, "a.log") == b"ignored"
    assert SCRIPT not in tree(root, made.name)
    (root / SCRIPT).write_text("new")
    (root / "a.log").unlink()
    assert backup.restore(root, made).paths == ("a.log", SCRIPT)
    assert (root / "a.log").read_text() == "ignored"
    assert not (root / SCRIPT).exists()


@pytest.mark.parametrize("setting", ["autocrlf", "attributes", "filter"])
def test_line_end_settings_and_filters_do_not_alter_a_byte(repository: Course, setting: str) -> None:
    root = repository.root
    if setting == "autocrlf":
        git(root, "config", "core.autocrlf", "true")
    elif setting == "attributes":
        (root / ".gitattributes").write_text("*.py text eol=crlf ident\n")
    else:
        (root / ".gitattributes").write_text("*.py filter=shout\n")
        git(root, "config", "filter.shout.clean", "tr a-z A-Z")
    data = b"# %%\r\nx = 1\n\xff $Id$ \r\n"
    (root / SCRIPT).write_bytes(data)
    (root / "own.py").write_bytes(data)
    made = make(repository, SCRIPT)
    assert show(root, made.name, SCRIPT) == show(root, made.name, "own.py") == data
    (root / SCRIPT).write_bytes(b"")
    backup.restore(root, made)
    assert (root / SCRIPT).read_bytes() == data


def test_bytes_that_only_line_end_settings_hide_are_kept(repository: Course) -> None:
    root = repository.root
    git(root, "config", "core.autocrlf", "true")
    data = (root / SCRIPT).read_bytes().replace(b"\n", b"\r\n")
    (root / SCRIPT).write_bytes(data)
    git(root, "add", SCRIPT)  # to git, the file is now as it was
    assert show(root, make(repository, SCRIPT).name, SCRIPT) == data


def test_a_repository_without_a_commit(course: Course) -> None:
    git(course.root, "init", "-q", "-b", "main")
    made = make(course, SCRIPT)
    assert show(course.root, made.name, SCRIPT) == (course.root / SCRIPT).read_bytes()
    assert not (course.root / ".git" / "refs" / "heads" / "main").exists()


def test_a_detached_head_and_a_merge_in_progress(repository: Course) -> None:
    root = repository.root
    for branch, text in [("one", "1\n"), ("two", "2\n")]:
        git(root, "checkout", "-q", "-b", branch, "main")
        (root / SCRIPT).write_text(text)
        git(root, "commit", "-q", "-am", branch)
    git(root, "checkout", "-q", "--detach")
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "merge", "one")
    made = make(repository, SCRIPT)
    assert show(root, made.name, SCRIPT) == (root / SCRIPT).read_bytes()
    assert b"<<<<<<<" in show(root, made.name, SCRIPT)
    assert (root / ".git" / "MERGE_HEAD").exists()


def test_a_course_in_a_folder_of_a_larger_repository_and_in_a_worktree(repository: Course) -> None:
    root = repository.root
    git(root.parent, "init", "-q")
    (root.parent / "elsewhere.txt").write_text("not the workshop's")
    (root / ".git").rename(root.parent / "away")
    inner = backup.make(root, "reset", "00", [root / SCRIPT])
    assert f"{root.name}/{SCRIPT}" in tree(root, inner.name)
    assert "elsewhere.txt" not in tree(root, inner.name)
    (root / SCRIPT).write_text("new")
    assert backup.restore(root, inner).paths == (SCRIPT,)
    other = backup.Backup(inner.name, "reset", "", ("elsewhere.txt",), inner.commit)
    assert backup.restore(root, other).paths == ()
    (root.parent / "away").rename(root / ".git")
    git(root, "worktree", "add", "-q", str(root.parent / "second"))
    second = root.parent / "second"
    (second / SCRIPT).write_text("second")
    made = backup.make(second, "reset", "00", [second / SCRIPT])
    assert show(root, made.name, SCRIPT) == b"second"


def test_large_files_are_left_out_and_named_unless_they_are_to_change(
    repository: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository.root
    monkeypatch.setattr(backup, "MAX_BYTES", 10)
    (root / "big.bin").write_bytes(b"0" * 11)
    (root / "small.bin").write_bytes(b"0" * 10)
    (root / SCRIPT).write_bytes(b"1" * 11)
    os.mkfifo(root / "pipe")
    git(root, "init", "-q", "inner")
    (root / "inner" / "file").write_text("x")
    made = make(repository, SCRIPT)
    assert {"big.bin", "inner/"} <= set(made.skipped)
    assert {"small.bin", SCRIPT} <= set(tree(root, made.name))
    assert not {"big.bin", "pipe"} & set(tree(root, made.name))


def test_names_differ_and_are_listed_in_order(repository: Course) -> None:
    root = repository.root
    names = [make(repository, SCRIPT).name for _ in range(12)]
    assert len(set(names)) == 12
    git(root, "update-ref", f"{backup.FOLDER}not-ours", "HEAD")
    listed = backup.backups(root)
    assert [found.name for found in listed] == names
    assert listed[0] == backup.Backup(names[0], "reset", "00", (SCRIPT,), listed[0].commit)
    assert backup.choose(root).name == names[-1]
    assert backup.choose(root, names[3]).name == names[3]
    with pytest.raises(KitError) as stop:
        backup.choose(root, names[3] + "0")
    assert names[3] in stop.value.next
    with pytest.raises(KitError) as stop:
        backup.choose(root, kind="sync")
    assert "a sync" in stop.value.what and "--list" in stop.value.next


def test_a_restore_brings_back_the_listed_paths_and_no_others(repository: Course) -> None:
    root = repository.root
    other = root / "workshop/en/ch01_second.py"
    (root / SCRIPT).write_text("mine")
    (root / SCRIPT).chmod(0o755)
    other.write_text("other")
    made = make(repository, SCRIPT)
    (root / SCRIPT).write_text("todo")
    other.write_text("later")
    done = backup.restore(root, made)
    assert done.paths == (SCRIPT,)
    assert ((root / SCRIPT).read_text(), other.read_text()) == ("mine", "later")
    assert done.previous is not None
    assert show(root, done.previous.name, SCRIPT) == b"todo"
    count = len(backup.backups(root))
    assert backup.restore(root, made) == backup.Restored((), None)
    assert len(backup.backups(root)) == count
    assert backup.choose(root, kind="reset") == backup.backups(root)[0]
    backup.restore(root, done.previous)
    assert (root / SCRIPT).read_text() == "todo"


def test_a_forged_backup_writes_nowhere_else(repository: Course) -> None:
    root = repository.root
    made = make(repository, SCRIPT)
    forged = backup.Backup(made.name, "reset", "", ("../out.py", ".git/config"), made.commit)
    with pytest.raises(KitError):
        backup.restore(root, forged)
    assert not (root.parent / "out.py").exists()


def test_no_repository_a_bare_one_a_broken_one(course: Course) -> None:
    root = course.root
    for prepare in (
        lambda: None,
        lambda: git(root, "init", "-q", "--bare", ".git"),
        lambda: (root / ".git" / "HEAD").write_bytes(b"\0"),
    ):
        prepare()
        before = state(root) if (root / ".git" / "HEAD").exists() else None
        with pytest.raises(KitError):
            backup.make(root, "reset", "00", [root / SCRIPT])
        assert before is None or state(root) == before


def test_a_full_disk_is_one_sentence(repository: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise OSError("No space left on device")

    (repository.root / SCRIPT).write_text("mine")
    monkeypatch.setattr(pygit2.Repository, "create_blob", full)
    with pytest.raises(KitError) as stop:
        backup.make(repository.root, "reset", "00", [repository.root / SCRIPT])
    assert "No space left" in stop.value.what
    assert backup.backups(repository.root) == []


def test_what_cannot_be_read_is_left_out_and_named_unless_it_is_to_change(
    repository: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, real = repository.root, Path.read_bytes
    for name in (SCRIPT, "locked.txt"):
        (root / name).write_text("locked")

    def locked(path: Path) -> bytes:
        if path.name in names:
            raise PermissionError(13, "Permission denied")
        return real(path)

    names = {"locked.txt"}
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", locked)
        assert backup.make(root, "reset", "00", [root / SCRIPT]).skipped == ("locked.txt",)
        names.add(Path(SCRIPT).name)
        with pytest.raises(KitError):
            backup.make(root, "reset", "00", [root / SCRIPT])
    assert len(backup.backups(root)) == 1


def test_a_name_that_a_killed_command_has_locked_is_passed_over(
    repository: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, now = repository.root, "20260314T151617Z"
    monkeypatch.setattr("time.strftime", lambda *given: now)
    folder = root / ".git" / "refs" / "workshop" / "backup"
    folder.mkdir(parents=True)
    (folder / f"{now}-1.lock").write_text("")
    assert make(repository, SCRIPT).name == f"{now}-2"
    monkeypatch.setattr(backup_refs, "MAX_PER_SECOND", 2)
    with pytest.raises(KitError):
        make(repository, SCRIPT)


def test_the_past_of_a_file(repository: Course) -> None:
    root = repository.root
    first = (root / SCRIPT).read_bytes()
    for text in ("one", "two"):
        (root / SCRIPT).write_text(text)
        git(root, "commit", "-q", "-am", text)
        git(root, "commit", "-q", "--allow-empty", "-m", "nothing")
    assert list(past_versions(root, [SCRIPT, "none"])) == [(b"two", None), (b"one", None), (first, None)]
    git(root.parent, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    assert list(past_versions(root.parent / "shallow", [SCRIPT])) == [(b"two",)]
    assert list(past_versions(root.parent, [SCRIPT])) == []
    assert open_clone(root).head.shorthand == "main"
