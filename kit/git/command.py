"""git in the learner's own clone, as they would type it: with their identity, their settings, their credentials."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kit.errors import KitError


def git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run git in `root`, whatever its exit code. It asks for a password only where a person can answer.

    Raises:
        KitError: git is not installed.
    """
    environment = os.environ | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    if not sys.stdin.isatty():
        environment |= {"GIT_TERMINAL_PROMPT": "0"}
    try:
        return subprocess.run(
            ["git", *words], cwd=root, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError as error:
        raise KitError("git is not installed", "", "install git, then run this again") from error


def run(root: Path, *words: str) -> str:
    """What git prints.

    Raises:
        KitError: git is not installed, or it fails; its own reason is given.
    """
    done = git(root, *words)
    if done.returncode:
        raise KitError(f"git {words[0]} failed: {reason(done.stderr)}", str(root), f"git {words[0]} says more")
    return done.stdout


def reason(errors: str) -> str:
    """The line of git's complaints that says most: the first that begins with `fatal:` or `error:`, else the last."""
    lines = [line.strip() for line in errors.strip().split("\n") if line.strip()]
    named = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (named or lines or ["no reason given"])[0 if named else -1]
