"""Memory that ran out: how that shows, how much there is, and what to do.

an exception in the judge's process    --is_shortage-->  out_of_memory()
a process that the system has ended    --kills() has grown since it started-->  the same
"""

from __future__ import annotations

import contextlib
import errno
import re
from collections.abc import Iterator
from pathlib import Path

from kit.errors import KitError

EXIT = 71  # how the judge's process ends if it finds no memory to start with
NEEDED = 1 << 30  # bytes: torch, a chapter's states and a trial
ADDRESSES = 4 << 30  # bytes of addresses that those take, of which most are never used
WORDS = re.compile(r"allocate memory|not enough memory|failed to map segment|out of memory", re.IGNORECASE)
# Control groups: where they're named in /proc/self/cgroup, their folder, and their files; version 2, and 1.
GROUPS = (
    (r"^0::/(.*)$", "/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    (
        *(r"^\d+:memory:/(.*)$", "/sys/fs/cgroup/memory"),
        *("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ),
)
PROC = Path("/proc")


def is_shortage(error: BaseException | None) -> bool:
    """Whether an exception says that there's no memory."""
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    return isinstance(error, MemoryError) or (error is not None and WORDS.search(str(error)) is not None)


def kills() -> int:
    """How many processes the system has ended since it started, for want of memory; 0 if it doesn't say."""
    return number(PROC / "vmstat", "oom_kill")


def number(path: Path, name: str) -> int:
    """The number after a name in one of the system's files; 0 if there's none."""
    try:
        found = re.search(rf"^{name}:?\s+(\d+)", path.read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def groups() -> Iterator[tuple[int, int]]:
    """The limit and the bytes in use, without caches, of each control group that this process sees itself in."""
    with contextlib.suppress(OSError):
        own = (PROC / "self/cgroup").read_text()
        for line, top, limit, used, cache in GROUPS:
            found = re.search(line, own, re.MULTILINE)
            folder = Path(top, found[1] if found else "")
            for group in (folder, *(parent for parent in folder.parents if parent.is_relative_to(top))):
                with contextlib.suppress(OSError, ValueError):  # no limit is the word `max`
                    allowed = int((group / limit).read_text())
                    yield allowed, int((group / used).read_text()) - number(group / "memory.stat", cache)


def room() -> tuple[int, int, str]:
    """How many bytes are free, how many there are in all, and what would free some; zeros if the system doesn't say.

    What counts is the machine's memory or a control group's, whichever has less left.
    """
    total, free = (number(PROC / "meminfo", name) * 1024 for name in ("MemTotal", "MemAvailable"))
    found = [(free, total, "close other programs and notebooks' kernels")]
    for limit, used in groups():
        found.append((max(limit - used, 0), limit, "close notebooks' kernels, or give the container more memory"))
    return min(found, key=lambda place: place[0])


def allowed() -> int:
    """The bytes that this process, and each that it starts, may take, if they're fewer than a judge needs; else 0."""
    with contextlib.suppress(ImportError, OSError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        return limit if 0 < limit < ADDRESSES else 0
    return 0


def out_of_memory() -> KitError:
    """The error where the judge ends for want of memory."""
    if limit := allowed():
        what = f"memory ran out: a process may take {gigabytes(limit)} here, and the judge needs {gigabytes(ADDRESSES)}"
        return KitError(what, "", "ulimit -v unlimited, then run the command again")
    free, total, remedy = room()
    what = f"memory ran out: {gigabytes(free)} of {gigabytes(total)} are free, and the judge needs {gigabytes(NEEDED)}"
    return KitError(what if total else "memory ran out", "", f"{remedy}, then run the command again")


def gigabytes(size: int) -> str:
    """`1.0 GB`, of 1024 MB each."""
    return f"{size / 2**30:.1f} GB"
