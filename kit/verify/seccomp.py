"""A filter over a process's system calls, so that a stranger's cell stays one process that reaches no other.

    numbers of this machine's calls -> rules -> BPF program -> prctl

Refused: new processes, programs and namespaces, signals to others, other processes' memory and limits, sockets, shared
memory, kernel keys, asynchronous calls that would go round the filter. What is refused fails with EPERM.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

X86_64, AARCH64 = 0xC000003E, 0xC00000B7  # the kernel's names of machines (linux/audit.h)
# name: number on x86-64, number on Arm 64 (0: there is no such call)
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
CLONE, CLONE3, FCNTL, PRLIMIT = (56, 220), (435, 435), (72, 25), (302, 261)
KILLS = ((62, 129), (234, 131))  # kill, tgkill
SET_OWNER = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: fcntl's ways to have a signal sent
THREAD = 0x10000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF instructions
ALLOW, KILL, REFUSE, NO_SUCH = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026  # what becomes of a call
NUMBER, MACHINE, FIRST, SECOND = 0, 4, 16, 24  # where struct seccomp_data has the low half of each
SET_FILTER, FILTER, NO_NEW_PRIVILEGES = 22, 2, 38  # prctl's


def machine() -> int | None:
    """The column of this machine's numbers; None for a machine that we have none for."""
    return {"x86_64": 0, "aarch64": 1}.get(platform.machine())


def instruction(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One BPF instruction: `yes` and `no` are how many to skip."""
    return struct.pack("=HBBI", code, yes, no, value)


def rules(column: int, pid: int) -> bytes:
    """The program for a machine's numbers and the process `pid`."""
    parts = [
        instruction(LOAD, MACHINE),
        instruction(EQUAL, (X86_64, AARCH64)[column], 1, 0),
        instruction(RETURN, KILL),
        instruction(LOAD, NUMBER),
    ]
    if column == 0:  # numbers from here on are another way to make the same calls
        parts += [instruction(AT_LEAST, 0x40000000, 0, 1), instruction(RETURN, KILL)]
    for numbers in REFUSED.values():
        if numbers[column]:
            parts += [instruction(EQUAL, numbers[column], 0, 1), instruction(RETURN, REFUSE)]
    parts += [instruction(EQUAL, CLONE3[column], 0, 1), instruction(RETURN, NO_SUCH)]  # so the library takes clone
    parts += [
        instruction(EQUAL, CLONE[column], 0, 4),
        instruction(LOAD, FIRST),
        instruction(ANY_BIT, THREAD, 0, 1),
        instruction(RETURN, ALLOW),
        instruction(RETURN, REFUSE),
    ]
    for kill in KILLS:
        parts += only(kill[column], FIRST, (pid,))
    parts += only(PRLIMIT[column], FIRST, (0, pid))
    parts += [
        instruction(EQUAL, FCNTL[column], 0, 6),
        instruction(LOAD, SECOND),
        *(instruction(EQUAL, command, 3 - place, 0) for place, command in enumerate(SET_OWNER)),
        instruction(RETURN, ALLOW),
        instruction(RETURN, REFUSE),
    ]
    return b"".join([*parts, instruction(RETURN, ALLOW)])


def only(number: int, argument: int, values: tuple[int, ...]) -> list[bytes]:
    """The call `number` is allowed with these values of an argument alone."""
    count = len(values)
    return [
        instruction(EQUAL, number, 0, count + 3),
        instruction(LOAD, argument),
        *(instruction(EQUAL, value, count - place, 0) for place, value in enumerate(values)),
        instruction(RETURN, REFUSE),
        instruction(RETURN, ALLOW),
    ]


def refuse_calls() -> None:
    """From now on this process, and whatever it becomes, is refused the calls above.

    Raises:
        OSError: the system has no such filter, or this machine's numbers are not known.
    """
    column = machine()
    if column is None:
        raise OSError(f"no list of system calls for {platform.machine()}")
    libc = ctypes.CDLL(None, use_errno=True)
    code = rules(column, os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(SET_FILTER, FILTER, program, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
