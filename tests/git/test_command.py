"""git as a subprocess: which repository it works in, whose settings it uses, and what it says when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.git.command import ELSEWHERE, error_line, git, git_output, isolated_environment
from kit.git.committer import committer, ready_to_commit
from tests.support import fake_course


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another repository, empty."""
    (tmp_path / "other").mkdir()
    fake_course.git(tmp_path / "other", "init", "-q")
    return tmp_path / "other"


def test_variables_that_point_elsewhere_change_nothing(
    repository: Course, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a hook of another repository, or a shell in which somebody exported `GIT_DIR`."""
    before = git_output(repository.root, "ls-files")
    for name in ELSEWHERE:
        monkeypatch.setenv(name, str(other / ".git" / "index") if name == "GIT_INDEX_FILE" else str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    (repository.root / "new.txt").write_text("new")
    git_output(repository.root, "add", "--", "new.txt")
    assert git_output(repository.root, "rev-parse", "--show-toplevel").strip() == os.path.realpath(repository.root)
    assert git_output(repository.root, "ls-files").split() == sorted([*before.split(), "new.txt"])
    assert not (other / ".git" / "index").exists()


@pytest.mark.parametrize("how", [["-a"], ["--only", "chapters.toml"], ["--amend", "-a"]])
def test_in_a_commit_hook_git_works_on_the_folder_of_the_commit(repository: Course, how: list[str]) -> None:
    """git sets `GIT_INDEX_FILE` for its hooks and, in a linked working tree, `GIT_DIR`; neither is needed."""
    tree = repository.root.parent / "tree"
    fake_course.git(repository.root, "worktree", "add", "-q", str(tree))
    hook = repository.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    ask = "from kit.git.command import git; print(git('.', 'rev-parse', '--show-toplevel').stdout)"
    hook.write_text(f'#!/bin/sh\nenv >seen-env\nPYTHONPATH="{ROOT}" "{sys.executable}" -c "{ask}" >seen-top\n')
    hook.chmod(0o755)
    for root in (repository.root, tree):
        (root / "chapters.toml").write_text((root / "chapters.toml").read_text() + "# edited\n")
        fake_course.git(root, "commit", "-q", "-m", "edited", *how)
        assert "GIT_INDEX_FILE=" in (root / "seen-env").read_text()
        assert (root / "seen-top").read_text().strip() == os.path.realpath(root)


def test_isolated_git_has_our_settings_and_no_others(
    tmp_path: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[user]\nname = theirs\n[init]\ndefaultBranch = theirs\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.email")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "theirs@example.org")
    environment = isolated_environment([("a.one", "1"), ("a.two", "2")])
    said = git_output(other, "config", "--list", "--show-scope", environment=environment).splitlines()
    assert [line for line in said if not line.startswith("local")] == ["command\ta.one=1", "command\ta.two=2"]
    assert "theirs" in git_output(other, "config", "user.name")


def test_what_git_reads_and_prints_is_passed_on_unchanged(other: Path) -> None:
    oid = git_output(other, "hash-object", "-w", "--stdin", given=b"one\r\ntwo").strip()
    assert git_output(other, "cat-file", "blob", oid) == "one\r\ntwo"


def test_a_git_that_fails_or_is_missing(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert git(other, "rev-parse", "--verify", "none").returncode == 128
    with pytest.raises(KitError) as stop:
        git_output(other, "--no-pager", "rev-parse", "--verify", "none")
    assert "git rev-parse" in stop.value.what
    monkeypatch.setenv("PATH", str(other))
    with pytest.raises(KitError):
        git(other, "version")


@pytest.mark.parametrize(
    ("errors", "line"),
    [
        ("hint: a\nfatal: b\nhint: c\n", "fatal: b"),
        ("Receiving: 10%\rerror: b", "error: b"),
        ("first\nlast\n\n", "last"),
    ],
)
def test_the_line_that_says_most(errors: str, line: str) -> None:
    assert error_line(errors) == line
    assert error_line("")


@pytest.mark.parametrize("missing", ["", "name", "email"])
def test_a_committer_is_never_guessed(repository: Course, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER", "EMAIL"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for key in {"name", "email"} - {missing}:
        subprocess.run(["git", "config", f"user.{key}", f"one@{key}"], cwd=repository.root, check=True)
    if missing:
        with pytest.raises(KitError):
            committer(repository.root)
        monkeypatch.setenv(f"GIT_COMMITTER_{missing.upper()}", f"one@{missing}")
    assert (committer(repository.root).name, committer(repository.root).email) == ("one@name", "one@email")


def test_a_folder_of_another_user_is_named_with_the_command_that_helps(
    repository: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_output(repository.root, "config", "user.name", "one")
    git_output(repository.root, "config", "user.email", "one@example.org")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # as git's own tests do
    monkeypatch.setenv("HOME", str(repository.root.parent))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in (
        "GIT_AUTHOR_NAME",
        "GIT_AUTHOR_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_CONFIG_GLOBAL",
    ):
        monkeypatch.delenv(name, raising=False)
    asked: list[Callable[[], object]] = [
        lambda: git(repository.root, "status"),
        lambda: committer(repository.root),
        lambda: ready_to_commit(repository.root),
    ]
    for ask in asked:
        with pytest.raises(KitError) as caught:
            ask()
        assert caught.value.where == str(repository.root)
        assert f"git config --global --add safe.directory {repository.root}" in caught.value.next
    words = ["config", "--global", "--add", "safe.directory", str(repository.root)]
    git_output(repository.root.parent, *words)
    ready_to_commit(repository.root)
