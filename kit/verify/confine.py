"""How a process can restrict itself: its own view of files and processes, no capabilities, limits. Linux only.

Each function changes the calling process and everything it forks, for good, and raises `OSError` if that fails.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import shutil
import struct
from collections.abc import Callable, Collection
from math import ceil

NEW_MOUNTS, NEW_PROCESSES = 0x00020000, 0x20000000  # CLONE_NEWNS, CLONE_NEWPID
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
ROOT = "/mnt"  # where the trials' root is put together
SPARE = "/mnt"  # in that root: where a copy of a folder is made
ROOT_SIZE = "1g"
NULL = "/dev/null"
WRITABLE = ("/tmp", ROOT, "/proc")  # each trial gets its own copy of /tmp, and doesn't see the others


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


def make_root(fill: Callable[[str], None]) -> None:
    """Put together the file system that trials will see, in memory: what `fill` writes there, and little else."""
    library = libc()
    options = f"size={ROOT_SIZE},mode=755".encode()
    check(library.mount(b"none", ROOT.encode(), b"tmpfs", NO_SETUID | NO_DEVICES, options), f"mount {ROOT}")
    for folder in ("/tmp", "/dev", SPARE):
        os.mkdir(ROOT + folder)
    open(ROOT + NULL, "w").close()
    fill(ROOT)
    check(library.mount(b"none", ROOT.encode(), None, REMOUNT | READ_ONLY | NO_SETUID | NO_DEVICES, None), "remount")
    check(library.mount(NULL.encode(), (ROOT + NULL).encode(), None, BIND, None), f"mount {NULL}")


def enter_root() -> None:
    """See nothing but that file system from now on, with a copy of this process's /tmp."""
    copy_to(ROOT + "/tmp", "/tmp")
    os.chroot(ROOT)
    os.chdir("/")


def new_process_ids() -> None:
    """Make this process's next child the first of a group: it and what it forks can name no process outside.

    Until that child is there, this process can't start a thread.
    """
    check(libc().unshare(NEW_PROCESSES), "unshare")


def process_ids() -> int:
    """The group of processes that this one is in, as an open file."""
    return os.open("/proc/self/ns/pid", os.O_RDONLY)


def renew_process_ids(own: int) -> None:
    """Like `new_process_ids`, as often as you like; `own` is this process's own group, as `process_ids` gives it."""
    check(libc().setns(own, NEW_PROCESSES), "setns")
    new_process_ids()


def quiet_files(kept: int) -> None:
    """Standard output and error lead nowhere, by a file that only this process has; all others but `kept` are closed.

    The file number 0 stays as it is.
    """
    close_files(kept)
    null = os.open(NULL, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    if null > 2:
        os.close(null)


def copy_to(target: str, folder: str) -> None:
    """Mount a new file system in memory at `target`, with a copy of what's in `folder`."""
    options = f"size={ROOM}m,nr_inodes=4096,mode=700".encode()
    check(libc().mount(b"none", target.encode(), b"tmpfs", DATA_ONLY, options), f"mount {target}")
    if os.listdir(folder):
        shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)


def own_copy(folder: str) -> None:
    """Cover this folder with a copy in memory: only this process, and what it forks, sees what it writes there."""
    place = SPARE if os.listdir(folder) else folder
    copy_to(place, folder)
    if place != folder:
        check(libc().mount(place.encode(), folder.encode(), None, MOVE, None), f"move to {folder}")


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
    for kind, most in (
        (resource.RLIMIT_CPU, ceil(seconds)),
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
