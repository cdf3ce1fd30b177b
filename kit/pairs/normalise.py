"""The form in which files are committed: a tick is a one-line diff, whatever editor made it."""

from __future__ import annotations

from pathlib import Path

from kit import files
from kit.course.notebook import normalise
from kit.errors import KitError
from kit.lock import while_locked
from kit.pairs.convert import decode, encode


def normalised(data: bytes, where: str) -> bytes:
    """A file's bytes in the committed form: plain line endings, one or two at the end; a notebook without outputs.

    A second line ending at the end comes from `pair.resized`. It stays, or every sync would need a second commit.

    Raises:
        KitError: it isn't UTF-8, or isn't a notebook although its name says so.
    """
    text = decode(data, where)
    second = "\n" if text.endswith("\n\n") and not text.endswith("\n\n\n") else ""
    if where.endswith(".ipynb"):
        return encode(normalise(text, where) + second)
    return (text.rstrip("\n") + "\n" + second).encode() if text.strip("\n") else b""


def normalise_file(path: Path, root: Path) -> bool:
    """Put a chapter's file below `root` into the committed form; returns whether that changed it.

    Raises:
        KitError: it's missing, can't be read or written, or isn't what its name says.
    """

    def attempt() -> bool:
        where = files.shown(path, root)
        data = files.read(path, root)
        if data is None:
            raise KitError("there's no such file", where, "name a notebook or a .py")
        return files.write(path, normalised(data, where), root, expected=data)

    return while_locked(root, attempt)
