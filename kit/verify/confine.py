"""How a process can restrict itself: its own view of the file system, no capabilities, limits. Linux only.

Each function changes the calling process and everything it forks, for good, and raises `OSError` if that fails.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import shutil
import struct
from collections.abc import Collection
from math import ceil

NEW_MOUNTS = 0x00020000  # CLONE_NEWNS
READ_ONLY, NO_SETUID, NO_DEVICES, NO_PROGRAMS = 1, 2, 4, 8  # these and the next are mount's flags, MS_...
REMOUNT, BIND, MOVE, RECURSIVE, PRIVATE = 1 << 5, 1 << 12, 1 << 13, 1 << 14, 1 << 18
DATA_ONLY = NO_SETUID | NO_DEVICES | NO_PROGRAMS
KEPT_OPTIONS = {"nosuid": NO_SETUID, "nodev": NO_DEVICES, "noexec": NO_PROGRAMS}  # a remount must repeat these
SET_DUMPABLE = 4  # prctl's
CAPABILITIES = 0x20080522  # version 3
MEGABYTE = 1 << 20
ROOM = 64  # MB that a cell may write
GROWTH = 2 << 30  # bytes that a cell may use
MAX_FILES = 256  # open at a time
SPARE = "/mnt"
WRITABLE = ("/tmp", SPARE, "/proc")  # each trial gets its own copy of /tmp, and doesn't see /proc


def libc() -> ctypes.CDLL:
    """The C library."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raise OSError if a call of the C library has failed."""
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def close_to_others() -> None:
    """Keep other processes of this user from reading or writing this one's memory, and from opening its files."""
    check(libc().prctl(SET_DUMPABLE, 0, 0, 0, 0), "prctl")


def own_mounts() -> None:
    """Get a file system view of its own: only this process, and what it forks, sees what is mounted from now on."""
    library = libc()
    check(library.unshare(NEW_MOUNTS), "unshare")
    check(library.mount(None, b"/", None, PRIVATE | RECURSIVE, None), "mount /")


def make_read_only(kept: Collection[str]) -> None:
    """Make everything mounted read-only, except these places. A container engine leaves /dev and others writable."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        mounts = [line.split(" ")[4:6] for line in file]
    for place, words in mounts:
        options = words.split(",")
        if "rw" in options and place not in kept:
            flags = REMOUNT | BIND | READ_ONLY | sum(KEPT_OPTIONS.get(option, 0) for option in options)
            folder = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), place)
            check(libc().mount(None, os.fsencode(folder), None, flags, None), f"mount {folder}")


def shut() -> None:
    """What the first process in a sandbox does: close itself to others, and leave nothing writable but WRITABLE."""
    close_to_others()
    own_mounts()
    make_read_only(WRITABLE)


def hide(folder: str) -> None:
    """Cover this folder with an empty, read-only one."""
    check(libc().mount(b"none", folder.encode(), b"tmpfs", DATA_ONLY | READ_ONLY, b"size=0"), f"mount {folder}")


def own_copy(folder: str) -> None:
    """Cover this folder with a copy in memory: only this process, and what it forks, sees what it writes there."""
    library = libc()
    place = (SPARE if os.listdir(folder) else folder).encode()
    options = f"size={ROOM}m,nr_inodes=4096,mode=700".encode()
    check(library.mount(b"none", place, b"tmpfs", DATA_ONLY, options), f"mount {folder}")
    if place != folder.encode():
        shutil.copytree(folder, SPARE, symlinks=True, dirs_exist_ok=True)
        check(library.mount(place, folder.encode(), None, MOVE, None), f"move to {folder}")


def drop_capabilities() -> None:
    """Give up every right that goes beyond the user's own."""
    header = struct.pack("=II", CAPABILITIES, 0)
    check(libc().capset(header, bytes(24)), "capset")


def size() -> int:
    """How much memory this process has mapped, in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def limit(memory: int, seconds: float) -> None:
    """Limit mapped memory (in bytes), processor time, written and open files. A crash leaves no core dump."""
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(seconds), ceil(seconds) + 1))
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, ROOM * MEGABYTE),
        (resource.RLIMIT_NOFILE, MAX_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (most, most))


def close_files(kept: int) -> None:
    """Close every file except the three standard ones and `kept`."""
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 16)
    os.closerange(3, kept)
    os.closerange(kept + 1, most)
