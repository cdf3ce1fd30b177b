"""The warm process for strangers' cells: kit.warm's tree inside a sandbox, with walls within.

    sandbox: no network, no home, read-only system
      server --+-- walker of chapter 06 --+-- holder before 06.01 --- trial
                   own /tmp                   stage, /proc hidden       own /tmp, one process, reaches no other

A student's cell runs in trials only. A trial can look at all that its holder held, and the holder has stopped before
the exercise: it never saw the answer, nor what the answer gives. Results are compared outside of the sandbox.

Started by kit.caged as `python -m kit.cage STAGE AT_ONCE` in a sandbox; `--open` for none.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from kit import confinement
from kit.confinement import GROWTH
from kit.job import Job
from kit.seccomp import refuse_calls
from kit.stage import Stage
from kit.state import prepare
from kit.warm import Server, Walls

TEMPORARY = "/tmp"
READY = b"ready"  # what the server says before it takes jobs
LOADED = ("corpus", "draw", "here", "lesson", "live", "rehearsal", "running", "threads", "values")  # of workshop


class Bars(Walls):
    """The walls around a stranger's cell. In a sandbox all of them stand, or nothing is run."""

    def __init__(self, stage: Path) -> None:
        self.stage = stage
        self.memory = 0

    def around_walker(self, chapter: str) -> None:
        """What a chapter writes is seen by it alone."""
        confinement.own_mounts()
        confinement.own_copy(TEMPORARY)
        bring_package(self.stage, chapter)

    def around_holder(self) -> None:
        """The rest of the chapter is out of sight, and so are other processes."""
        self.memory = confinement.size() + GROWTH
        confinement.own_mounts()
        confinement.own_copy(TEMPORARY)
        for folder in (str(self.stage), "/proc"):
            confinement.hide(folder)

    def around_trial(self, job: Job | None, result: int) -> None:
        """What a cell writes is seen by it alone; it is one process and stays one."""
        confinement.close_files(result)
        confinement.own_mounts()
        confinement.own_copy(TEMPORARY)
        confinement.drop_capabilities()
        confinement.limit(self.memory, job.limit if job else 1)
        refuse_calls()


class Rope(Walls):
    """What can be had without a sandbox."""

    def __init__(self, stage: Path) -> None:
        self.stage = stage

    def around_walker(self, chapter: str) -> None:
        """The package as it is before the chapter."""
        bring_package(self.stage, chapter)

    def around_trial(self, job: Job | None, result: int) -> None:
        """Limits, and the calls refused, where the system can."""
        confinement.close_files(result)
        with contextlib.suppress(OSError, ValueError):
            confinement.limit(confinement.size() + GROWTH, job.limit if job else 1)
        with contextlib.suppress(OSError):
            refuse_calls()


def bring_package(stage: Path, chapter: str) -> None:
    """Import what the chapters before this one export."""
    sys.path.insert(0, str(stage / "chapters" / chapter / "site"))
    import_module("nanogpt")


class Line:
    """The connection to the client: one file to read from, one to write to."""

    def __init__(self, source: int, target: int) -> None:
        self.source: Connection[bytes, bytes] = Connection(source, writable=False)
        self.target: Connection[bytes, bytes] = Connection(target, readable=False)

    def recv_bytes(self) -> bytes:
        """The next batch; EOFError when the client has gone."""
        return self.source.recv_bytes()

    def send_bytes(self, data: bytes, /) -> None:
        """The replies."""
        self.target.send_bytes(data)

    def close(self) -> None:
        """Close this process's side."""
        self.source.close()
        self.target.close()


def main(argv: list[str]) -> NoReturn:
    """Serve the client on standard input and output, then end without ado."""
    client = Line(os.dup(0), os.dup(1))
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stage, at_once = Path(argv[0]), int(argv[1])
    prepare()
    for name in LOADED:  # a trial sees no file of ours from which it could be imported
        import_module(f"workshop.{name}")
    walls: Walls = Rope(stage) if "--open" in argv else Bars(stage)
    if isinstance(walls, Bars):
        confinement.close_to_others()
    client.send_bytes(READY)
    Server(client, Stage(stage), walls, at_once).serve()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
