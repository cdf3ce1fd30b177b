"""Runners: they take jobs and give observations. One is warm and forks, one replays in fresh processes.

judge --> Runner.observe([Job, ...]) --> [Observation, ...]
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Protocol

import msgpack

from kit.errors import KitError
from kit.judge.jobs import Job
from kit.judge.values import Error, Observation, unpack

# macOS refuses to fork without the first; glibc keeps memory in large pages with the second, which forks copy sooner.
FORKING = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class Runner(Protocol):
    """Whoever can run jobs."""

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """The observations of these jobs, in their order."""

    def close(self) -> None:
        """End every process that was started."""


def read_reply(reply: bytes) -> Observation:
    """The observation in a reply.

    Raises:
        KitError: the reply tells of trouble, or is none.
    """
    if reply[:1] == b"t":
        what, where, next = msgpack.unpackb(reply[1:])
        raise KitError(what, where, next)
    if reply[:1] != b"o":
        raise KitError("the judge's process ended without an answer", "", "run the check again")
    try:
        return unpack(reply[1:])
    except ValueError:
        return Observation({}, Error("SystemExit", "the cell broke Python itself"))


class ForkRunner:
    """Keeps one process with torch imported, which forks (kit.judge.fork_server); it starts at once."""

    def __init__(self, root: Path) -> None:
        """`root` is the course's folder."""
        self.root = root
        self.start()
        atexit.register(self.close)

    def start(self) -> None:
        """Start the process; it imports torch while this one goes on."""
        self.connection, theirs = Pipe()
        environment = os.environ | FORKING | {"PYTHONPATH": python_path()}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kit.judge.fork_server", str(theirs.fileno()), str(self.root)],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
        theirs.close()

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """Run the jobs, all at once where they can.

        Raises:
            KitError: torch is missing, a finished chapter fails, or the process ended.
        """
        if self.process.poll() is not None:
            self.connection.close()
            self.start()
        try:
            self.connection.send_bytes(msgpack.packb([job.pack() for job in jobs]))
            replies = msgpack.unpackb(self.connection.recv_bytes())
        except (EOFError, OSError) as error:
            raise judge_not_running() from error
        return [read_reply(reply) for reply in replies]

    def close(self) -> None:
        """Close the connection, at which everything behind it ends; a process that still imports torch at once."""
        atexit.unregister(self.close)
        self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class ReplayRunner:
    """Runs each job in a fresh process (kit.judge.replay): slow, and works where there is no `fork()`."""

    def __init__(self, root: Path) -> None:
        """`root` is the course's folder."""
        self.root = root

    def replay(self, job: Job) -> Observation:
        """The observation of one job."""
        try:
            done = subprocess.run(
                [sys.executable, "-m", "kit.judge.replay", str(self.root)],
                input=job.pack(),
                capture_output=True,
                timeout=job.limit + 60,
                env=os.environ | {"PYTHONPATH": python_path()},
            )
        except subprocess.TimeoutExpired:
            return Observation({}, Error("TimeoutError", "the cell did not end; does a loop never stop?"))
        if not done.stdout:
            if b"ModuleNotFoundError" in done.stderr:
                raise judge_not_running()
            return Observation({}, Error("SystemExit", "the cell ended Python itself"))
        return read_reply(done.stdout)

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """Run the jobs, two at a time."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(self.replay, jobs))

    def close(self) -> None:
        """Nothing is kept."""


def python_path() -> str:
    """The path on which the judge's process finds this very package."""
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])


def judge_not_running() -> KitError:
    """The error when the judge's process does not come up; torch missing is the usual reason."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return KitError("PyTorch is not installed here", sys.executable, "make setup")
    return KitError("the judge's process ended unexpectedly", sys.executable, "run the command again")


@cache
def shared_runner(root: Path) -> Runner:
    """The runner of this process for a course; the same one every time."""
    return new_runner(root)


def new_runner(root: Path) -> Runner:
    """An runner for a course, to be closed by whoever asked for it.

    The environment variable `WORKSHOP_OBSERVER=replay` asks for the one without `fork()`.
    """
    if hasattr(os, "fork") and os.environ.get("WORKSHOP_OBSERVER") != "replay":
        return ForkRunner(root)
    return ReplayRunner(root)
