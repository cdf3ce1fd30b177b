"""git as a subprocess, and whose git it is: what it inherits from the caller's environment.

their_environment()      the learner's git: their identity, settings and credentials
clean_environment()      their settings files and ours on top, none of their GIT_ variables
isolated_environment()   our settings alone, so the result is the same on every machine
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from kit.errors import KitError

# Variables that would send git to a repository, index or object store other than those of the folder it runs in. git
# sets some of these for its hooks and for `rebase --exec`; others are left over in a shell. libgit2, which we use for
# reading, ignores them all, so git must too: otherwise we'd read in one repository and commit in another.
ELSEWHERE = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
}


UNSAFE = re.compile(r"^\s*(?P<command>git config --global --add safe\.directory (?P<folder>.+?))\s*$", re.MULTILINE)


def their_environment() -> dict[str, str]:
    """The environment for git in the learner's clone. It asks for a password only if someone can answer."""
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    if not sys.stdin.isatty():
        kept["GIT_TERMINAL_PROMPT"] = "0"
    return kept | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


def clean_environment(settings: Sequence[tuple[str, str]] = (), keep: Collection[str] = ()) -> dict[str, str]:
    """The caller's environment with no `GIT_` variables except those to `keep`, and with these settings for git."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in keep}
    for number, (name, value) in enumerate(settings):
        kept |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return kept | {"GIT_CONFIG_COUNT": str(len(settings)), "LC_ALL": "C"}


def isolated_environment(settings: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """`clean_environment`, and git doesn't read any settings files either."""
    return clean_environment(settings) | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def git(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None, given: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git in `folder` and return what it printed, whatever its exit code. `given` is what it reads on stdin.

    Without an `environment` it's the learner's git.

    Raises:
        KitError: git isn't installed, or the learner's git refuses to work in a folder that belongs to another user.
    """
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env=their_environment() if environment is None else environment,
            input=given,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise KitError("git isn't installed", "", "install git, then run this again") from error
    output, errors = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
    unsafe = UNSAFE.search(errors) if done.returncode and environment is None else None
    if unsafe:
        raise KitError(
            "this folder belongs to another user, so git does nothing in it until you say that it's safe",
            unsafe["folder"],
            f"{unsafe['command']}, then run this again",
        )
    return subprocess.CompletedProcess(done.args, done.returncode, output, errors)


def git_output(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None, given: bytes | None = None
) -> str:
    """What git prints on stdout.

    Raises:
        KitError: git isn't installed, or it fails; the message gives git's reason.
    """
    done = git(folder, *words, environment=environment, given=given)
    if done.returncode:
        command = next(word for before, word in pairwise(("", *words)) if before != "-c" and not word.startswith("-"))
        raise KitError(
            f"git {command} failed: {error_line(done.stderr)}", str(folder), f"run git {command} there to see more"
        )
    return done.stdout


def error_line(errors: str) -> str:
    """The most telling line of git's complaints: the first with `fatal:` or `error:`, or else the last."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    named = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (named or lines[-1:] or ["git gave no reason"])[0]
