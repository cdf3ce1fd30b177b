"""Does this sandbox hold? `kit.verify.sandbox` runs this inside one: it puts up every wall and tries to get past it.

    python -m kit.verify.probe FOLDER

FOLDER is one that mustn't be visible. Prints HELD and nothing else if every wall held; otherwise it fails.
"""

from __future__ import annotations

import os
import socket
import sys
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


def check_process() -> None:
    """Check the walls that a process inside must be able to put up around itself, as each trial does.

    Raises:
        OSError, RuntimeError: a wall can't be put up, or doesn't hold.
    """
    confine.own_copy("/tmp")
    confine.hide("/stage")
    if os.path.exists("/stage/code"):
        raise RuntimeError("a hidden folder is visible")
    confine.drop_capabilities()
    confine.limit(confine.size() + confine.GROWTH, 10)
    refuse_calls()
    for call in (os.fork, socket.socket, lambda: os.kill(os.getppid(), 0)):
        try:
            call()
        except OSError:
            continue
        os._exit(3)  # there may be two of us now


def main(argv: list[str]) -> NoReturn:
    """Check everything, say so, and skip Python's own clean-up, which would need calls that are now refused."""
    check_system(argv[0])
    check_process()
    os.write(1, HELD)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
