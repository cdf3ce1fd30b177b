"""A fork's repository, read through pygit2: the only place where we open a repository that isn't ours.

    path -> ForkRepository -> Tip, branches; as an ObjectStore: commits, trees, blobs

Nothing is checked out, and nothing in the fork runs: no hook, no filter, no setting from its configuration.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pygit2
from pygit2.enums import ConfigLevel, Option, RepositoryOpenFlag

from kit.forks.objects import ObjectStore, ReadErrors, utc_time
from kit.forks.records import ForkTrouble, Tip
from kit.text import label


@cache
def configure_libgit2() -> None:
    """Once per process: read no settings from outside the fork, and open folders that belong to other users too.

    Opening those is safe, since nothing in a fork runs. libgit2's own checking of ids is off: `ObjectStore.read` does
    the same in a quarter of the time.
    """
    for level in (ConfigLevel.PROGRAMDATA, ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
        pygit2.settings.search_path[level] = ""
    pygit2.settings.owner_validation = False
    pygit2.option(Option.ENABLE_STRICT_HASH_VERIFICATION, False)


def is_repository(path: Path) -> bool:
    """Whether a folder looks like a clone or a bare repository."""
    inner = os.fspath(path)
    bare = os.path.isfile(f"{inner}/HEAD") and os.path.isdir(f"{inner}/objects")
    return bare or os.path.exists(f"{inner}/.git")


class ForkRepository(ObjectStore):
    """An opened fork: its objects, branches and commits. Every method raises `ForkTrouble` if it can't go on."""

    def __init__(self, path: Path) -> None:
        configure_libgit2()
        with ReadErrors("the repository"):
            self.repository = pygit2.Repository(str(path), RepositoryOpenFlag.NO_SEARCH)
            super().__init__(path, self.repository.odb)

    def tip(self, branch: str = "") -> Tip:
        """The commit that counts: the tip of `branch` if one is named, or else what HEAD points to.

        Raises:
            ForkTrouble: empty, no branch, or unreadable.
        """
        with ReadErrors("the branch"):
            names = [f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"] if branch else ["HEAD"]
            for name in names:
                try:
                    reference = self.repository.lookup_reference(name).resolve()
                except (KeyError, pygit2.InvalidSpecError):
                    continue
                short = reference.shorthand if reference.name != "HEAD" else ""
                oid = self.commit_behind(str(reference.target))
                return Tip(oid, label(short), utc_time(self.commit(oid).seconds))
            branches = self.branches()
        if not branches:
            raise ForkTrouble("empty", "not started: the repository has no commit")
        wanted = f"the branch {label(branch)}" if branch else "the default branch"
        raise ForkTrouble("no branch", f"{wanted} doesn't exist; there are {label(', '.join(branches))}")

    def branches(self) -> dict[str, str]:
        """The tips of the local branches, and of remote ones without a local branch of the same name."""
        found: dict[str, str] = {}
        with ReadErrors("the list of branches"):
            for reference in sorted(self.repository.references.iterator(), key=lambda reference: reference.name):
                kind, _, rest = reference.name.removeprefix("refs/").partition("/")
                short = rest.partition("/")[2] if kind == "remotes" else rest
                if kind in ("heads", "remotes") and short != "HEAD" and short not in found:
                    found[short] = str(reference.resolve().target)
        return found

    def other_branches(self, tip: Tip) -> dict[str, str]:
        """The tips of the branches other than the one that counts."""
        return {name: oid for name, oid in self.branches().items() if oid != tip.oid}

    def shallow_commits(self) -> frozenset[str]:
        """The commits at which a shallow clone ends: their parents are missing."""
        try:
            return frozenset(Path(self.repository.path, "shallow").read_text("ascii").split())
        except (OSError, ValueError):
            return frozenset()

    def descends(self, tip: str, old: str) -> bool | None:
        """Whether `old` is `tip` or one of its ancestors; None if commits between them are missing."""
        try:
            return tip == old or self.repository.descendant_of(tip, old)
        except (pygit2.GitError, KeyError, ValueError):
            return None
