"""The learner's files on disk: read whole, and written whole or not at all.

    write:  temporary file beside the target -> fsync -> rename -> fsync of the folder

A process that dies along the way leaves the old file or the new one, never half of either. The tests kill it between
any two of these system calls and in the middle of each write, so we make the calls here one by one.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path
from types import EllipsisType

from kit.errors import KitError

ROOT = Path(__file__).resolve().parent.parent  # the course that this package belongs to
SYLLABUS = "chapters.toml"
WORKSHOP_FOLDER = ".workshop"  # the kit's own folder in a course, ignored by git
TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}~")
RETRY = "close whatever has it open, then run the same command again"

Expected = bytes | EllipsisType | None  # what a file must hold; `None`: there must be no file; `...`: anything will do


def find_root(folder: Path) -> Path:
    """The course that a folder is in, or else the one that this package belongs to."""
    for parent in (folder, *folder.parents):
        if (parent / SYLLABUS).is_file():
            return parent
    return ROOT


def python_path() -> str:
    """A path on which another process finds this very package."""
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


class FileChanged(Exception):
    """The file isn't as it was when we read it: another program has written to it since."""


def inside(path: Path, root: Path) -> Path:
    """The real path of `path`, which is below `root`.

    Raises:
        KitError: it, or a folder on the way to it, is a link; or it's one of git's own files.
    """
    parts = path.relative_to(root).parts
    top = Path(os.path.realpath(root))
    if {"..", ".git"} & set(parts) or os.path.realpath(path) != str(top.joinpath(*parts)):
        raise KitError("this is a link, which is never followed", shown(path, root), "put a plain file in its place")
    return top.joinpath(*parts)


def shown(path: Path, root: Path) -> str:
    """The path as a message shows it: relative to `root`, with forward slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def content(real: Path) -> bytes | None:
    """The bytes of a file; `None` if there's no such file; `OSError` for any other trouble."""
    try:
        return real.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def read(path: Path, root: Path) -> bytes | None:
    """The bytes of a file below `root`; `None` if there's no such file.

    Raises:
        KitError: it can't be read, or a link is in the way.
    """
    try:
        return content(inside(path, root))
    except OSError as error:
        raise KitError(f"this can't be read: {reason(error)}", shown(path, root), RETRY) from error


def write(path: Path, data: bytes, root: Path, *, expected: Expected = ..., executable: bool | None = None) -> bool:
    """Replace the file's content with `data`, in one step; `False` if that's what it already holds.

    The file is replaced only if it still holds what's `expected`, right up to the last moment. Its mode is kept;
    `executable` sets or clears the executable bits.

    Raises:
        FileChanged: it holds something else; it's left alone.
        KitError: it can't be written (disk full, read-only, a link in the way); it's left alone.
    """
    real = inside(path, root)
    try:
        present = content(real)
        require(present, expected, path)
        old_mode = None if present is None else stat.S_IMODE(real.stat().st_mode)
        mode = mode_for(old_mode, executable)
        if present == data and mode == old_mode:
            return False
        if present is not None and not os.access(real, os.W_OK):
            raise PermissionError(13, "it is read-only")
        real.parent.mkdir(parents=True, exist_ok=True)
        replace(real, data, mode, expected)
    except OSError as error:
        raise KitError(
            f"this can't be written and is left as it was: {reason(error)}",
            shown(path, root),
            "make room, or give yourself permission to write, then run the same command again",
        ) from error
    return True


def require(present: bytes | None, expected: Expected, path: Path) -> None:
    """Raise `FileChanged` unless a file that holds `present` is as `expected`."""
    if expected is not ... and present != expected:
        raise FileChanged(path)


def mode_for(old: int | None, executable: bool | None) -> int | None:
    """The mode of a file that is about to replace one with mode `old`; `None` for a new file's usual mode."""
    if executable is None:
        return old
    mode = 0o644 if old is None else old
    return mode | (mode & 0o444) >> 2 if executable else mode & ~0o111


def replace(real: Path, data: bytes, mode: int | None, expected: Expected) -> None:
    """Write a temporary file beside `real` and rename it to `real`; an exception leaves nothing behind."""
    temporary = real.with_name(f".{real.name}.{secrets.token_hex(4)}~")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        write_and_close(handle, data)
        if mode is not None:
            os.chmod(temporary, mode)
        require(content(real), expected, real)
        os.replace(temporary, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    fsync_folder(real.parent)


def write_and_close(handle: int, data: bytes) -> None:
    """Write all of `data` to an open file, and make sure that it's on disk before closing it."""
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path, root: Path, *, expected: Expected = ...) -> bool:
    """Delete the file; `False` if there's no such file.

    Raises:
        FileChanged: it holds something other than what's `expected`; it's left alone.
        KitError: it can't be deleted.
    """
    real = inside(path, root)
    try:
        present = content(real)
        require(present, expected, path)
        if present is None:
            return False
        os.unlink(real)
    except OSError as error:
        raise KitError(f"this can't be deleted: {reason(error)}", shown(path, root), RETRY) from error
    fsync_folder(real.parent)
    return True


def remove_temporaries(folder: Path) -> None:
    """Delete the temporary files that killed commands left in this folder. Call it only with the lock held."""
    for path in folder.glob(".*~"):
        if TEMPORARY.fullmatch(path.name):
            with contextlib.suppress(OSError):
                path.unlink()


def fsync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def reason(error: OSError) -> str:
    """Why the system refused, in its own words, starting with a lower-case letter."""
    text = error.strerror or type(error).__name__
    return text[0].lower() + text[1:]
