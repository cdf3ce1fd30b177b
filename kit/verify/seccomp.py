"""A filter on system calls: a stranger's cell may make those that are listed here, and no others.

    this machine's call numbers -> rules -> BPF program -> prctl

What it may do: use its own memory, the files it sees, its own signals, and the time. That leaves one process with one
thread, which has no way to name another process, and none to lock, lease, watch or flag what another can look at: no
`flock`, no `fcntl` beyond a file's own number, no inotify, no advice on a file's pages, no pipe, no queue, no shared
memory, no futex that another process could wake. A call that isn't listed fails with EPERM, one that's newer than this
list with ENOSYS, so that the C library falls back to an older one.

The numbers are those of asm/unistd.h and asm-generic/unistd.h.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from kit.judge.trials.bpf import (
    ALLOW,
    ANY_BIT,
    ARCHITECTURES,
    AT_LEAST,
    EQUAL,
    FIRST,
    FOURTH,
    KILL_PROCESS,
    MACHINE,
    NO_SUCH_CALL,
    NUMBER,
    REFUSE,
    SECOND,
    THIRD,
    THIRD_HIGH,
    TRY_AGAIN,
    X32,
    Program,
    any_of,
    column_here,
    install,
    load,
    unless,
    when,
)

# the call's number on x86-64, and on Arm 64 (None where it doesn't exist)
ALLOWED: dict[str, tuple[int, int | None]] = {
    # its own memory
    "munmap": (11, 215),
    "mprotect": (10, 226),
    "brk": (12, 214),
    "msync": (26, 227),
    # files, of which it sees only its own and the libraries
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "openat": (257, 56),
    "newfstatat": (262, 79),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "open": (2, None),
    "creat": (85, None),
    "stat": (4, None),
    "lstat": (6, None),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getdents": (78, None),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "fchdir": (81, 50),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "utime": (132, None),
    "utimes": (235, None),
    "utimensat": (280, 88),
    "futimesat": (261, None),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "fallocate": (285, 47),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "umask": (95, 166),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "close_range": (436, 436),
    "select": (23, None),
    "pselect6": (270, 72),
    "poll": (7, None),
    "ppoll": (271, 73),
    "sendfile": (40, 71),
    "copy_file_range": (326, 285),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "getxattr": (191, 8),
    "lgetxattr": (192, 9),
    "fgetxattr": (193, 10),
    "listxattr": (194, 11),
    "llistxattr": (195, 12),
    "flistxattr": (196, 13),
    # itself
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getgroups": (115, 158),
    "getpgrp": (111, None),
    "getpgid": (121, 155),
    "getsid": (124, 156),
    "uname": (63, 160),
    "getrusage": (98, 165),
    "times": (100, 153),
    "getrlimit": (97, 163),
    "getcpu": (309, 168),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "sched_rr_get_interval": (148, 127),
    "getpriority": (140, 141),
    "getrandom": (318, 278),
    "arch_prctl": (158, None),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "set_tid_address": (218, 96),
    # its own signals, the time, its end
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136),
    "rt_sigsuspend": (130, 133),
    "rt_sigtimedwait": (128, 137),
    "sigaltstack": (131, 132),
    "pause": (34, None),
    "setitimer": (38, 103),
    "getitimer": (36, 102),
    "alarm": (37, None),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "wait4": (61, 260),
    "waitid": (247, 95),
}
# allowed with some arguments
MMAP, MADVISE, FUTEX, CLONE3 = (9, 222), (28, 233), (202, 98), (435, 435)
FCNTL, IOCTL, PRCTL = (72, 25), (16, 29), (157, 167)
PRLIMIT, KILL, TGKILL = (302, 261), (62, 129), (234, 131)
NEWER = (
    449  # call numbers from here on (Linux 5.16 and later) don't exist for a cell; they're the same on both machines
)
HUGE_TLB = 0x40000  # MAP_HUGETLB: large pages from a pool that the whole machine shares
OWN_ADVICE = (0, 1, 4, 8, 14, 15)  # how it reads its memory, what it gives back, and whether in large pages
FILE_COMMANDS = (0, 1, 2, 3, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC
TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x5450, 0x5451)  # is it one, its size; close on exec or not
OWN_NAMES = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
PRIVATE = 128  # FUTEX_PRIVATE_FLAG
QUEUED = 32  # signals from here on wait in a queue that all of a user's processes share


def program_for(column: int, pid: int) -> Program:
    """The filter for a machine (0: x86-64, 1: Arm 64) and for the process `pid`."""

    def allow_with(call: tuple[int, int], argument: int, values: Iterable[int]) -> Program:
        """Allow a call if an argument is one of these values."""
        return when(EQUAL, call[column], [load(argument), *any_of(values, [ALLOW]), REFUSE])

    may_signal = [load(THIRD), *when(AT_LEAST, QUEUED, [REFUSE]), ALLOW]
    return [
        load(MACHINE),
        *unless(EQUAL, ARCHITECTURES[column], [KILL_PROCESS]),
        load(NUMBER),
        *(when(AT_LEAST, X32, [KILL_PROCESS]) if column == 0 else []),
        *any_of((numbers[column] for numbers in ALLOWED.values()), [ALLOW]),  # most calls end here
        # A wait for what another process may wake fails as if woken at once; the C library then looks again.
        *when(EQUAL, FUTEX[column], [load(SECOND), *when(ANY_BIT, PRIVATE, [ALLOW]), TRY_AGAIN]),
        *when(EQUAL, MMAP[column], [load(FOURTH), *when(ANY_BIT, HUGE_TLB, [REFUSE]), ALLOW]),
        *allow_with(MADVISE, THIRD, OWN_ADVICE),
        *allow_with(FCNTL, SECOND, FILE_COMMANDS),
        *allow_with(IOCTL, SECOND, TERMINAL_QUESTIONS),
        *allow_with(PRCTL, FIRST, OWN_NAMES),
        *when(
            EQUAL,
            PRLIMIT[column],  # to ask about its own limits; only then is the pointer to new ones empty
            [
                *(load(THIRD), *unless(EQUAL, 0, [REFUSE]), load(THIRD_HIGH), *unless(EQUAL, 0, [REFUSE])),
                *(load(FIRST), *any_of((0, pid), [ALLOW]), REFUSE),
            ],
        ),
        *when(
            EQUAL,
            KILL[column],
            [load(SECOND), *when(AT_LEAST, QUEUED, [REFUSE]), load(FIRST), *when(EQUAL, pid, [ALLOW]), REFUSE],
        ),
        *when(EQUAL, TGKILL[column], [load(FIRST), *unless(EQUAL, pid, [REFUSE]), *may_signal]),
        *when(EQUAL, CLONE3[column], [NO_SUCH_CALL]),
        *when(AT_LEAST, NEWER, [NO_SUCH_CALL]),
        REFUSE,
    ]


def refuse_calls() -> None:
    """Deny this process all calls but those above, for good.

    Raises:
        OSError: the system doesn't have such filters, or we have no call numbers for this machine.
    """
    install(program_for(column_here(), os.getpid()))
