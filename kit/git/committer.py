"""Who commits in the learner's clone, and whether a commit can be made there now."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError
from kit.git.command import git
from kit.git.worktree import open_clone

if TYPE_CHECKING:
    import pygit2

IDENTITY = re.compile(r"(?P<name>.+) <(?P<email>.+)> \d+ [+-]\d+\s*")
UNFINISHED = {  # by the name of pygit2's state: what it is called, and how it ends
    "MERGE": ("a merge", "git commit ends it, git merge --abort gives it up"),
    "REVERT": ("a revert", "git revert --continue or --abort"),
    "REVERT_SEQUENCE": ("a revert", "git revert --continue or --abort"),
    "CHERRYPICK": ("a cherry-pick", "git cherry-pick --continue or --abort"),
    "CHERRYPICK_SEQUENCE": ("a cherry-pick", "git cherry-pick --continue or --abort"),
    "BISECT": ("a bisection", "git bisect reset"),
}


PATIENCE = 2.0  # seconds; an editor looks at the repository now and then, and is done sooner


def locked(repository: pygit2.Repository) -> bool:
    """Whether git's index has been locked for `PATIENCE`: a git is at work, or was killed in the middle of it."""
    lock, end = Path(repository.path) / "index.lock", time.monotonic() + PATIENCE
    while lock.exists():
        if time.monotonic() >= end:
            return True
        time.sleep(0.05)
    return False


def unfinished(repository: pygit2.Repository) -> tuple[str, str] | None:
    """What has been begun in a clone and waits for its end: what it is called, and what ends it."""
    from pygit2.enums import RepositoryState

    if locked(repository):
        return "another git command", f"wait for it; where none is running, rm {repository.path}index.lock"
    state = RepositoryState(repository.state())
    if state == RepositoryState.NONE:
        return None
    return UNFINISHED.get(state.name or "", ("a rebase", "git rebase --continue or --abort"))


def git_setting(root: Path, key: str) -> str:
    """What git has been told of whoever commits here, their `name` or `email`; empty for nothing.

    Raises:
        KitError: git is not installed.
    """
    return os.environ.get(f"GIT_COMMITTER_{key.upper()}") or git(root, "config", f"user.{key}").stdout.strip()


def committer(root: Path) -> pygit2.Signature:
    """Name and address as git has them for a commit made now, from the environment or its settings; never guessed.

    Raises:
        KitError: git does not know them.
    """
    import pygit2

    given = [git_setting(root, key) for key in ("name", "email")]
    found = IDENTITY.fullmatch(git(root, "var", "GIT_COMMITTER_IDENT").stdout)
    if not all(given) or found is None:
        raise KitError(
            "git does not know who you are",
            str(root),
            'git config --global user.name "NAME" and git config --global user.email ADDRESS, then run this again',
        )
    return pygit2.Signature(found["name"], found["email"])


def ready_to_commit(root: Path) -> pygit2.Repository:
    """The learner's clone, where a commit can be made.

    Raises:
        KitError: there is none, a merge or the like is not finished in it, no branch is checked out, or git does not
            know who commits.
    """
    repository = open_clone(root)
    waiting = unfinished(repository)
    if waiting:
        raise KitError(f"{waiting[0]} is not finished here", str(root), f"{waiting[1]}; then run this again")
    if repository.head_is_detached:
        advice = "git switch main, or git switch -c my-work to go on from here; then run this again"
        raise KitError("no branch is checked out here, a commit would be lost", str(root), advice)
    committer(root)
    return repository
