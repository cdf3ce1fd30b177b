"""A process's memory in large pages."""

from __future__ import annotations

import mmap
import sys

import pytest

from kit.judge.large_pages import LARGE, gather, starts


def test_large_pages_that_fit_into_own_memory() -> None:
    assert list(starts(f"{LARGE - 4096:x}-{3 * LARGE + 4096:x} rw-p 00000000 00:00 0")) == [LARGE, 2 * LARGE]
    assert list(starts(f"{LARGE:x}-{2 * LARGE:x} rw-p 00000000 00:00 0  [heap]")) == [LARGE]
    assert list(starts(f"{LARGE + 1:x}-{3 * LARGE - 1:x} rw-p 00000000 00:00 0")) == []
    for other in ("r--p 00000000 00:00 0", "rw-s 00000000 00:00 0", "rw-p 00000000 00:00 7 /usr/lib/some.so"):
        assert list(starts(f"{LARGE:x}-{3 * LARGE:x} {other}")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's pages")
def test_what_was_written_is_still_there() -> None:
    with mmap.mmap(-1, 3 * LARGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        for place in range(0, len(memory), 4096):
            memory[place] = place // 4096 % 251
        gather()
        assert all(memory[place] == place // 4096 % 251 for place in range(0, len(memory), 4096))
