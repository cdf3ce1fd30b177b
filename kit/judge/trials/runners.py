"""Runners take jobs and return observations. One keeps a warm process that forks, one starts a process for each job.

judge --> Runner.observe([Job, ...]) --> [Observation, ...]
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Protocol

import msgpack

from kit.errors import KitError
from kit.files import python_path
from kit.judge.records import Job, read_reply, too_slow
from kit.judge.trials import memory
from kit.judge.values import Error, Observation

# macOS won't fork without the first. With the second, glibc asks for large pages, which a fork copies faster.
FORKING = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class Runner(Protocol):
    """Something that runs jobs."""

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """The observations of these jobs, in their order."""

    def prepare(self, chapter: str, salt: int) -> None:
        """Get ready to run jobs of this chapter on these inputs, as far as that helps, without waiting for it."""

    def close(self) -> None:
        """End every process it has started."""


class ForkRunner:
    """Keeps one process that has imported torch and forks (kit.judge.trials.fork_server). It starts right away."""

    def __init__(self, root: Path) -> None:
        """`root` is the course's folder."""
        self.root = root
        self.start()
        atexit.register(self.close)

    def start(self) -> None:
        """Start the process. It imports torch while this one goes on."""
        self.connection, theirs = Pipe()
        self.kills = memory.kills()
        environment = os.environ | FORKING | {"PYTHONPATH": python_path()}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kit.judge.trials.fork_server", str(theirs.fileno()), str(self.root)],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
        theirs.close()

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """Run the jobs, as many at once as there are cores.

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
            raise self.why_ended() from error
        return [read_reply(reply) for reply in replies]

    def why_ended(self) -> KitError:
        """Why the process has gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2)
        killed = self.process.returncode == -signal.SIGKILL and memory.kills() > self.kills
        if killed or self.process.returncode == memory.EXIT or memory.allowed():
            return memory.out_of_memory()
        return judge_not_running()

    def prepare(self, chapter: str, salt: int) -> None:
        """Have the process run a chapter on these inputs, while nobody waits."""
        with contextlib.suppress(OSError):
            self.connection.send_bytes(msgpack.packb({"chapter": chapter, "salt": salt}))

    def close(self) -> None:
        """Close the connection, which ends all its processes. One that's still importing torch is terminated."""
        atexit.unregister(self.close)
        self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class ReplayRunner:
    """Runs each job in a process of its own (kit.judge.trials.trial): slow, but it works where there's no `fork()`."""

    def __init__(self, root: Path) -> None:
        """`root` is the course's folder."""
        self.root = root

    def replay(self, job: Job) -> Observation:
        """The observation of one job."""
        try:
            done = subprocess.run(
                [sys.executable, "-m", "kit.judge.trials.trial", str(self.root)],
                input=job.pack(),
                capture_output=True,
                timeout=job.limit + 60,
                env=os.environ | {"PYTHONPATH": python_path()},
            )
        except subprocess.TimeoutExpired:
            return Observation({}, too_slow(job.limit))
        if not done.stdout:
            if find_spec("torch") is None:
                raise judge_not_running()
            if memory.allowed():
                raise memory.out_of_memory()
            return Observation({}, Error("SystemExit", "the cell ended Python itself"))
        return read_reply(done.stdout)

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """Run the jobs, two at a time."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(self.replay, jobs))

    def prepare(self, chapter: str, salt: int) -> None:
        """Nothing is kept, so nothing can be prepared."""

    def close(self) -> None:
        """Nothing is kept."""


def judge_not_running() -> KitError:
    """The error when the judge's process doesn't start; usually torch is missing."""
    if find_spec("torch") is None:
        return KitError("PyTorch isn't installed here", sys.executable, "make setup")
    return KitError("the judge's process ended unexpectedly", sys.executable, "run the command again")


@cache
def shared_runner(root: Path) -> Runner:
    """This process's runner for a course, the same one every time."""
    return new_runner(root)


def new_runner(root: Path) -> Runner:
    """A new runner for a course; the caller closes it.

    The environment variable `WORKSHOP_OBSERVER=replay` asks for the one without `fork()`.
    """
    if hasattr(os, "fork") and os.environ.get("WORKSHOP_OBSERVER") != "replay":
        return ForkRunner(root)
    return ReplayRunner(root)
