"""What keeps a learner's own cell from ending more than its own run. It's no sandbox: the cell runs as the learner.

A cell that kills whatever it finds mustn't take the judge along, nor the editor. So on Linux a trial, and what it
starts, stays in one group of processes, which the holder ends, and sends signals to nobody else. Nor does it look into
other processes: what the judge has open, its pipes and sockets above all, could be written to through them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct

from kit.judge.trials.bpf import (
    ALLOW,
    ARCHITECTURES,
    EQUAL,
    FIRST,
    MACHINE,
    NUMBER,
    REFUSE,
    THIRD,
    Program,
    any_of,
    column_here,
    install,
    load,
    unless,
    when,
)

# numbers on x86-64, and on Arm 64
KILL, TKILL, TGKILL, PRLIMIT = (62, 129), (200, 130), (234, 131), (302, 261)
OUT_OF_THE_GROUP = ((112, 157), (109, 154))  # setsid, setpgid
EVERYBODY = 0xFFFFFFFF  # to `kill`, -1
CREATE_RULESET, RESTRICT_SELF = 444, 446  # landlock_...
FIRST_WITH_SIGNALS = 6  # the version of Landlock, since Linux 6.12
SIGNALS = 1 << 1  # LANDLOCK_SCOPE_SIGNAL
BLOCK_DEVICES = 1 << 11  # LANDLOCK_ACCESS_FS_MAKE_BLOCK: a set of rules must have one, and no cell makes a disk

protected: set[int] = set()  # the judge's processes from the command down to the holder; each adds itself


def keep_to_itself() -> None:
    """Confine this process, and what it starts, as far as the system can: call it once it leads a group of its own."""
    with contextlib.suppress(OSError, AttributeError):
        install(program_for(column_here(), sorted(protected | {os.getppid()})))
        look_at_nobody()


def program_for(column: int, others: list[int]) -> Program:
    """The filter for a machine (0: x86-64, 1: Arm 64) that keeps the processes with these ids unharmed."""
    guarded = [load(FIRST), *any_of((EVERYBODY, *others, *((-pid) & EVERYBODY for pid in others)), [REFUSE]), ALLOW]
    new_limits = [load(THIRD), *when(EQUAL, 0, [ALLOW]), load(FIRST), *any_of(others, [REFUSE]), ALLOW]
    return [
        load(MACHINE),
        *unless(EQUAL, ARCHITECTURES[column], [ALLOW]),
        load(NUMBER),
        *any_of((call[column] for call in OUT_OF_THE_GROUP), [REFUSE]),
        *(step for call in (KILL, TKILL, TGKILL) for step in when(EQUAL, call[column], guarded)),
        *when(EQUAL, PRLIMIT[column], new_limits),
        ALLOW,
    ]


def look_at_nobody() -> None:
    """Keep this process, and what it starts, from looking into others, and since Linux 6.12 from sending them signals.

    With rules of Landlock's, whatever they say, a process sees into those alone that have the same ones. Without them
    (before Linux 5.13) nothing happens.

    Raises:
        OSError: the system refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    wanted = struct.pack("=QQQ", 0, 0, SIGNALS) if version >= FIRST_WITH_SIGNALS else struct.pack("=Q", BLOCK_DEVICES)
    rules = libc.syscall(CREATE_RULESET, wanted, len(wanted), 0)
    if rules < 0 or libc.syscall(RESTRICT_SELF, rules, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    os.close(rules)
