"""Programs of the kernel's packet filter, which decide about system calls: built from blocks, which give the jumps.

The numbers and structures are those of linux/audit.h, linux/seccomp.h and linux/bpf_common.h.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Iterable

ARCHITECTURES = (0xC000003E, 0xC00000B7)  # x86-64 and Arm 64, as the kernel calls them
X32 = 0x40000000  # call numbers from here on are x86-64's second way to make the same calls
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF instructions
NUMBER, MACHINE = 0, 4  # offsets in struct seccomp_data
FIRST, SECOND, THIRD, THIRD_HIGH, FOURTH = 16, 24, 32, 36, 40  # of arguments, the low halves, and one high half
SET_FILTER, FILTER, NO_NEW_PRIVILEGES = 22, 2, 38  # prctl's

Program = list[bytes]  # one BPF instruction per item


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One BPF instruction. A comparison says how many instructions to skip when it's true, and when it's false."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def load(offset: int) -> bytes:
    """Load a field of the call, for the comparisons that follow."""
    return instruction(LOAD, offset)


ALLOW = instruction(RETURN, 0x7FFF0000)
REFUSE = instruction(RETURN, 0x00050001)  # the call fails with EPERM
TRY_AGAIN = instruction(RETURN, 0x0005000B)  # it fails with EAGAIN
NO_SUCH_CALL = instruction(RETURN, 0x00050026)  # it fails with ENOSYS
KILL_PROCESS = instruction(RETURN, 0x80000000)


def when(comparison: int, value: int, block: Program) -> Program:
    """The block, skipped unless the comparison with what was loaded is true."""
    return [instruction(comparison, value, 0, len(block)), *block]


def unless(comparison: int, value: int, block: Program) -> Program:
    """The block, skipped if the comparison with what was loaded is true."""
    return [instruction(comparison, value, len(block), 0), *block]


def any_of(values: Iterable[int | None], block: Program) -> Program:
    """The block, once for each value that isn't None."""
    return [step for value in values if value is not None for step in when(EQUAL, value, block)]


def column_here() -> int:
    """Which of `ARCHITECTURES` this machine is.

    Raises:
        OSError: neither.
    """
    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if column is None:
        raise OSError(f"no list of system calls for {platform.machine()}")
    return column


def install(code: Program) -> None:
    """Have this program decide about all system calls of this process, and of what it becomes, for good.

    Raises:
        OSError: the system doesn't have such filters.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(b"".join(code))
    program = struct.pack("@HP", len(code), ctypes.addressof(buffer))
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(SET_FILTER, FILTER, program, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
