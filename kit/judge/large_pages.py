"""What the process has ready from which thousands of trials will be forked: each of them then has it for nothing.

    make_ready: imports and the corpus, which a walker of nearly every chapter asks for --> gather: large pages
    fork: copies an entry for each page of memory; one of 2 MB instead of 512 of 4 kB

It takes half a second, so it is for who judges many cells: a cohort's, or a long chapter at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Iterator
from importlib import import_module

from kit.errors import KitError

COLLAPSE = 25  # MADV_COLLAPSE, Linux 6.1: put what is there into large pages, now
LARGE = 2 << 20  # bytes of a large page on x86-64, and on Arm 64 with pages of 4 kB


def make_ready() -> None:
    """Load what nearly every chapter loads, and gather this process's memory."""
    import_module("numpy.random")
    with contextlib.suppress(ImportError, KitError):
        import_module("kit.course.corpus").shakespeare()
    gc.freeze()
    gather()


def gather() -> int:
    """Put this process's own memory into large pages, where the system can; how many there are now."""
    try:
        with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
            places = [place for line in file for place in starts(line)]
        advise = ctypes.CDLL(None).madvise
    except (OSError, AttributeError):
        return 0
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(advise(place, LARGE, COLLAPSE) == 0 for place in places)


def starts(line: str) -> Iterator[int]:
    """The starts of the large pages that fit into a mapping, a line of `/proc/self/maps`; none if it is of a file."""
    words = line.split()
    if words[1] == "rw-p" and words[5:] in ([], ["[heap]"]):
        first, end = (int(word, 16) for word in words[0].split("-"))
        yield from range(-(-first // LARGE) * LARGE, end - LARGE + 1, LARGE)
