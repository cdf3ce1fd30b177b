from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kit.errors import KitError
from kit.sources.credentials import token_for

TOKEN = "ghp_0123456789abcdefghij"


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in place of gh, and no token in the environment."""
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    program = tmp_path / "gh"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\necho {TOKEN}\n')
    program.chmod(0o755)
    return program


def test_the_environment_comes_first(gh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", f" {TOKEN}-mine\n")
    assert token_for("github.com") == f"{TOKEN}-mine"
    assert not gh.with_name("asked").exists()


def test_gh_is_asked_for_the_host(gh: Path) -> None:
    assert token_for("git.example.org") == TOKEN
    assert gh.with_name("asked").read_text().split() == ["auth", "token", "--hostname", "git.example.org"]


@pytest.mark.parametrize("body", ["exit 1", f"echo {TOKEN}; exit 1", "echo not logged in", "sleep 60", "true"])
def test_a_gh_without_a_token(gh: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    monkeypatch.setattr("kit.sources.credentials.SECONDS", 0.3)
    gh.write_text(f"#!/bin/sh\nexec {body}\n" if body.startswith("sleep") else f"#!/bin/sh\n{body}\n")
    assert token_for("github.com") == ""


def test_no_gh(gh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gh.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("gh") is None
    assert token_for("github.com") == ""


@pytest.mark.parametrize("word", [f"{TOKEN}\nX-Other: 1", "a b c d e f g h", "short", "tökentöken"])
def test_what_is_no_token_is_not_shown(gh: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", word)
    with pytest.raises(KitError) as caught:
        token_for("github.com")
    assert word not in str(caught.value)
