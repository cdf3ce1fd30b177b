"""What a process can do to have less: its own view of the file system, no capabilities, limits. Linux.

Each function changes the calling process and what it forks, for good, and raises `OSError` where that is not possible.
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
NOTHING_SPECIAL = 2 | 4 | 8  # no set-user-id files, no devices, no programs
READ_ONLY, MOVE, PRIVATE = 1, 8192, (1 << 18) | 16384
AGAIN = 32 | 4096  # for this process's view of what is mounted there already
OPTIONS = {"nosuid": 2, "nodev": 4, "noexec": 8}  # those that have to be said again; the others stay as they are
NOT_DUMPABLE = 4  # PR_SET_DUMPABLE
CAPABILITIES = 0x20080522  # version 3
MEGABYTE = 1 << 20
ROOM = 64  # MB that a cell may write
GROWTH = 2 << 30  # bytes that a cell may need
SPARE = "/mnt"
WRITABLE = ("/tmp", SPARE, "/proc")  # in a sandbox, where each trial has its own copy of the first, and not the last


def check(result: int, what: str) -> None:
    """OSError when a call of the C library has failed."""
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def libc() -> ctypes.CDLL:
    """The C library."""
    return ctypes.CDLL(None, use_errno=True)


def close_to_others() -> None:
    """Let no process of the same user read or write this one's memory, or open its files."""
    check(libc().prctl(NOT_DUMPABLE, 0, 0, 0, 0), "prctl")


def own_mounts() -> None:
    """See a file system of one's own: what is mounted from here on is seen by this process alone."""
    library = libc()
    check(library.unshare(NEW_MOUNTS), "unshare")
    check(library.mount(None, b"/", None, PRIVATE, None), "mount /")


def seal(kept: Collection[str]) -> None:
    """Make whatever is mounted read-only, but for these places. A container leaves some to write to, such as /dev."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        mounts = [line.split(" ")[4:6] for line in file]
    for place, words in mounts:
        options = words.split(",")
        if "rw" in options and place not in kept:
            flags = AGAIN | READ_ONLY | sum(OPTIONS.get(option, 0) for option in options)
            folder = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), place)
            check(libc().mount(None, os.fsencode(folder), None, flags, None), f"mount {folder}")


def shut() -> None:
    """What the first process in a sandbox does: it is closed to others, and leaves nothing that can be written but what
    each trial has a copy of."""
    close_to_others()
    own_mounts()
    seal(WRITABLE)


def hide(folder: str) -> None:
    """Put an empty folder, which nobody can write to, in place of this one."""
    check(libc().mount(b"none", folder.encode(), b"tmpfs", NOTHING_SPECIAL | READ_ONLY, b"size=0"), f"mount {folder}")


def own_copy(folder: str) -> None:
    """Put a copy in memory in place of this folder: what is written there is seen by this process alone."""
    library = libc()
    place = (SPARE if os.listdir(folder) else folder).encode()
    options = f"size={ROOM}m,nr_inodes=4096,mode=700".encode()
    check(library.mount(b"none", place, b"tmpfs", NOTHING_SPECIAL, options), f"mount {folder}")
    if place != folder.encode():
        shutil.copytree(folder, SPARE, symlinks=True, dirs_exist_ok=True)
        check(library.mount(place, folder.encode(), None, MOVE, None), f"move to {folder}")


def drop_capabilities() -> None:
    """Give up every right that a process may have beyond its user's."""
    header = struct.pack("=II", CAPABILITIES, 0)
    check(libc().capset(header, bytes(24)), "capset")


def size() -> int:
    """The bytes of memory that this process has mapped."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def limit(memory: int, seconds: float) -> None:
    """Cap the memory mapped, in bytes, the processor's time, and what is written; leave nothing when it crashes."""
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(seconds), ceil(seconds) + 1))
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, ROOM * MEGABYTE),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (most, most))


def close_files(kept: int) -> None:
    """Close every file but the three standard ones and `kept`."""
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 16)
    os.closerange(3, kept)
    os.closerange(kept + 1, most)
