"""A filter on system calls, so that a stranger's cell stays one process and can't reach any other.

    this machine's call numbers -> rules -> BPF program -> prctl

Refused: new processes, programs and namespaces; signals to others; other processes' memory and limits; sockets; shared
memory; kernel keys; asynchronous calls that would bypass the filter. A refused call fails with EPERM.

The numbers and structures are those of linux/audit.h, linux/seccomp.h, linux/bpf_common.h and asm/unistd.h.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Iterable

ARCHITECTURES = (0xC000003E, 0xC00000B7)  # x86-64 and Arm 64, as the kernel calls them
# the call's number on x86-64, and on Arm 64 (0 where it doesn't exist)
REFUSED: dict[str, tuple[int, int]] = {
    "fork": (57, 0),
    "vfork": (58, 0),
    "execve": (59, 221),
    "execveat": (322, 281),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "io_uring_setup": (425, 425),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "open_by_handle_at": (304, 265),
    "personality": (135, 92),
    "seccomp": (317, 277),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "fanotify_init": (300, 262),
}
CLONE, CLONE3, FCNTL, PRLIMIT, KILL, TGKILL = (56, 220), (435, 435), (72, 25), (302, 261), (62, 129), (234, 131)
SIGNAL_COMMANDS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: fcntl's ways to have a signal sent
THREAD = 0x10000  # CLONE_THREAD
X32 = 0x40000000  # call numbers from here on are x86-64's second way to make the same calls
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF instructions
NUMBER, MACHINE, FIRST, SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data; of arguments, the low halves
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
NO_SUCH_CALL = instruction(RETURN, 0x00050026)  # it fails with ENOSYS
KILL_PROCESS = instruction(RETURN, 0x80000000)


def when(comparison: int, value: int, block: Program) -> Program:
    """The block, skipped unless the comparison with what was loaded is true."""
    return [instruction(comparison, value, 0, len(block)), *block]


def unless(comparison: int, value: int, block: Program) -> Program:
    """The block, skipped if the comparison with what was loaded is true."""
    return [instruction(comparison, value, len(block), 0), *block]


def any_of(values: Iterable[int], block: Program) -> Program:
    """The block, once for each value."""
    return [step for value in values for step in when(EQUAL, value, block)]


def program_for(column: int, pid: int) -> Program:
    """The filter for a machine (0: x86-64, 1: Arm 64) and for the process `pid`."""
    only_itself = [load(FIRST), *when(EQUAL, pid, [ALLOW]), REFUSE]
    return [
        load(MACHINE),
        *unless(EQUAL, ARCHITECTURES[column], [KILL_PROCESS]),
        load(NUMBER),
        *(when(AT_LEAST, X32, [KILL_PROCESS]) if column == 0 else []),
        *any_of((numbers[column] for numbers in REFUSED.values() if numbers[column]), [REFUSE]),
        *when(
            EQUAL, CLONE3[column], [NO_SUCH_CALL]
        ),  # its flags can't be read from here; the C library then falls back to clone
        *when(EQUAL, CLONE[column], [load(FIRST), *when(ANY_BIT, THREAD, [ALLOW]), REFUSE]),
        *when(EQUAL, KILL[column], only_itself),
        *when(EQUAL, TGKILL[column], only_itself),
        *when(EQUAL, PRLIMIT[column], [load(FIRST), *any_of((0, pid), [ALLOW]), REFUSE]),
        *when(EQUAL, FCNTL[column], [load(SECOND), *any_of(SIGNAL_COMMANDS, [REFUSE]), ALLOW]),
        ALLOW,
    ]


def refuse_calls() -> None:
    """Deny this process, and whatever it becomes, the calls above, for good.

    Raises:
        OSError: the system doesn't have such filters, or we have no call numbers for this machine.
    """
    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    if column is None:
        raise OSError(f"no list of system calls for {platform.machine()}")
    libc = ctypes.CDLL(None, use_errno=True)
    code = program_for(column, os.getpid())
    buffer = ctypes.create_string_buffer(b"".join(code))
    program = struct.pack("@HP", len(code), ctypes.addressof(buffer))
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(SET_FILTER, FILTER, program, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
