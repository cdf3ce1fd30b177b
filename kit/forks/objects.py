"""A fork's object store, read through pygit2: the one module that opens a repository that is not ours.

    path -> Store -> tip (commit) -> chapter files (tree entries) -> bytes of a blob

Nothing is checked out, and nothing of the fork runs: no hook, no filter, no setting of its configuration. Sizes are
asked for before anything is read. Each object is compared with its id, so one fork's object can be remembered by that
id and stand for the same object in another.
"""

from __future__ import annotations

import hashlib
import os
import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pygit2
from pygit2.enums import ConfigLevel, ObjectType, Option, RepositoryOpenFlag

from kit.forks.records import ForkTrouble, Tip
from kit.text import label

FETCH_STATE_FILE = "workshop-mark.json"  # beside a fetched repository: when it was last asked for
LARGEST_BLOB = 8 * 2**20
LARGEST_TREE = 2**20
MOST_LANGUAGES = 30
REMEMBERED = 16384  # entries of folders
FOLDER, SYMLINK, SUBMODULE = 0o040000, 0o120000, 0o160000
ODD = {SYMLINK: "symlink", SUBMODULE: "submodule", FOLDER: "folder"}
COMMIT = re.compile(
    rb"tree (?P<tree>[0-9a-f]{40})\n(?:parent (?P<parent>[0-9a-f]{40})\n)?(?:parent [^\n]*\n)*"
    rb"author [^\n]*\ncommitter [^\n]*?(?P<seconds>-?\d{1,18}) [+-]?\d+\n"
)
LARGEST_COMMIT = 2**20
ENTRY = re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{20})", re.DOTALL)
CHAPTER = re.compile(r"ch(?P<id>\d\d)(?:_[^/]*)?\.(?P<suffix>py|ipynb)")


class ChapterFile(NamedTuple):
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


class Facts(NamedTuple):
    """What a commit says of itself: its tree, its first parent, its committer's time in seconds since 1970."""

    tree: str
    parent: str | None
    seconds: int


@lru_cache(maxsize=REMEMBERED)
def chapter_file(language: str, mode: bytes, name: bytes, raw: bytes) -> ChapterFile | None:
    """The chapter's file that an entry of a language folder is, if it is one; one record for equal entries."""
    text = name.decode(errors="replace")
    match = CHAPTER.fullmatch(text)
    return ChapterFile(match["id"], language, text, raw.hex(), oddity(int(mode, 8))) if match else None


@cache
def keep_to_ourselves() -> None:
    """Once: settings outside of the fork are not read, and folders of another owner are (nothing in them runs)."""
    for level in (ConfigLevel.PROGRAMDATA, ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
        pygit2.settings.search_path[level] = ""
    pygit2.settings.owner_validation = False
    pygit2.option(Option.ENABLE_STRICT_HASH_VERIFICATION, False)  # `Objects.raw` does it, in a quarter of the time


class Damage:
    """Turn what pygit2 raises into the end of this fork; a class, since a generator costs more, 80,000 times.

    `what` is at hand, and `oid` the object it is, if it is one.
    """

    __slots__ = ("oid", "what")

    def __init__(self, what: str, oid: str = "") -> None:
        self.what, self.oid = what, oid

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise the trouble in place of what was raised."""
        if isinstance(error, (pygit2.GitError, KeyError, ValueError, OSError, TypeError)):
            said = label(str(error.args[0] if error.args else error))
            detail = f"object {said[:10]} is lost or damaged" if isinstance(error, KeyError) else said
            whose = f"{self.what} {self.oid[:10]}" if self.oid else self.what
            raise ForkTrouble("unreadable", f"{whose} cannot be read: {detail}") from error


def is_repository(path: Path) -> bool:
    """Whether a folder is a clone or a bare repository, by its looks."""
    inner = os.fspath(path)
    bare = os.path.isfile(f"{inner}/HEAD") and os.path.isdir(f"{inner}/objects")
    return bare or os.path.exists(f"{inner}/.git")


class Objects:
    """The objects of a fork, by id: enough to read files whose ids are known. All methods raise `ForkTrouble`."""

    def __init__(self, path: Path) -> None:
        keep_to_ourselves()
        self.path = path
        with Damage("the repository"):
            self.odb = open_objects(path)
            self.commits: dict[str, Facts] = {}

    def left_out(self) -> bool:
        """Whether a blob that is not here was too large for our cache; other partial clones lack other things."""
        promised = next(self.path.glob("objects/pack/*.promisor"), None)
        return promised is not None and (self.path / FETCH_STATE_FILE).is_file()

    def size(self, oid: str) -> int:
        """The number of bytes of a blob, without reading them; of one that was left out, more than is ever read."""
        with Damage("the object", oid):
            try:
                kind, size = self.odb.read_header(oid)
            except KeyError:
                if self.left_out():
                    return LARGEST_BLOB + 1
                raise
            if kind != ObjectType.BLOB:
                raise ValueError("it is no file")
            return int(size)

    def raw(self, kind: bytes, oid: str) -> bytes:
        """The bytes of an object, compared with its id here: 20 µs instead of libgit2's 80. Ask for its size first."""
        data = bytes(self.odb.read(oid)[1])
        if hashlib.sha1(b"%s %d\0%s" % (kind, len(data), data), usedforsecurity=False).hexdigest() != oid:
            raise ValueError("its bytes are not those of its id")
        return data

    def blob(self, oid: str) -> bytes:
        """The bytes of a blob. Ask for its `size` first."""
        with Damage("the object", oid):
            return self.raw(b"blob", oid)

    def entries(self, oid: str) -> list[tuple[bytes, bytes, bytes]]:
        """The entries of a folder as they stand there: mode in octal digits, name, the 20 bytes of the id."""
        with Damage("the folder", oid):
            kind, size = self.odb.read_header(oid)
            if kind != ObjectType.TREE or size > LARGEST_TREE:
                raise ValueError("it is no folder, or lists far too many files")
            data = self.raw(b"tree", oid)
            found = ENTRY.findall(data)
            if len(b"".join(chain.from_iterable(found))) + 2 * len(found) != len(data):  # a space and a zero each
                raise ValueError("its list is damaged")
            return found

    def tree(self, oid: str) -> list[tuple[int, str, str]]:
        """The entries of a folder: mode, name, id."""
        return [(int(mode, 8), name.decode(errors="replace"), raw.hex()) for mode, name, raw in self.entries(oid)]

    def facts(self, oid: str) -> Facts:
        """What the commit with this id says of itself, by its bytes alone."""
        if oid in self.commits:
            return self.commits[oid]
        with Damage("the history"):
            kind, size = self.odb.read_header(oid)
            if kind != ObjectType.COMMIT or size > LARGEST_COMMIT:
                raise ValueError("it is no commit")
            found = COMMIT.match(self.raw(b"commit", oid))
            if found is None:
                raise ValueError("a commit is damaged")
            tree, parent, seconds = found.groups()
            facts = Facts(tree.decode(), parent.decode() if parent else None, int(seconds))
        self.commits[oid] = facts
        return facts

    def workshop_in(self, tree: str) -> tuple[str, str]:
        """The id of the tree `workshop` in a commit's tree, and why there is none."""
        for octal, name, raw in self.entries(tree):
            if name == b"workshop":
                mode = int(octal, 8)
                why = f"`workshop` is a {oddity(mode) or 'file'}, which is not followed"
                return (raw.hex(), "") if mode == FOLDER else ("", why)
        return "", "it has no folder `workshop`"


class Store(Objects):
    """An opened fork, with its branches and commits. Every method raises `ForkTrouble` where the fork ends."""

    def __init__(self, path: Path) -> None:
        keep_to_ourselves()
        self.path = path
        with Damage("the repository"):
            self.repository = pygit2.Repository(str(path), RepositoryOpenFlag.NO_SEARCH)
            self.odb = self.repository.odb
            self.commits: dict[str, Facts] = {}

    def tip(self, branch: str = "") -> Tip:
        """The commit that counts: the tip of `branch` if one is asked for, else what HEAD points to.

        Raises:
            ForkTrouble: empty, no branch, or unreadable.
        """
        with Damage("the branch"):
            names = [f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"] if branch else ["HEAD"]
            for name in names:
                try:
                    reference = self.repository.lookup_reference(name).resolve()
                except (KeyError, pygit2.InvalidSpecError):
                    continue
                short = reference.shorthand if reference.name != "HEAD" else ""
                return self.tip_of(label(short), str(reference.target))
            branches = self.branches()
        if not branches:
            raise ForkTrouble("empty", "not started: the repository has no commit")
        wanted = f"the branch {label(branch)}" if branch else "the default branch"
        raise ForkTrouble("no branch", f"{wanted} is not there; it has {label(', '.join(branches))}")

    def alone(self) -> bool:
        """Whether a look at the folders is enough to say that there is at most one branch."""
        folder = self.repository.path
        if any(os.path.exists(f"{folder}{name}") for name in ("packed-refs", "refs/remotes", "commondir")):
            return False
        names = os.listdir(f"{folder}refs/heads")
        return len(names) < 2 and not any(os.path.isdir(f"{folder}refs/heads/{name}") for name in names)

    def branches(self) -> dict[str, str]:
        """The tips of the local branches, and of the remote ones that have no local branch of that name."""
        found: dict[str, str] = {}
        with Damage("the list of branches"):
            for reference in sorted(self.repository.references.iterator(), key=lambda reference: reference.name):
                kind, _, rest = reference.name.removeprefix("refs/").partition("/")
                short = rest.partition("/")[2] if kind == "remotes" else rest
                if kind in ("heads", "remotes") and short != "HEAD" and short not in found:
                    found[short] = str(reference.resolve().target)
        return found

    def others(self, tip: Tip) -> dict[str, str]:
        """The tips of the branches other than the one that counts."""
        with Damage("the list of branches"):
            if self.alone() and tip.branch:
                return {}
        return {name: oid for name, oid in self.branches().items() if oid != tip.oid}

    def tip_of(self, branch: str, target: str) -> Tip:
        """The record of the commit at `target`."""
        with Damage("the last commit"):
            if self.odb.read_header(target)[0] != ObjectType.COMMIT:  # a branch may name a tag
                pygit2.option(Option.ENABLE_STRICT_HASH_VERIFICATION, True)
                try:
                    target = str(self.repository[target].peel(pygit2.Commit).id)
                finally:
                    pygit2.option(Option.ENABLE_STRICT_HASH_VERIFICATION, False)
            return Tip(target, branch, moment(self.facts(target).seconds))

    def parent(self, commit: str) -> str | None:
        """The first parent of a commit, None for the first one."""
        return self.facts(commit).parent

    def workshop(self, commit: str) -> tuple[str, str]:
        """The id of the tree `workshop` in a commit, and why there is none."""
        return self.workshop_in(self.facts(commit).tree)

    def shallow(self) -> frozenset[str]:
        """The commits behind which a shallow clone has nothing."""
        try:
            return frozenset(Path(self.repository.path, "shallow").read_text("ascii").split())
        except (OSError, ValueError):
            return frozenset()

    def descends(self, tip: str, old: str) -> bool | None:
        """Whether `old` is `tip` or one of the commits before it; None where the way is not all there."""
        try:
            return tip == old or self.repository.descendant_of(tip, old)
        except (pygit2.GitError, KeyError, ValueError):
            return None

    def chapter_files(self, tree: str) -> tuple[ChapterFile, ...]:
        """The files of chapters in the language folders of the tree `workshop`, found by their number."""
        found: list[ChapterFile] = []
        folders = [(label(name), oid) for mode, name, oid in self.tree(tree) if mode == FOLDER]
        for language, folder in folders[:MOST_LANGUAGES]:
            found += filter(None, [chapter_file(language, *entry) for entry in self.entries(folder)])
        return tuple(found)


def open_objects(path: Path) -> pygit2.Odb:
    """The object store of the repository at `path`, without the rest of it where that is possible."""
    for folder in (f"{path}/objects", f"{path}/.git/objects"):
        if os.path.isdir(folder):
            return pygit2.Odb(folder)
    return pygit2.Repository(str(path), RepositoryOpenFlag.NO_SEARCH).odb


def oddity(mode: int) -> str:
    """Why an entry of this mode is not read, or an empty string."""
    return ODD.get(mode, "")


def moment(seconds: int) -> datetime | None:
    """A commit's time in UTC, or None where it is beyond all years."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
