"""The runner for strangers' cells: it hands them to a sandbox, a batch at a time, and reads what comes back.

    judge --jobs--> SandboxRunner --our cells, then strangers'--> sandbox: kit.verify.server

The finished cells and the listed mistakes, which strangers' are compared with, run there as well: each cell has a
process of its own, which has never seen another's (kit.verify.server). While ours run, no stranger's does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer
from typing import TypeAlias

import msgpack

from kit.course.course import Course
from kit.course.own_code import parted
from kit.errors import KitError
from kit.forks.records import NOT_JUDGED
from kit.judge.records import Job
from kit.judge.values import Error, Observation
from kit.verify import untrusted
from kit.verify.listed import Listed
from kit.verify.sandbox import Sandbox
from kit.verify.stage import FAULT, READY, build

PATIENCE = 180.0  # seconds for a server to start and run its chapters, on a busy machine
JOBS_AT_ONCE = 16  # in one batch; each may send as many bytes as we're willing to read
NO_ANSWER = "its sandbox ended, or took too long to answer"
Pipe: TypeAlias = "Connection[bytes, bytes]"


class SandboxRunner:
    """Runs jobs in a sandbox. It never raises because of what a cell did: a cell that can't be run has failed."""

    def __init__(self, course: Course, sandbox: Sandbox, ours: Listed, at_once: int = 0) -> None:
        """`ours` are the cells that we wrote. `at_once` is how many trials run at a time; 0 means one per core."""
        self.ours = ours
        self.sandbox = sandbox
        self.at_once = at_once or os.cpu_count() or 1
        remove_old_stages()
        self.stage = Path(tempfile.mkdtemp(prefix=f"stage-{os.getpid()}-"))
        self.process: subprocess.Popen[bytes] | None = None
        self.is_ready = False
        self.faults: dict[tuple[str, str, tuple[str, ...]], str] = {}  # why a cell couldn't be judged
        try:
            build(course, self.stage)
        except BaseException:
            self.close()
            raise

    def warm_up(self) -> subprocess.Popen[bytes]:
        """Start the server unless it's running. It imports torch while this process carries on."""
        if self.process is None or self.process.poll() is not None:
            self.stop()
            arguments = ["-m", "kit.verify.server", str(self.sandbox.stage_inside(self.stage)), str(self.at_once)]
            arguments += [] if self.sandbox.isolates else ["--open"]
            self.process = self.sandbox.start(self.stage, arguments)
            assert self.process.stdin and self.process.stdout
            self.requests: Pipe = Connection(os.dup(self.process.stdin.fileno()), readable=False)
            self.replies: Pipe = Connection(os.dup(self.process.stdout.fileno()), writable=False)
            self.process.stdin.close()
            self.process.stdout.close()
            self.is_ready = False
        return self.process

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the server accepts jobs. No stranger's code runs before that.

        Raises:
            KitError: it doesn't start.
        """
        overdue = Timer(PATIENCE, process.kill)
        overdue.start()
        try:
            self.is_ready = self.replies.recv_bytes(len(READY)) == READY
        except (EOFError, OSError):
            self.stop()
        finally:
            overdue.cancel()
        if not self.is_ready:
            raise KitError("the judge won't start in this sandbox", self.sandbox.name, "make doctor")

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """The observations of these jobs, in order.

        Raises:
            KitError: a finished cell can't be run.
        """
        wanted = sorted({job.exercise for job in jobs})
        own, others = [job for job in jobs if self.is_ours(job)], [job for job in jobs if not self.is_ours(job)]
        found = {job: self.read_own(job, reply) for job, reply in zip(own, self.run_all(own, wanted), strict=True)}
        for job, reply in zip(others, self.run_all(others, wanted), strict=True):
            found[job] = observation = read_reply(reply)
            if observation.error and observation.error.type == NOT_JUDGED:
                self.faults[job.exercise, job.code, job.own] = observation.error.text
        return [found[job] for job in jobs]

    def is_ours(self, job: Job) -> bool:
        """Whether we wrote all that a job runs: its cell, and no stranger's cells that lend it names."""
        return (job.exercise, job.code) in self.ours and not job.own

    def read_own(self, job: Job, reply: bytes) -> Observation:
        """The observation in the reply to one of our own jobs. A mistake that can't be run, say because it never ends,
        is like no student's.

        Raises:
            KitError: a finished cell can't be run. That is no student's fault.
        """
        if reply[:1] == b"o" or not self.ours[job.exercise, job.code].passed:
            return read_reply(reply)
        if reply[:1] == b"t":
            raise KitError(*msgpack.unpackb(reply[1:]))
        why = reply[1:].decode(errors="replace") if reply[:1] == FAULT else NO_ANSWER
        raise KitError(f"the course's own cell couldn't be run: {why}", job.exercise, "run the command again")

    def run_all(self, jobs: Sequence[Job], wanted: Sequence[str]) -> list[bytes]:
        """The replies to these jobs, run a batch at a time; empty where the sandbox didn't answer."""
        found: list[bytes] = []
        for start in range(0, len(jobs), JOBS_AT_ONCE):
            batch = jobs[start : start + JOBS_AT_ONCE]
            replies = self.run_batch(batch, wanted)
            if replies is None:  # a cell took the whole sandbox down; if we run them one by one, only that cell fails
                replies = [(self.run_batch([job], wanted) or [b""])[0] for job in batch]
            found += replies
        return found

    def take_fault(self, exercise_id: str, source: str) -> str:
        """Why a cell couldn't be judged, if the fault was ours; asked once."""
        own, code = parted(source)
        return self.faults.pop((exercise_id, code, own), "")

    def run_batch(self, jobs: Sequence[Job], wanted: Sequence[str]) -> list[bytes] | None:
        """The replies to one batch; None if the sandbox ended, or didn't answer in time. `wanted` are the exercises
        that jobs of this batch and of those to come are for.
        """
        process = self.warm_up()
        if not self.is_ready:
            self.wait_until_ready(process)
        overdue = Timer(PATIENCE + sum(job.limit for job in jobs), process.kill)
        overdue.start()
        try:
            self.requests.send_bytes(msgpack.packb([wanted, [job.pack() for job in jobs]]))
            replies = msgpack.unpackb(self.replies.recv_bytes(2 * JOBS_AT_ONCE * untrusted.MAX_BYTES))
            if isinstance(replies, list) and len(replies) == len(jobs) and all(type(r) is bytes for r in replies):
                return replies
        except (EOFError, OSError, ValueError):
            pass
        finally:
            overdue.cancel()
        self.stop()
        return None

    def stop(self) -> None:
        """End the server, and everything in the sandbox with it."""
        if self.process is None:
            return
        self.requests.close()
        self.replies.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def prepare(self, chapter: str, salt: int) -> None:
        """Nothing: a batch keeps to its inputs."""

    def close(self) -> None:
        """End every process that was started, and remove the stage."""
        self.stop()
        shutil.rmtree(self.stage, ignore_errors=True)


def remove_old_stages() -> None:
    """Remove the stages of processes that were killed before they could do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob("stage-*-*"):
        number = folder.name.split("-")[1]
        with contextlib.suppress(OSError):
            if number.isdigit() and folder.stat().st_uid == os.getuid():
                try:
                    os.kill(int(number), 0)
                except ProcessLookupError:
                    shutil.rmtree(folder, ignore_errors=True)


def read_reply(reply: bytes) -> Observation:
    """The observation in a reply from a sandbox."""
    if reply[:1] == b"o":
        return untrusted.read(reply[1:])
    if reply[:1] == FAULT:
        return not_judged(reply[1:].decode(errors="replace"))
    if reply[:1] == b"t":
        with contextlib.suppress(ValueError, TypeError):
            what, where, _ = msgpack.unpackb(reply[1:])
            return not_judged(f"{where}: {what}")
    return not_judged(NO_ANSWER)


def not_judged(why: str) -> Observation:
    """The observation of a cell that couldn't be judged. Only we make these: see `untrusted.read`."""
    return Observation({}, Error(NOT_JUDGED, why[:500]))
