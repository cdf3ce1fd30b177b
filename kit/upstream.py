"""The instructor's newer course: fetched into a ref of its own, and what it and the learner's history both come from.

SOURCE --git fetch--> refs/workshop/upstream --> Incoming: base, ours, theirs
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kit.address import redact
from kit.clone import DEEPEST, open_clone, prefix, trouble
from kit.errors import KitError
from kit.git import git, reason

if TYPE_CHECKING:
    import pygit2

REMOTE = "upstream"
REF = "refs/workshop/upstream"
READABLE = "git fsck says what is wrong with the repository"
UNFINISHED = {  # by the name of pygit2's state: what it is called, and how it ends
    "MERGE": ("a merge", "git commit ends it, git merge --abort gives it up"),
    "REVERT": ("a revert", "git revert --continue or --abort"),
    "REVERT_SEQUENCE": ("a revert", "git revert --continue or --abort"),
    "CHERRYPICK": ("a cherry-pick", "git cherry-pick --continue or --abort"),
    "CHERRYPICK_SEQUENCE": ("a cherry-pick", "git cherry-pick --continue or --abort"),
    "BISECT": ("a bisection", "git bisect reset"),
}


@dataclass(frozen=True, slots=True)
class Incoming:
    """The two commits to merge, the tree that both come from, and the tree that the fetch before this one brought."""

    ours: pygit2.Commit
    theirs: pygit2.Commit
    base: pygit2.Tree
    before: pygit2.Tree | None
    commits: int  # that are new


def ready(root: Path) -> pygit2.Repository:
    """The learner's repository, if something can be merged in it.

    Raises:
        KitError: there is none, a merge or the like is not finished in it, or nothing can be committed in it.
    """
    from pygit2.enums import RepositoryState

    repository = open_clone(root)
    if prefix(repository, root):
        raise KitError("the workshop is a folder of another repository", str(root), "clone the workshop by itself")
    state = repository.state()
    if state != RepositoryState.NONE:
        what, end = UNFINISHED.get(state.name, ("a rebase", "git rebase --continue or --abort"))
        raise KitError(f"{what} is not finished here", str(root), f"{end}; then run this again")
    if repository.head_is_unborn or repository.head_is_detached:
        raise KitError("no branch is checked out here", str(root), "git switch main, then run this again")
    try:
        repository.default_signature  # noqa: B018
    except KeyError:
        raise KitError(
            "git does not know who you are",
            str(root),
            'git config user.name "NAME" and git config user.email ADDRESS, then run this again',
        ) from None
    return repository


def source_of(repository: pygit2.Repository, word: str) -> str:
    """What to fetch from: the word as a folder, or as git knows it; without one the remote `upstream`.

    Raises:
        KitError: there is no such remote.
    """
    if word:
        return str(Path(word).absolute()) if Path(word).is_dir() else word
    if REMOTE not in {remote.name for remote in repository.remotes}:
        raise KitError(
            "it is not known where the newer course comes from",
            "",
            f"git remote add {REMOTE} URL, then run this again",
        )
    return REMOTE


def fetch(root: Path, source: str) -> None:
    """Fetch the source's default branch into `REF`.

    Raises:
        KitError: it cannot be reached, or is no repository.
    """
    options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    done = git(root, "fetch", *options, "--", source, f"+HEAD:{REF}")
    if done.returncode:
        raise KitError(
            f"the newer course cannot be fetched: {redact(reason(done.stderr))}",
            redact(source),
            "look at the network and the address, then run this again; nothing was changed",
        )


def incoming(root: Path, repository: pygit2.Repository, source: str) -> Incoming | None:
    """What the source has that the learner has not; `None` where that is nothing.

    Raises:
        KitError: it cannot be fetched, or has nothing in common with the learner's history.
    """
    import pygit2

    with trouble("the repository cannot be read", root, READABLE):
        last = repository.references.get(REF)
        before = last.peel(pygit2.Tree) if last else None
    fetch(root, source)
    with trouble("the repository cannot be read", root, READABLE):
        ours, theirs = repository.head.peel(pygit2.Commit), repository.references[REF].peel(pygit2.Commit)
        shared = repository.merge_base(ours.id, theirs.id)
        if shared == theirs.id:
            return None
        base = repository[shared].peel(pygit2.Tree) if shared else nearest(repository, ours, theirs).tree
        count = repository.ahead_behind(theirs.id, ours.id)[0]
    return Incoming(ours, theirs, base, before, count)


def nearest(repository: pygit2.Repository, ours: pygit2.Commit, theirs: pygit2.Commit) -> pygit2.Commit:
    """Of all of their commits the one whose course is most like ours, for a copy that began with a commit of its own.

    The learner's files do not count. Of several that are equally like it, the newest.

    Raises:
        KitError: none has anything in common with it.
    """

    import pygit2

    @cache
    def below(id: pygit2.Oid, path: str) -> frozenset[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for entry in repository[id].peel(pygit2.Tree):
            name = f"{path}{entry.name}"
            if entry.type_str != "tree":
                found.add((name, str(entry.id)))
            elif name != "workshop":
                found |= below(entry.id, f"{name}/")
        return frozenset(found)

    here = below(ours.tree.id, "")
    known = [(commit, below(commit.tree.id, "")) for commit in islice(newest_first(repository, theirs), DEEPEST)]
    best, files = min(known, key=lambda pair: len(here ^ pair[1]))
    if not here & files:
        raise KitError("this has nothing in common with the workshop here", "", "name the course that you started from")
    return best


def newest_first(repository: pygit2.Repository, tip: pygit2.Commit) -> Iterator[pygit2.Commit]:
    """A commit and all that it comes from."""
    from pygit2.enums import SortMode

    yield from repository.walk(tip.id, SortMode.TOPOLOGICAL | SortMode.TIME)
