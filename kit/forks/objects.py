"""The objects of a fork, by id: commits, trees and blobs, checked for size and content before they're used.

    id --size--> bounded --read--> bytes, compared with the id --> Commit | TreeEntry, ... | a blob's bytes

Every object is checked against its id, so what was read in one fork holds for the same id in every other fork.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pygit2
from pygit2.enums import ObjectType

from kit.forks.records import ForkTrouble
from kit.lru import LruDict
from kit.text import label

FETCH_STATE_FILE = "workshop-mark.json"  # beside a fetched repository: when it was last asked for
LARGEST_BLOB = LARGEST_TREE = 8 * 2**20  # a folder of 100,000 files takes 6
LARGEST_COMMIT = LARGEST_TAG = 2**20
LONGEST_TAG_CHAIN = 5
KEPT_TREES = 16  # of one fork: those of its tip are asked for more than once
COMMIT = re.compile(
    rb"tree (?P<tree>[0-9a-f]{40})\n(?:parent (?P<parent>[0-9a-f]{40})\n)?(?P<others>(?:parent [^\n]*\n)*)"
    rb"author (?:[^\n]*?(?P<written>-?\d{1,18}) [+-]?\d+|[^\n]*)\ncommitter [^\n]*?(?P<seconds>-?\d{1,18}) [+-]?\d+\n"
)
PARENT = re.compile(rb"^parent ([0-9a-f]{40})$", re.MULTILINE)
TREE_ENTRY = re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{20})", re.DOTALL)
FOLDER = 0o040000
UNREAD_MODES = {0o120000: "symlink", 0o160000: "submodule", FOLDER: "folder"}
TAG = re.compile(rb"object ([0-9a-f]{40})\n")

TreeEntry = tuple[bytes, bytes, bytes]  # mode in octal digits, name, the 20 bytes of the id


class Commit(NamedTuple):
    """A commit: its id, its tree, its first parent, its committer's time in seconds since 1970.

    `others` are the other parents of a merge. `written` is the author's time: unlike the committer's, it stays what it
    was when a commit is rebased or amended.
    """

    oid: str
    tree: str
    parent: str | None
    seconds: int
    others: tuple[str, ...] = ()
    written: int = 0


class ReadErrors:
    """Turn what pygit2 raises into the `ForkTrouble` that ends this fork.

    `what` is being read, and `oid` is its id if it's an object. It's a class because `contextmanager` costs more, and
    we enter it 80 times for each fork.
    """

    __slots__ = ("oid", "what")

    def __init__(self, what: str, oid: str = "") -> None:
        self.what, self.oid = what, oid

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise the trouble in place of the original exception."""
        if isinstance(error, (pygit2.GitError, KeyError, ValueError, OSError, TypeError)):
            said = label(str(error.args[0] if error.args else error))
            detail = f"object {said[:10]} is lost or damaged" if isinstance(error, KeyError) else said
            what = f"{self.what} {self.oid[:10]}" if self.oid else self.what
            raise ForkTrouble("unreadable", f"{what} can't be read: {detail}") from error


class ObjectStore:
    """The objects of the repository at `path`, by id. All methods raise `ForkTrouble`."""

    def __init__(self, path: Path, odb: pygit2.Odb) -> None:
        self.path, self.odb = path, odb
        self.commits: dict[str, Commit] = {}
        self.trees: LruDict[str, list[TreeEntry]] = LruDict(KEPT_TREES)

    def leaves_blobs_out(self) -> bool:
        """Whether our own fetch left large blobs out here; other partial clones lack other things."""
        promised = next(self.path.glob("objects/pack/*.promisor"), None)
        return promised is not None and (self.path / FETCH_STATE_FILE).is_file()

    def size(self, oid: str) -> int:
        """The number of bytes of a blob, without reading them; one that our fetch left out counts as too large."""
        with ReadErrors("the object", oid):
            try:
                kind, size = self.odb.read_header(oid)
            except KeyError:
                if self.leaves_blobs_out():
                    return LARGEST_BLOB + 1
                raise
            if kind != ObjectType.BLOB:
                raise ValueError("it's not a file")
            return int(size)

    def read(self, kind: bytes, oid: str) -> bytes:
        """The bytes of an object, checked against its id: 20 µs here, 80 in libgit2. Ask for its size first.

        Raises:
            KeyError: it isn't here.
            ValueError: it is another object.
        """
        data = bytes(self.odb.read(oid)[1])
        if hashlib.sha1(b"%s %d\0%s" % (kind, len(data), data), usedforsecurity=False).hexdigest() != oid:
            raise ValueError("its bytes don't match its id")
        return data

    def blob(self, oid: str) -> bytes:
        """The bytes of a blob. Ask for its `size` first."""
        with ReadErrors("the object", oid):
            return self.read(b"blob", oid)

    def tree(self, oid: str) -> list[TreeEntry]:
        """The entries of a folder."""
        if oid in self.trees:
            return self.trees[oid]
        with ReadErrors("the folder", oid):
            kind, size = self.odb.read_header(oid)
            if kind != ObjectType.TREE:
                raise ValueError("it isn't a folder")
            if size > LARGEST_TREE:
                raise ValueError(f"it lists far too many files ({size / 2**20:.0f} MiB of names)")
            self.trees[oid] = found = parse_tree(self.read(b"tree", oid))
            return found

    def commit(self, oid: str) -> Commit:
        """The record of the commit with this id."""
        if oid in self.commits:
            return self.commits[oid]
        with ReadErrors("the history"):
            kind, size = self.odb.read_header(oid)
            if kind != ObjectType.COMMIT or size > LARGEST_COMMIT:
                raise ValueError("it isn't a commit")
            found = COMMIT.match(self.read(b"commit", oid))
            if found is None:
                raise ValueError("a commit is damaged")
            tree, parent, others, written, seconds = found.groups()
            others = tuple(other.decode() for other in PARENT.findall(others))
            parent = parent.decode() if parent else None
            written = int(seconds if written is None else written)
            header = Commit(oid, tree.decode(), parent, int(seconds), others, written)
        self.commits[oid] = header
        return header

    def commit_behind(self, oid: str) -> str:
        """The id of the commit that this id, of a commit or of an annotated tag, leads to."""
        with ReadErrors("the last commit"):
            for _ in range(LONGEST_TAG_CHAIN):
                kind, size = self.odb.read_header(oid)
                if kind != ObjectType.TAG or size > LARGEST_TAG:
                    return oid
                found = TAG.match(self.read(b"tag", oid))
                if found is None:
                    raise ValueError("a tag is damaged")
                oid = found[1].decode()
            raise ValueError("tags lead to tags without end")

    def find_workshop(self, tree: str) -> tuple[str, str]:
        """The id of the tree `workshop` in a commit's tree; or an empty id, and why there isn't one."""
        for octal, name, oid in self.tree(tree):
            if name == b"workshop":
                mode = int(octal, 8)
                if mode == FOLDER:
                    return oid.hex(), ""
                return "", f"`workshop` is a {why_unread(mode) or 'file'}, which isn't followed"
        return "", "it has no folder `workshop`"


def parse_tree(data: bytes) -> list[TreeEntry]:
    """The entries of a tree object.

    Raises:
        ValueError: the bytes are damaged.
    """
    entries = TREE_ENTRY.findall(data)
    # Each entry has a space and a zero besides its three parts; anything the pattern skipped is missing from this sum.
    if len(b"".join(chain.from_iterable(entries))) + 2 * len(entries) != len(data):
        raise ValueError("its list is damaged")
    return entries


def why_unread(mode: int) -> str:
    """Why an entry of this mode isn't read as a file: `symlink`, `submodule`, `folder`; empty for a file."""
    return UNREAD_MODES.get(mode, "")


def utc_time(seconds: int) -> datetime | None:
    """A commit's time in UTC; None if it's outside the range of years."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
