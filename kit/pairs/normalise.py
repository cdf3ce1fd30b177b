"""The form in which files are committed: a tick is one line of a difference, whatever editor made it."""

from __future__ import annotations

from pathlib import Path

from kit import files
from kit.course.cells import unify_newlines
from kit.course.notebook import normalise
from kit.errors import KitError
from kit.lock import while_locked
from kit.pairs.convert import encode


def normalised(data: bytes, where: str) -> bytes:
    """A file's bytes in the committed form: plain line ends, one or two at the end; a notebook without outputs.

    The second one at the end is `pair.visible`'s: it stays, so that what a sync has written needs no second commit.

    Raises:
        KitError: it is not UTF-8, or no notebook.
    """
    try:
        text = unify_newlines(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise KitError("this is not UTF-8", where, "save it as UTF-8, then run the same command again") from error
    second = "\n" if text.endswith("\n\n") and not text.endswith("\n\n\n") else ""
    if where.endswith(".ipynb"):
        return encode(normalise(text, where) + second)
    return (text.rstrip("\n") + "\n" + second).encode() if text.strip("\n") else b""


def normalise_file(path: Path, root: Path, check: bool = False) -> bool:
    """Bring a file below `root` to the committed form, or only look; whether it was in another.

    Raises:
        KitError: it is missing, cannot be read or written, or is not what its name says.
    """
    if not path.is_relative_to(root):
        raise KitError("this file is in no workshop", str(path), "name a notebook or a .py of one")
    return while_locked(root, lambda: normalise_once(path, root, check))


def normalise_once(path: Path, root: Path, check: bool) -> bool:
    """One attempt; `disk.Changed` when somebody else wrote in the middle of it."""
    where = files.shown(path, root)
    data = files.read(path, root)
    if data is None:
        raise KitError("there is no such file", where, "name a notebook or a .py")
    if path.suffix not in (".ipynb", ".py"):
        raise KitError("this is neither a notebook nor a .py", where, "name one of those")
    wanted = normalised(data, where)
    return wanted != data if check else files.write(path, wanted, root, expected=data)
