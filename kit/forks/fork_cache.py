"""What the branches of a repository in a folder name, as one digest, from plain files: nothing is opened.

Two repositories with the same digest have the same HEAD, branches and commits, whatever else they hold. So what was
read from one says what there is to read in the other.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

LARGEST = 4 * 2**20  # bytes of one file of references
PART = 8192  # bytes that are read at once
MOST = 500  # loose references
SINGLE = ("HEAD", "packed-refs", "shallow", "info/grafts")


class Unknown(Exception):
    """These files do not say it all: a link, a second working tree, far too many branches."""


def loose(folder: str, name: str) -> Iterator[str]:
    """The names of the files below `folder/name`, in order."""
    try:
        with os.scandir(f"{folder}/{name}") as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.is_symlink():
            raise Unknown
        if entry.is_dir(follow_symlinks=False):
            yield from loose(folder, f"{name}/{entry.name}")
        else:
            yield f"{name}/{entry.name}"


def content(path: str) -> bytes:
    """The bytes of a file of references, none where there is no file."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return b""
    try:
        data = part = os.read(handle, PART)
        while len(part) == PART:
            part = os.read(handle, PART)
            data += part
            if len(data) > LARGEST:
                raise Unknown
    finally:
        os.close(handle)
    return data


def refs_digest(path: Path) -> str:
    """The digest of what HEAD and all branches of the repository at `path` name, empty where that is not certain."""
    folder = os.fspath(path)
    total = hashlib.sha256()
    try:
        there = set(os.listdir(folder))  # one look instead of one for each file that may be there
        if ".git" in there:
            folder = f"{folder}/.git"
            there = set(os.listdir(folder))
        if os.path.islink(folder) or "commondir" in there:
            return ""
        names = [*SINGLE]
        for kind in ("refs/heads", "refs/remotes"):
            for name in loose(folder, kind):
                names.append(name)
                if len(names) > MOST:
                    return ""
        for name in names:
            data = content(f"{folder}/{name}") if name.partition("/")[0] in there else b""
            total.update(b"%d %s\0%d\0" % (len(os.fsencode(name)), os.fsencode(name), len(data)) + data)
    except (OSError, Unknown, RecursionError):
        return ""
    return total.hexdigest()
