"""Who commits in the learner's clone, and whether a commit can be made there right now."""

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
UNFINISHED = {  # by the name of pygit2's state: what it's called, and how to end it
    "MERGE": ("a merge", "git commit to finish it, or git merge --abort to abandon it"),
    "REVERT": ("a revert", "git revert --continue or --abort"),
    "REVERT_SEQUENCE": ("a revert", "git revert --continue or --abort"),
    "CHERRYPICK": ("a cherry-pick", "git cherry-pick --continue or --abort"),
    "CHERRYPICK_SEQUENCE": ("a cherry-pick", "git cherry-pick --continue or --abort"),
    "BISECT": ("a bisection", "git bisect reset"),
}
PATIENCE = 2.0  # seconds; editors look into the repository now and then, but take less time


def locked(repository: pygit2.Repository) -> bool:
    """Whether git's index stays locked for `PATIENCE`: another git is at work, or was killed halfway."""
    lock, end = Path(repository.path) / "index.lock", time.monotonic() + PATIENCE
    while lock.exists():
        if time.monotonic() >= end:
            return True
        time.sleep(0.05)
    return False


def unfinished(repository: pygit2.Repository) -> tuple[str, str] | None:
    """What was begun in a clone and not finished, such as a merge: what it's called, and how to end it."""
    from pygit2.enums import RepositoryState

    if locked(repository):
        return "another git command", f"wait for it; if none is running, rm {repository.path}index.lock"
    state = RepositoryState(repository.state())
    if state == RepositoryState.NONE:
        return None
    return UNFINISHED.get(state.name or "", ("a rebase", "git rebase --continue or --abort"))


def committer_email(root: Path) -> str:
    """The email address that commits made here get; empty if git doesn't know one.

    Raises:
        KitError: git isn't installed, or doesn't work in this folder.
    """
    return os.environ.get("GIT_COMMITTER_EMAIL") or git(root, "config", "user.email").stdout.strip()


def trusted(root: Path) -> None:
    """Pass only where git works in the folder. libgit2, which we use for reading, doesn't mind whose folder it is.

    Raises:
        KitError: git isn't installed, or the folder belongs to another user.
    """
    git(root, "rev-parse", "--git-dir")


def committer(root: Path) -> pygit2.Signature:
    """The name and address that git would put on a commit now, from its settings or the environment.

    Raises:
        KitError: git hasn't been told, and could only guess.
    """
    import pygit2

    found = IDENTITY.fullmatch(git(root, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT").stdout)
    if found is None:
        trusted(root)  # where git doesn't work in a folder, it doesn't read its settings either, and says nothing
        raise KitError(
            "git doesn't know who you are",
            str(root),
            'git config --global user.name "NAME" and git config --global user.email ADDRESS, then run this again',
        )
    return pygit2.Signature(found["name"], found["email"])


def ready_to_commit(root: Path) -> pygit2.Repository:
    """The learner's clone, in which a commit can be made.

    Raises:
        KitError: there's no clone, something like a merge isn't finished in it, no branch is checked out, or git
            doesn't know who commits.
    """
    repository = open_clone(root)
    trusted(root)
    waiting = unfinished(repository)
    if waiting:
        raise KitError(f"{waiting[0]} isn't finished here", str(root), f"{waiting[1]}; then run this again")
    if repository.head_is_detached:
        advice = "git switch main, or git switch -c my-work to go on from here; then run this again"
        raise KitError("no branch is checked out here, so a commit would be lost", str(root), advice)
    committer(root)
    return repository
