"""What's committed in the learner's own clone, read through pygit2. HEAD, index and branches are never touched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError

if TYPE_CHECKING:
    import pygit2

MAX_COMMITS = 1000  # how far to look back


@contextmanager
def git_errors(what: str, root: Path, advice: str) -> Iterator[None]:
    """Turn what pygit2 raises into a `KitError`."""
    import pygit2

    try:
        yield
    except (pygit2.GitError, KeyError, ValueError, OSError) as error:
        detail = str(error.args[-1] if error.args else error)
        raise KitError(f"{what}: {detail}", str(root), advice) from error


def open_clone(root: Path) -> pygit2.Repository:
    """The repository that `root` is in.

    Raises:
        KitError: there isn't one, it has no working tree, or it can't be read.
    """
    import pygit2

    pygit2.settings.owner_validation = False  # whoever owns the repository, nothing in it is run
    with git_errors("the git repository can't be read", root, "git status says what's wrong with it"):
        found = pygit2.discover_repository(str(root))
        repository = pygit2.Repository(found) if found else None
    if repository is None or repository.workdir is None:
        raise KitError(
            "this isn't a git repository, so nothing can be backed up", str(root), "git init, then run this again"
        )
    return repository


def prefix(repository: pygit2.Repository, root: Path) -> str:
    """The path of `root` in the repository, with a slash at the end; empty if it's the top."""
    inner = Path(os.path.realpath(root)).relative_to(os.path.realpath(repository.workdir)).as_posix()
    return "" if inner == "." else f"{inner}/"


def past_versions(root: Path, paths: Sequence[str]) -> Iterator[tuple[bytes | None, ...]]:
    """What was in these files (paths below `root`) in HEAD and its first parents, newest first; each state once.

    Ends at the first commit, at the end of a shallow clone, or after `MAX_COMMITS`; without a repository, or without
    pygit2, as in a course that a lone notebook has fetched, yields nothing.
    """
    try:
        import pygit2
    except ImportError:
        return
    try:
        repository = open_clone(root)
        commit = None if repository.head_is_unborn else repository.head.peel(pygit2.Commit)
        inner = prefix(repository, root)
        last: tuple[object, ...] = ()
        for _ in range(MAX_COMMITS):
            if commit is None:
                return
            blobs = tuple(blob(commit.tree, inner + path) for path in paths)
            ids = tuple(found.id if found else None for found in blobs)
            if ids != last:
                yield tuple(found.data if found else None for found in blobs)
            last = ids
            commit = commit.parents[0] if commit.parent_ids else None
    except (KitError, pygit2.GitError, KeyError, ValueError, OSError):
        return


def blob(tree: pygit2.Tree, path: str) -> pygit2.Blob | None:
    """The file at this path in a tree; `None` if there isn't one, or if it's a link."""
    import pygit2

    try:
        found = tree[path]
    except KeyError:
        return None
    return found if isinstance(found, pygit2.Blob) and found.filemode != 0o120000 else None
