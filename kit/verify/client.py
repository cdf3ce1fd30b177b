"""Runners for strangers' cells: theirs run in a sandbox, ours where no stranger's code ever ran.

judge --> Split --+-- our cells: finished ones, mistakes --> kit.judge.runners
                  +-- all others --------------------------> Caged --> sandbox: kit.verify.server
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer

import msgpack

from kit.course.course import Course
from kit.errors import KitError
from kit.judge.jobs import Job
from kit.judge.runners import Runner
from kit.judge.values import Error, Observation
from kit.verify import untrusted
from kit.verify.sandbox import Sandbox
from kit.verify.stage import READY, build

UNJUDGED = "Unjudged"  # the type of the error when it is our side that failed
PATIENCE = 180.0  # seconds for a server to start and walk through its chapters, on a busy machine
TOGETHER = 16  # jobs in one batch, each of which may send as much as is believed


class SandboxRunner:
    """Runs jobs in a sandbox. It never raises for what a cell did: what cannot be run has failed."""

    def __init__(self, course: Course, sandbox: Sandbox, at_once: int = 0) -> None:
        """So many trials run `at_once`, as many as there are cores without."""
        self.sandbox = sandbox
        self.at_once = at_once or os.cpu_count() or 1
        clear()
        self.folder = Path(tempfile.mkdtemp(prefix=f"stage-{os.getpid()}-"))
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        try:
            build(course, self.folder)
        except BaseException:
            self.close()
            raise

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process; it imports torch while this one goes on."""
        words = ["-m", "kit.verify.server", str(self.sandbox.stage(self.folder)), str(self.at_once)]
        return self.sandbox.start(self.folder, [*words, "--open"] if self.sandbox.open else words)

    def warm_up(self) -> subprocess.Popen[bytes]:
        """Start the process now, as it will be needed."""
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.process = self.start()
            self.ready = False
        return self.process

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the process takes jobs. No stranger's code runs before.

        Raises:
            KitError: it does not come up.
        """
        overdue = Timer(PATIENCE, process.kill)
        overdue.start()
        try:
            assert process.stdout
            with borrowed(process.stdout.fileno(), writable=False) as line:
                self.ready = line.recv_bytes(len(READY)) == READY
        except (EOFError, OSError):
            self.stop()
        finally:
            overdue.cancel()
        if not self.ready:
            raise KitError("the judge does not start in there", self.sandbox.name, "make doctor")

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """Run the jobs, a few at a time."""
        found: list[Observation] = []
        for start in range(0, len(jobs), TOGETHER):
            some = jobs[start : start + TOGETHER]
            replies = self.ask(some)
            if replies is None:  # somebody in there has taken the whole sandbox along: who, shows one by one
                replies = [(self.ask([job]) or [b""])[0] for job in some]
            found += map(read_reply, replies)
        return found

    def ask(self, jobs: Sequence[Job]) -> list[bytes] | None:
        """The replies to one batch; None when the sandbox ended, or has not answered in its time."""
        process = self.warm_up()
        if not self.ready:
            self.wait(process)
        assert process.stdin and process.stdout
        overdue = Timer(PATIENCE + sum(job.limit for job in jobs), process.kill)
        overdue.start()
        try:
            packed = msgpack.packb([job.pack() for job in jobs])
            with borrowed(process.stdin.fileno(), readable=False) as line:
                line.send_bytes(packed)
            with borrowed(process.stdout.fileno(), writable=False) as line:
                replies = msgpack.unpackb(line.recv_bytes(2 * TOGETHER * untrusted.LARGEST))
            if isinstance(replies, list) and len(replies) == len(jobs) and all(type(r) is bytes for r in replies):
                return replies
        except (EOFError, OSError, ValueError):
            pass
        finally:
            overdue.cancel()
        self.stop()
        return None

    def stop(self) -> None:
        """End the process, and with it everything in the sandbox."""
        if self.process is None:
            return
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def close(self) -> None:
        """End every process that was started, and put the stage away."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def clear() -> None:
    """Put the stages away that processes have left which were ended."""
    for folder in Path(tempfile.gettempdir()).glob("stage-*-*"):
        number = folder.name.split("-")[1]
        with contextlib.suppress(OSError):
            if number.isdigit() and folder.stat().st_uid == os.getuid():
                try:
                    os.kill(int(number), 0)
                except ProcessLookupError:
                    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def borrowed(number: int, readable: bool = True, writable: bool = True) -> Iterator[Connection[bytes, bytes]]:
    """A connection over a file that somebody else will close."""
    line: Connection[bytes, bytes] = Connection(os.dup(number), readable, writable)
    try:
        yield line
    finally:
        line.close()


def read_reply(reply: bytes) -> Observation:
    """The observation in a reply from a sandbox."""
    if reply[:1] == b"o":
        return untrusted.read(reply[1:])
    if reply[:1] == b"t":
        with contextlib.suppress(ValueError, TypeError):
            what, where, _ = msgpack.unpackb(reply[1:])
            return Observation({}, Error(UNJUDGED, f"{where}: {what}"[:500]))
    return Observation({}, Error("SystemExit", "the cell ended the sandbox that it ran in"))


class SplitRunner:
    """Sends our own cells to one runner, and all others to another."""

    def __init__(self, trusted: Runner, caged: Runner, ours: Collection[tuple[str, str]]) -> None:
        """`ours` are exercises' ids with the cells that we wrote for them."""
        self.trusted = trusted
        self.caged = caged
        self.ours = frozenset(ours)

    def observe(self, jobs: Sequence[Job]) -> list[Observation]:
        """The observations of these jobs, in their order."""
        own = [(job.exercise, job.code) in self.ours for job in jobs]
        mine = [job for job, is_ours in zip(jobs, own, strict=True) if is_ours]
        with ThreadPoolExecutor(1) as aside:
            finished = aside.submit(self.trusted.observe, mine)
            theirs = iter(self.caged.observe([job for job, is_ours in zip(jobs, own, strict=True) if not is_ours]))
            known = iter(finished.result())
        return [next(known) if is_ours else next(theirs) for is_ours in own]

    def close(self) -> None:
        """End every process that was started."""
        self.trusted.close()
        self.caged.close()


def course_cells(course: Course) -> frozenset[tuple[str, str]]:
    """What we wrote for each exercise: the finished cell, each mistake, and each other right answer."""
    return frozenset(
        (exercise.id, code)
        for chapter in course.chapters
        for exercise in chapter.exercises
        for code in (
            exercise.code,
            *(exercise.with_answer(wrong.blank, wrong.expression) for wrong in exercise.mistakes),
            *(exercise.with_answer(other.blank, other.expression) for other in exercise.alternatives),
        )
    )
