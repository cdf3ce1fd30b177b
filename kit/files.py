"""The learner's files on the disk: read whole, written whole or not at all.

    write:  temporary file beside the target -> fsync -> rename -> fsync of the folder

A process that dies in between leaves the old file or the new one, never half of either.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path

from kit.errors import KitError

WORKSHOP_FOLDER = ".workshop"  # the workshop's own folder, ignored by git
TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}~")
RETRY = "close what holds it, then run the same command again"


class FileChanged(Exception):
    """The file is no longer what it was when it was read: somebody else has written it since."""


def inside(path: Path, root: Path) -> Path:
    """Where `path`, which lies below `root`, really is.

    Raises:
        KitError: it or a folder on the way is a link, or it is among git's own files.
    """
    parts = path.relative_to(root).parts
    top = Path(os.path.realpath(root))
    if {"..", ".git"} & set(parts) or os.path.realpath(path) != str(top.joinpath(*parts)):
        raise KitError("this is a link, and is not followed", shown(path, root), "put a file in its place")
    return top.joinpath(*parts)


def shown(path: Path, root: Path) -> str:
    """The path as a message names it: from the workshop's folder on, with forward slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def content(real: Path) -> bytes | None:
    """The bytes of a file, `None` when there is none; `OSError` for all else."""
    try:
        return real.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def read(path: Path, root: Path) -> bytes | None:
    """The bytes of a file below `root`, `None` when there is none.

    Raises:
        KitError: it cannot be read, or it is a link out of the folder.
    """
    try:
        return content(inside(path, root))
    except OSError as error:
        raise KitError(f"this cannot be read, {reason(error)}", shown(path, root), RETRY) from error


def write(
    path: Path,
    data: bytes,
    root: Path,
    *,
    expected: tuple[bytes | None] | None = None,
    executable: bool | None = None,
) -> bool:
    """Put `data` in place of the file, in one step; `False` when it holds exactly that already.

    The mode of the file is kept; `executable` sets or clears its executable bits. `expected`, a tuple of one, says
    what the file must still hold (`(None,)`: no file) up to the moment before it is replaced.

    Raises:
        Changed: it holds something other than `expected`; it is left alone.
        KitError: it cannot be written (disk full, read-only, a link out of the folder); it is left alone.
    """
    real = inside(path, root)
    try:
        present = content(real)
        if expected is not None and present != expected[0]:
            raise FileChanged(path)
        mode = None if present is None else stat.S_IMODE(real.stat().st_mode)
        if executable is not None:
            usual = 0o644 if mode is None else mode
            mode = usual | (usual & 0o444) >> 2 if executable else usual & ~0o111
        if present == data and (executable is None or mode == stat.S_IMODE(real.stat().st_mode)):
            return False
        if present is not None and not os.access(real, os.W_OK):
            raise PermissionError(13, "it is read-only")
        real.parent.mkdir(parents=True, exist_ok=True)
        replace(real, data, mode, expected)
    except OSError as error:
        raise KitError(
            f"this cannot be written, {reason(error)}, and is left as it was",
            shown(path, root),
            "make room or give yourself the right to write, then run the same command again",
        ) from error
    return True


def replace(real: Path, data: bytes, mode: int | None, expected: tuple[bytes | None] | None) -> None:
    """Write a temporary file beside `real` and rename it; `OSError` leaves nothing behind."""
    temporary = real.with_name(f".{real.name}.{secrets.token_hex(4)}~")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        if mode is not None:
            os.chmod(temporary, mode)
        if expected is not None and content(real) != expected[0]:
            raise FileChanged(real)
        os.replace(temporary, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    fsync_folder(real.parent)


def remove(path: Path, root: Path, *, expected: tuple[bytes | None] | None = None) -> bool:
    """Delete the file; `False` when there is none.

    Raises:
        Changed: it holds something other than `expected`.
        KitError: it cannot be deleted.
    """
    real = inside(path, root)
    try:
        present = content(real)
        if expected is not None and present != expected[0]:
            raise FileChanged(path)
        if present is None:
            return False
        os.unlink(real)
    except OSError as error:
        raise KitError(f"this cannot be deleted, {reason(error)}", shown(path, root), RETRY) from error
    fsync_folder(real.parent)
    return True


def remove_temporaries(folder: Path) -> None:
    """Delete the temporary files that killed commands have left in this folder. Only for who holds the lock."""
    for path in folder.glob(".*~"):
        if TEMPORARY.fullmatch(path.name):
            with contextlib.suppress(OSError):
                path.unlink()


def fsync_folder(folder: Path) -> None:
    """Make a rename in this folder last through a loss of power, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def reason(error: OSError) -> str:
    """Why the system refused, in its own words, beginning small."""
    text = error.strerror or type(error).__name__
    return text[0].lower() + text[1:]
