"""A fork's object store, read through pygit2: the one module that opens a repository that is not ours.

    path -> Store -> tip (commit) -> chapter files (tree entries) -> bytes of a blob

Nothing is checked out, and nothing of the fork runs: no hook, no filter, no setting of its configuration. Sizes are
asked for before anything is read. libgit2 compares each object with its id, so one fork's object can be remembered
by that id and stand for the same object in another.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pygit2
from pygit2.enums import ConfigLevel, ObjectType, Option, RepositoryOpenFlag

from kit.fork import ForkTrouble, Tip
from kit.label import label

LARGEST_BLOB = 8 * 2**20
LARGEST_TREE = 2**20
MOST_LANGUAGES = 30
FOLDER, SYMLINK, SUBMODULE = 0o040000, 0o120000, 0o160000
CHAPTER = re.compile(r"ch(?P<id>\d\d)(?:_[^/]*)?\.(?P<suffix>py|ipynb)")


@dataclass(frozen=True, slots=True)
class ChapterFile:
    """A chapter's file in a tree. `flag` says why it must not be read, or is empty."""

    chapter: str
    language: str
    name: str
    oid: str
    flag: str = ""

    @property
    def notebook(self) -> bool:
        """Whether it is the pair's notebook."""
        return self.name.endswith(".ipynb")

    @property
    def path(self) -> str:
        """Its path in the fork."""
        return f"workshop/{self.language}/{self.name}"


@cache
def keep_to_ourselves() -> None:
    """Once: settings outside of the fork are not read, and folders of another owner are (nothing in them runs)."""
    for level in (ConfigLevel.PROGRAMDATA, ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
        pygit2.settings.search_path[level] = ""
    pygit2.settings.owner_validation = False


@contextmanager
def damage(what: str) -> Iterator[None]:
    """Turn what pygit2 raises into the end of this fork."""
    try:
        yield
    except (pygit2.GitError, KeyError, ValueError, OSError, TypeError) as error:
        said = label(str(error.args[0] if error.args else error))
        detail = f"object {said[:10]} is lost or damaged" if isinstance(error, KeyError) else said
        raise ForkTrouble("unreadable", f"{what} cannot be read: {detail}") from error


def is_repository(path: Path) -> bool:
    """Whether a folder is a clone or a bare repository, by its looks."""
    inner = os.fspath(path)
    bare = os.path.isfile(f"{inner}/HEAD") and os.path.isdir(f"{inner}/objects")
    return bare or os.path.exists(f"{inner}/.git")


class Store:
    """An opened fork. Every method raises `ForkTrouble` where the fork ends."""

    def __init__(self, path: Path) -> None:
        keep_to_ourselves()
        with damage("the repository"):
            self.repository = pygit2.Repository(str(path), RepositoryOpenFlag.NO_SEARCH)
            self.objects = self.repository.odb

    def tip(self, branch: str = "") -> Tip:
        """The commit that counts: the tip of `branch` if one is asked for, else what HEAD points to.

        Raises:
            ForkTrouble: empty, no branch, or unreadable.
        """
        repository = self.repository
        with damage("the branch"):
            names = [f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"] if branch else ["HEAD"]
            for name in names:
                try:
                    reference = repository.lookup_reference(name).resolve()
                except (KeyError, pygit2.InvalidSpecError):
                    continue
                return self.tip_of(reference.shorthand if reference.name != "HEAD" else "", str(reference.target))
            branches = self.branches()
        if not branches:
            raise ForkTrouble("empty", "not started: the repository has no commit")
        wanted = f"the branch {label(branch)}" if branch else "the default branch"
        raise ForkTrouble("no branch", f"{wanted} is not there; it has {label(', '.join(branches))}")

    def branches(self) -> dict[str, str]:
        """The tips of the local branches, and of the remote ones that have no local branch of that name."""
        found: dict[str, str] = {}
        with damage("the list of branches"):
            for reference in sorted(self.repository.references.iterator(), key=lambda reference: reference.name):
                kind, _, rest = reference.name.removeprefix("refs/").partition("/")
                short = rest.partition("/")[2] if kind == "remotes" else rest
                if kind in ("heads", "remotes") and short != "HEAD" and short not in found:
                    found[short] = str(reference.resolve().target)
        return found

    def tip_of(self, branch: str, target: str) -> Tip:
        """The record of the commit at `target`."""
        with damage("the last commit"):
            commit = self.commit(target)
            return Tip(str(commit.id), label(branch), moment(commit.commit_time))

    def commit(self, oid: str) -> pygit2.Commit:
        """The commit with this id, which may be a tag's."""
        return self.repository[oid].peel(pygit2.Commit)

    def tree(self, oid: str) -> pygit2.Tree:
        """The tree with this id, when it is of a size that a tree has."""
        if self.objects.read_header(oid)[1] > LARGEST_TREE:
            raise ForkTrouble("unreadable", "a folder lists too many files to be a workshop's")
        return self.repository[oid].peel(pygit2.Tree)

    def parent(self, commit: str) -> str | None:
        """The first parent of a commit, None for the first one."""
        with damage("the history"):
            parents = self.commit(commit).parent_ids
            return str(parents[0]) if parents else None

    def workshop(self, commit: str) -> tuple[str, str]:
        """The id of the tree `workshop` in a commit, and why there is none."""
        with damage("the tree"):
            tree = self.tree(str(self.commit(commit).tree_id))
            if "workshop" not in tree:
                return "", "it has no folder `workshop`"
            entry = tree["workshop"]
            if entry.filemode != FOLDER:
                return "", f"`workshop` is a {oddity(entry.filemode) or 'file'}, which is not followed"
            return str(entry.id), ""

    def chapter_files(self, tree: str) -> tuple[ChapterFile, ...]:
        """The files of chapters in the language folders of the tree `workshop`, found by their number."""
        found: list[ChapterFile] = []
        with damage("the tree"):
            folders = [entry for entry in self.tree(tree) if entry.filemode == FOLDER]
            for folder in folders[:MOST_LANGUAGES]:
                language = label(readable(folder))
                for entry in self.tree(str(folder.id)):
                    name = readable(entry)
                    match = CHAPTER.fullmatch(name)
                    if match:
                        found.append(ChapterFile(match["id"], language, name, str(entry.id), oddity(entry.filemode)))
        return tuple(found)

    def size(self, oid: str) -> int:
        """The number of bytes of a blob, without reading them."""
        with damage(f"the object {oid[:10]}"):
            kind, size = self.objects.read_header(oid)
            if kind != ObjectType.BLOB:
                raise ForkTrouble("unreadable", f"the object {oid[:10]} is no file")
            return int(size)

    def blob(self, oid: str) -> bytes:
        """The bytes of a blob, compared with its id here: 20 µs instead of libgit2's 80. Ask for its `size` first."""
        with damage(f"the object {oid[:10]}"):
            pygit2.option(Option.ENABLE_STRICT_HASH_VERIFICATION, False)
            try:
                data = bytes(self.objects.read(oid)[1])
            finally:
                pygit2.option(Option.ENABLE_STRICT_HASH_VERIFICATION, True)
            seen = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
            seen.update(data)
            if seen.hexdigest() != oid:
                raise ValueError("its bytes are not those of its id")
            return data


def readable(entry: pygit2.Object) -> str:
    """The name of an entry, whatever its bytes are."""
    return (entry.raw_name or b"").decode(errors="replace")


def oddity(mode: int) -> str:
    """Why an entry of this mode is not read, or an empty string."""
    return {SYMLINK: "symlink", SUBMODULE: "submodule", FOLDER: "folder"}.get(mode, "")


def moment(seconds: int) -> datetime | None:
    """A commit's time in UTC, or None where it is beyond all years."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
