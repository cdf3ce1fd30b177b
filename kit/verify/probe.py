"""Does this sandbox hold? `kit.verify.sandbox` runs this inside one: it puts up every wall and tries to get past it.

    python -m kit.verify.probe FOLDER

FOLDER is one that mustn't be visible. Prints HELD and nothing else if every wall held; otherwise it fails.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from collections.abc import Callable
from typing import NoReturn

from kit.verify import confine
from kit.verify.seccomp import refuse_calls

HELD = b"held"
READ_ONLY = ("/", sys.prefix, "/stage", "/usr", "/dev", "/dev/shm", "/dev/mqueue", "/run", "/var/tmp", "/etc")
OWN_PROCESSES = 50  # in a sandbox with process ids of its own, they're lower than this


def can_write(folder: str) -> bool:
    """Whether a file can be created in a folder."""
    try:
        open(os.path.join(folder, "canary"), "w").close()
    except OSError:
        return False
    return True


def check_system(hidden: str) -> None:
    """Check what the sandbox itself must keep out: files, the network, other processes.

    Raises:
        RuntimeError: something gets in.
    """
    if os.getcwd() != "/" or os.path.exists(hidden) or os.listdir("/tmp"):
        raise RuntimeError("files of the system are visible")
    confine.shut()
    if found := [folder for folder in READ_ONLY if can_write(folder)]:
        raise RuntimeError(f"{found[0]} can be written")
    if any(name != "lo" for _, name in socket.if_nameindex()):
        raise RuntimeError("there's a network")
    if any(int(name) > OWN_PROCESSES for name in os.listdir("/proc") if name.isdigit()):
        raise RuntimeError("other processes are visible")


def check_processes() -> None:
    """Check the walls that processes inside must be able to put up around themselves, as on the way to each trial.

    Raises:
        OSError, RuntimeError: a wall can't be put up, or doesn't hold.
    """
    confine.make_root(lambda root: None)
    confine.new_process_ids()
    in_child(check_holder)


def check_holder() -> None:
    """Check what a trial's parent does: leave the system's files, and start processes that can't name others."""
    own = confine.process_ids()
    memory = confine.size() + confine.GROWTH
    confine.own_mounts()
    confine.enter_root()
    if sorted(os.listdir("/")) != ["dev", "mnt", "tmp"]:
        raise RuntimeError("files of the system are in sight")
    for _ in range(2):
        confine.renew_process_ids(own)
        in_child(lambda: check_trial(memory))


def check_trial(memory: int) -> None:
    """Check what a trial does before it runs a cell."""
    if (os.getpid(), os.getppid()) != (1, 0):
        raise RuntimeError("other processes can be named")
    confine.own_mounts()
    confine.own_copy("/tmp")
    confine.drop_capabilities()
    confine.limit(memory, 10)
    null = os.open(confine.NULL, os.O_RDWR)
    refuse_calls()
    calls: list[Callable[[], object]] = [
        *(os.fork, os.pipe, socket.socket, lambda: os.kill(0, 0), lambda: os.chroot("/")),
        *(lambda: fcntl.flock(null, fcntl.LOCK_EX), lambda: fcntl.fcntl(null, fcntl.F_SETFL, os.O_NONBLOCK)),
    ]
    for call in calls:
        try:
            call()
        except OSError:
            continue
        os._exit(3)  # there may be two of us now


def in_child(check: Callable[[], None]) -> None:
    """Run a check in a process of its own. If it fails, this one ends as well; standard error says why."""
    pid = os.fork()
    if pid == 0:
        try:
            check()
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if status:
        os._exit(os.waitstatus_to_exitcode(status) & 0x7F or 1)


def main(argv: list[str]) -> NoReturn:
    """Check everything, and say so."""
    check_system(argv[0])
    check_processes()
    os.write(1, HELD)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
