"""What earlier runs read in forks, looked up by what a fork's branches point to, without opening any repository.

    path --refs_digest--> digest of HEAD and branches --ForkCache--> ForkReading

Two repositories with the same digest have the same HEAD, branches and commits, so a reading of one is a reading of the
other, whatever else is in them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path

from kit.cache import Cache, key_of
from kit.course.course import Course
from kit.course.outline import course_digest
from kit.forks.history import SeenTip, compare_tip, unpack_seen_tip
from kit.forks.reader import ReadRequest
from kit.forks.wire import ForkReading, unpack_reading

LARGEST = 4 * 2**20  # bytes in one file of references
READ_SIZE = 8192  # bytes read at once
MOST = 500  # loose references
SINGLE = ("HEAD", "packed-refs", "shallow", "info/grafts")


class ForkCache:
    """Readings and tips from earlier runs. Without a `cache`, nothing is found and nothing is kept."""

    def __init__(self, cache: Cache | None, course: Course) -> None:
        self.cache, self.course = cache, course
        self.unwritten: dict[bytes, bytes] = {}

    @cached_property
    def version(self) -> str:
        """The course and the code that a reading depends on."""
        return course_digest(self.course)

    def key(self, request: ReadRequest) -> bytes:
        """The key of a fork as it is now; empty if nothing should be kept."""
        digest = refs_digest(request.path) if self.cache else ""
        if not digest:
            return b""
        then = [str(request.until), request.commit] if request.until or request.commit else []
        return key_of("fork", self.version, request.branch, str(request.history), str(request.cells), *then, digest)

    def find(self, key: bytes) -> ForkReading | None:
        """The reading under a key, if there is one and it's intact."""
        packed = self.cache.get(key) if self.cache and key else None
        with suppress(Exception):  # if anything else is stored there, we read the fork again
            return unpack_reading(packed) if packed else None
        return None

    def keep(self, request: ReadRequest, key: bytes, packed: bytes) -> None:
        """Keep a reading, unless the fork changed while it was being read."""
        if key and key == self.key(request):
            self.unwritten[key] = packed

    def compare_tip(self, request: ReadRequest, tip: str, now: datetime) -> SeenTip | None:
        """A fork's tip, compared with the one that an earlier run saw in the same place."""
        if self.cache is None:
            return None
        key = key_of("tip", os.path.abspath(request.path), request.branch)
        packed, before = self.cache.get(key), None
        with suppress(Exception):  # if anything else is stored there, it's ignored
            before = unpack_seen_tip(packed) if packed else None
        if before and before.tip == tip:
            return before
        seen = compare_tip(request.path, tip, before, now)
        self.unwritten[key] = seen.pack()
        return seen

    def write(self) -> None:
        """Write everything that was kept, in one step."""
        if self.cache:
            self.cache.put(self.unwritten)
        self.unwritten = {}


class UncertainRefs(Exception):
    """These files don't tell the whole story: there's a link, a second working tree, or far too many branches."""


def loose_refs(folder: str, name: str) -> Iterator[str]:
    """The names of the files below `folder/name`, in order."""
    try:
        with os.scandir(f"{folder}/{name}") as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_symlink():
            raise UncertainRefs
        if entry.is_dir(follow_symlinks=False):
            yield from loose_refs(folder, f"{name}/{entry.name}")
        else:
            yield f"{name}/{entry.name}"


def read_refs(path: str) -> bytes:
    """The bytes of a file of references; none if there's no such file."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return b""
    try:
        data = part = os.read(handle, READ_SIZE)
        while len(part) == READ_SIZE:
            part = os.read(handle, READ_SIZE)
            data += part
            if len(data) > LARGEST:
                raise UncertainRefs
    finally:
        os.close(handle)
    return data


def refs_digest(path: Path) -> str:
    """The digest of what HEAD and all branches of the repository at `path` point to; empty if that isn't certain."""
    folder = os.fspath(path)
    total = hashlib.sha256()
    try:
        there = set(os.listdir(folder))  # once, instead of asking for each file that might be there
        if ".git" in there:
            folder = f"{folder}/.git"
            there = set(os.listdir(folder))
        if os.path.islink(folder) or "commondir" in there:
            return ""
        names = [*SINGLE]
        for kind in ("refs/heads", "refs/remotes"):
            for name in loose_refs(folder, kind):
                names.append(name)
                if len(names) > MOST:
                    return ""
        for name in names:
            data = read_refs(f"{folder}/{name}") if name.partition("/")[0] in there else b""
            total.update(b"%d %s\0%d\0" % (len(os.fsencode(name)), os.fsencode(name), len(data)) + data)
    except (OSError, UncertainRefs, RecursionError):
        return ""
    return total.hexdigest()
