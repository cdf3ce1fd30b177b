from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.learner import doctor
from kit.learner.doctor import examine
from scripts.doctor import main
from tests.support import fake_course
from tests.support.fake_course import git


@pytest.fixture
def here(repository: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A repository where all is well."""
    monkeypatch.chdir(repository.root)
    monkeypatch.setenv("HOME", str(repository.root.parent))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    git(repository.root, "config", "user.name", "student-01")
    git(repository.root, "config", "user.email", "student-01@example.org")
    git(repository.root, "config", "merge.workshop.driver", "true")
    (repository.root / ".git" / "hooks").mkdir(exist_ok=True)
    (repository.root / ".git" / "hooks" / "pre-commit").write_text("# made by pre-commit")
    wanted = "pytest  # any\npygit2>=1 ; python_version > '3'\nnot-there==1; python_version < '3'\n"
    (repository.root / "requirements.txt").write_text(wanted)
    return repository


def ill(course: Course) -> set[str]:
    """The checks that found a problem; each says what to do."""
    return {check.name for check in examine(course) if not check.ok}


def test_all_is_well(here: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")  # each check on its own line
    assert ill(here) == set()
    assert main([]) == 0
    assert {line[:2] for line in capsys.readouterr().out.splitlines()[:-1]} == {"ok"}


def test_packages_missing_and_other_than_pinned(here: Course) -> None:
    (here.root / "requirements.txt").write_text("torch==0.1\npytest==0.1\nnothing-of-the-kind==1\n")
    assert ill(here) == {"packages"}
    said = doctor.packages(here.root).found
    assert "pytest" in said and "nothing-of-the-kind" in said and "torch" not in said
    (here.root / "requirements.txt").unlink()
    assert ill(here) == {"packages"}


def test_another_python(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEWEST", (3, 10))
    assert ill(here) == {"Python"}


def test_no_torch(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    known = doctor.version

    def version(name: str) -> str:
        if name == "torch":
            raise doctor.PackageNotFoundError
        return known(name)

    monkeypatch.setattr(doctor, "version", version)
    assert ill(here) == {"PyTorch"}


@pytest.mark.parametrize("key", ["user.name", "user.email"])
def test_git_does_not_know_its_user(here: Course, key: str) -> None:
    git(here.root, "config", "--unset", key)
    assert ill(here) == {"git identity"}
    assert "user.name" in next(check.fix for check in examine(here) if check.name == "git identity")


def test_no_hook(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    (here.root / ".git" / "hooks" / "pre-commit").unlink()
    assert ill(here) == {"commit hook"}
    assert main([]) == 1
    assert "make setup" in [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_no_merge_driver(here: Course) -> None:
    git(here.root, "config", "--unset", "merge.workshop.driver")
    assert ill(here) == {"merges"}


def test_a_merge_under_way(here: Course) -> None:
    (here.root / ".git" / "MERGE_HEAD").write_text(git(here.root, "rev-parse", "HEAD"))
    assert ill(here) == {"git"}


def test_pairs_apart_broken_or_gone(here: Course) -> None:
    notebook = here.pairs() / "ch00_first.ipynb"
    kept = notebook.read_bytes()
    fake_course.write_pair(here, "00", {"00.01": 'length = 5\ncheck("00.01")'}, ())
    notebook.write_bytes(kept)
    assert doctor.chapters(here).fix == "python scripts/sync.py"
    notebook.with_suffix(".py").write_text("<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n")
    assert doctor.chapters(here).fix.startswith("git checkout -- workshop/en/ch00_first.py")
    shutil.rmtree(here.pairs())
    assert ill(here) == {"chapters"}


def test_extensions_where_the_editor_can_be_asked(
    here: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "code"
    code.write_text("#!/bin/sh\necho Ms-Python.python\n")
    code.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(code))
    (here.root / ".vscode").mkdir()
    wanted = here.root / ".vscode" / "extensions.json"
    wanted.write_text(json.dumps({"recommendations": ["ms-python.python"]}))
    assert ill(here) == set()
    wanted.write_text(json.dumps({"recommendations": ["ms-python.python", "bierner.markdown-checkbox"]}))
    assert doctor.extensions(here.root).fix == "code --install-extension bierner.markdown-checkbox"


def test_no_room_and_no_right_to_write(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MIN_FREE", 2**62)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert ill(here) == {"disk", "folder"}


def test_outside_of_git(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(course.root.parent))
    found = {check.name: check for check in examine(course)}
    assert not found["git"].ok and not found["commit hook"].ok and found["Python"].found.endswith(sys.executable)


def test_a_copy_beside_a_chapter_is_named_and_no_fault(here: Course) -> None:
    for name in ("ch00_first_mine.ipynb", "ch00_first-Copy1.ipynb", "ch00_first (1).py", "notes.md"):
        (here.pairs() / name).write_text("")
    assert ill(here) == set()
    said = doctor.copies(here).found
    assert all(name in said for name in ("ch00_first_mine.ipynb", "-Copy1", "(1)")) and "notes" not in said


def test_a_folder_of_another_user_is_one_problem_with_one_cure(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    wrong = [check for check in examine(here) if not check.ok]
    assert [check.name for check in wrong] == ["git"] and "safe.directory" in wrong[0].fix


def test_hooks_that_are_looked_for_elsewhere(here: Course, tmp_path: Path) -> None:
    git(here.root, "config", "core.hooksPath", str(tmp_path))
    found = next(check for check in examine(here) if not check.ok)
    assert found.name == "commit hook" and str(tmp_path) in found.found
    assert found.fix.startswith("git config core.hooksPath .git/hooks")
    git(here.root, "config", "core.hooksPath", ".git/hooks")
    assert ill(here) == set()
