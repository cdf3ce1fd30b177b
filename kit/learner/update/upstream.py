"""The instructor's newer course, fetched into a ref of its own, and the base it shares with the learner's history.

SOURCE --git fetch--> refs/workshop/upstream --> IncomingCourse: base, ours, theirs
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError
from kit.git.address import redact
from kit.git.command import error_line, git
from kit.git.committer import ready_to_commit
from kit.git.worktree import MAX_COMMITS, git_errors, prefix

if TYPE_CHECKING:
    import pygit2

REMOTE = "upstream"
REF = "refs/workshop/upstream"
READABLE = "git fsck says what's wrong with the repository"


@dataclass(frozen=True, slots=True)
class Source:
    """What to fetch: a remote, an address or a folder, a ref there, and the ref of ours that keeps it.

    `elsewhere` says that it's the learner's own work, saved in another place, rather than a newer course.
    """

    address: str
    branch: str = "HEAD"
    ref: str = REF
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class IncomingCourse:
    """The two commits to merge, the tree they both come from, and the tree that the previous fetch brought.

    `elsewhere` is the source's; `unrelated` says that there, nothing in its history is ours.
    """

    ours: pygit2.Commit
    theirs: pygit2.Commit
    base: pygit2.Tree
    before: pygit2.Tree | None
    commits: int  # the number of new ones
    elsewhere: bool = False
    unrelated: bool = False


def mergeable(root: Path) -> pygit2.Repository:
    """The learner's repository, if we can merge into it.

    Raises:
        KitError: no commit can be made in it, it has none yet, or the workshop is only a folder of it.
    """
    repository = ready_to_commit(root)
    if prefix(repository, root):
        raise KitError("the workshop is a folder of another repository", str(root), "clone the workshop by itself")
    if repository.head_is_unborn:
        raise KitError("there's no commit here yet", str(root), "python scripts/save.py, then run this again")
    return repository


def source_of(repository: pygit2.Repository, word: str) -> Source:
    """What to fetch from: a folder, or whatever else git understands; by default, the remote `upstream`.

    Raises:
        KitError: there's no such remote.
    """
    if word:
        return Source(str(Path(word).absolute()) if Path(word).is_dir() else word)
    if REMOTE not in {remote.name for remote in repository.remotes}:
        raise KitError(
            "this clone doesn't know where to get the newest course from",
            "",
            f"git remote add {REMOTE} <address of the repository that you forked>, then run this again",
        )
    return Source(REMOTE)


def fetch(root: Path, source: Source) -> None:
    """Fetch the source into its ref.

    Raises:
        KitError: it can't be reached, or isn't a repository.
    """
    options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    done = git(root, "fetch", *options, "--", source.address, f"+{source.branch}:{source.ref}")
    if done.returncode and source.elsewhere:
        raise KitError(
            f"what you saved elsewhere can't be fetched: {redact(error_line(done.stderr))}",
            redact(source.address),
            "check the network, then python scripts/save.py --push; nothing was changed",
        )
    if done.returncode:
        raise KitError(
            f"the newer course can't be fetched: {redact(error_line(done.stderr))}",
            redact(source.address),
            "check the network and the address, then run this again; nothing was changed",
        )


def incoming(root: Path, repository: pygit2.Repository, source: Source) -> IncomingCourse | None:
    """What the source has that the learner doesn't; `None` if that's nothing.

    Raises:
        KitError: it can't be fetched, or has nothing in common with the learner's history.
    """
    import pygit2

    with git_errors("the repository can't be read", root, READABLE):
        last = repository.references.get(source.ref)
        before = last.peel(pygit2.Tree) if last else None
    fetch(root, source)
    with git_errors("the repository can't be read", root, READABLE):
        ours, theirs = repository.head.peel(pygit2.Commit), repository.references[source.ref].peel(pygit2.Commit)
        shared = repository.merge_base(ours.id, theirs.id)
        if shared == theirs.id:
            return None
        base = repository[shared].peel(pygit2.Tree) if shared else nearest(repository, ours, theirs).tree
        count = repository.ahead_behind(theirs.id, ours.id)[0]
    return IncomingCourse(ours, theirs, base, before, count, source.elsewhere, source.elsewhere and not shared)


def nearest(repository: pygit2.Repository, ours: pygit2.Commit, theirs: pygit2.Commit) -> pygit2.Commit:
    """The commit of theirs whose course is most like ours, for a copy that started from a commit of its own.

    The learner's files don't count. If several are equally similar, it's the newest.

    Raises:
        KitError: none has anything in common with it.
    """
    import pygit2
    from pygit2.enums import SortMode

    @cache
    def files_below(tree_id: pygit2.Oid, path: str) -> frozenset[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for entry in repository[tree_id].peel(pygit2.Tree):
            name = f"{path}{entry.name}"
            if entry.type_str != "tree":
                found.add((name, str(entry.id)))
            elif name != "workshop":
                found |= files_below(entry.id, f"{name}/")
        return frozenset(found)

    here = files_below(ours.tree.id, "")
    newest_first = repository.walk(theirs.id, SortMode.TOPOLOGICAL | SortMode.TIME)
    known = [(commit, files_below(commit.tree.id, "")) for commit in islice(newest_first, MAX_COMMITS)]
    best, files = min(known, key=lambda pair: len(here ^ pair[1]))
    if not here & files:
        raise KitError("that has nothing in common with this workshop", "", "name the course that you started from")
    return best
