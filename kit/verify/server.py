"""The warm process for strangers' cells: a tree of processes as in kit.judge.trials, in a sandbox, with walls in it.

    sandbox: no network, no home, read-only system
      relay <------- jobs and results --------------------------------------------------+
        |                                                                               |
      walker forker --+-- walker of chapter 06, salt 0 --+-- holder before 06.01 --- trial
                      |   own /tmp                       |   sees nothing but a      own /tmp, one process,
                      +-- ...                            +-- copy of the libraries   no other in reach

A student's cell runs only in trials, and a trial can read whatever its ancestors had in memory when they forked. So
none of them ever holds anything that would help it:
- A holder stops before its exercise, and from then on sees nothing of the chapter, nor of the system.
- Jobs and results travel by pipes between relay and trial. The holder passes the pipes on without reading them, so no
  other student's answer or result is there either.
- Results are compared outside the sandbox.

Started in a sandbox by kit.verify.client as `python -m kit.verify.server STAGE TRIALS_AT_ONCE`; without one, with
`--open` at the end.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import socket
import struct
import sys
import time
from collections import OrderedDict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import repeat
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock
from typing import NoReturn, TypeAlias

import msgpack

from kit.errors import KitError
from kit.judge.records import Job, Reply, error_reply, observation_reply, too_slow, unpack_job
from kit.judge.trials.fork_server import MAX_GROUPS
from kit.judge.trials.prepare import prepare_for_many, prepare_torch, prepare_workshop
from kit.judge.trials.processes import End, ProcessSetup, close_all, on_alarm, run_walker
from kit.judge.trials.trial import State, trial
from kit.judge.values import Error, Observation
from kit.verify import confine
from kit.verify.stage import FAULT, READY, staged_chapter
from kit.verify.untrusted import MAX_BYTES
from kit.verify.walls import LimitsOnly, SandboxWalls, Walls

ENDED, LATE, WAITED = b"ended", b"late", b"waited"  # what a holder says about a trial once it's over
CLOCK_FACTOR = 2  # a cell gets its limit in processor time, and this many times as long on the clock
NEARLY = 0.98  # of the limit: the kernel counts processor time in ticks
SHARED = 1.3  # seconds on the clock for each of processor time: with more, others were on the processor, too
WALLED, NO_WALLS = b"+", b"-"  # the first byte that a trial writes
LIMIT, SPENT = struct.Struct("=d"), struct.Struct("=dd")  # seconds; on the clock and of processor time
Holders: TypeAlias = "dict[str, tuple[Lock, End]]"  # by exercise


class SandboxSetup(ProcessSetup):
    """How walkers and holders are set up here: walled in, and with the package as it was before their chapter."""

    def __init__(self, stage: Path, walls: Walls) -> None:
        self.stage = stage
        self.walls = walls
        self.earlier: frozenset[str] = frozenset()

    def around_walker(self, chapter: str) -> None:
        """Put up the walker's walls and import what the chapters before this one export."""
        self.walls.around_walker()
        sys.path.insert(0, str(self.stage / "chapters" / chapter / "site"))
        import_module("nanogpt")
        self.earlier = frozenset(name for name in sys.modules if name.startswith("nanogpt"))

    def forget_own_part(self) -> None:
        """Unload what the chapter itself exports, if its finished cells have already imported it."""
        for name in [name for name in sys.modules if name.startswith("nanogpt.") and name not in self.earlier]:
            del sys.modules[name]
            delattr(sys.modules["nanogpt"], name.partition(".")[2])
            gc.collect()

    def hold(self, state: State, end: End, finished: Job | None, walker: End) -> NoReturn:
        """The holder's process: keep the state, and fork a trial for each pair of pipes that arrives."""
        try:
            walker.close()
            self.forget_own_part()
            gc.freeze()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.walls.around_holder()
            line = socket.socket(fileno=os.dup(end.fileno()))
            while True:
                data, files, _, _ = socket.recv_fds(line, LIMIT.size, 2)
                if not data:
                    break
                end.send_bytes(self.fork_trial(state, LIMIT.unpack(data)[0], *files))
        except Exception as error:
            with contextlib.suppress(OSError):
                end.send_bytes(error_reply(KitError(f"a state can't be held: {type(error).__name__}: {error}")))
        os._exit(0)

    def fork_trial(self, state: State, limit: float, source: int, target: int) -> bytes:
        """Fork a trial and wait until it ends or its time is up; say which.

        What counts is the processor time it had, unless it had to share its processor: then that says little.
        """
        self.walls.before_trial()
        start = time.monotonic()
        pid = os.fork()
        if pid == 0:
            self.run_trial(state, limit, source, target)
        os.close(source)
        os.close(target)
        signal.signal(signal.SIGALRM, on_alarm)
        try:
            signal.setitimer(signal.ITIMER_REAL, limit * CLOCK_FACTOR)
            _, status, used = os.wait4(pid, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            _, status, used = os.wait4(pid, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) not in (signal.SIGKILL, signal.SIGXCPU):
            return ENDED
        clock, seconds = time.monotonic() - start, used.ru_utime + used.ru_stime
        if seconds < limit * NEARLY or clock > seconds * SHARED:
            return WAITED + SPENT.pack(clock, seconds)
        return LATE

    def run_trial(self, state: State, limit: float, source: int, target: int) -> NoReturn:
        """The trial's process: read the job from one pipe, run it, write its observation to the other."""
        with contextlib.suppress(BaseException):
            gc.disable()  # a collection would touch, and so copy, every page of the state
            for number in (signal.SIGINT, signal.SIGALRM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.dup2(source, 0)
            confine.quiet_files(target)
            try:
                self.walls.around_trial(limit)
            except (OSError, ValueError) as error:
                os.write(target, NO_WALLS + str(error).encode(errors="replace")[:500])
                os._exit(0)
            os.write(target, WALLED)  # before there's a cell, so none can claim that the fault was ours
            with open(0, "rb", closefd=False) as file:
                job = unpack_job(file.read())
            os.dup2(1, 0)
            observation = trial(state, job)
            with open(target, "wb", closefd=False) as file:
                file.write(observation.pack())
        os._exit(0)


class WalkerForker:
    """Forks walkers. It never sees a job or a result, so nothing it forks has seen one."""

    def __init__(self, stage: Path, setup: ProcessSetup) -> None:
        self.stage = stage
        self.setup = setup

    def serve(self, relay: End) -> NoReturn:
        """Take chapters, salts and exercises until the relay ends; for each, send connections to its holders."""
        line = socket.socket(fileno=os.dup(relay.fileno()))
        with contextlib.suppress(EOFError, OSError):
            while True:
                chapter, salt, wanted = msgpack.unpackb(relay.recv_bytes())
                try:
                    script = staged_chapter(self.stage, chapter)
                except KitError as error:
                    relay.send_bytes(error_reply(error))
                    continue
                pipes = {exercise: Pipe() for exercise in script.exercises if exercise in wanted}
                if pipes and os.fork() == 0:
                    relay.close()
                    line.close()
                    close_all(ours for ours, _ in pipes.values())
                    ends = {exercise: theirs for exercise, (_, theirs) in pipes.items()}
                    run_walker(chapter, script, salt, ends, self.setup)
                relay.send_bytes(b"o" + msgpack.packb(list(pipes)))
                for ours, theirs in pipes.values():
                    socket.send_fds(line, [b"e"], [ours.fileno()])
                    close_all((ours, theirs))
        os._exit(0)


class Relay:
    """Hands jobs to trials and collects their results. It forks nothing, so it may know everything."""

    def __init__(self, forker: End, at_once: int) -> None:
        self.forker = forker
        self.line = socket.socket(fileno=os.dup(forker.fileno()))
        self.pool = ThreadPoolExecutor(at_once)
        self.asking = Lock()
        self.groups: OrderedDict[tuple[str, int], Holders] = OrderedDict()

    def holders(self, chapter: str, salt: int, wanted: Collection[str]) -> Holders:
        """The holders for one chapter and salt. Those before the `wanted` exercises are started if they aren't running.

        Raises:
            KitError: there's no such chapter.
        """
        key = (chapter, salt)
        with self.asking:
            group = self.groups.setdefault(key, {})
            self.groups.move_to_end(key)
            missing = [exercise for exercise in wanted if exercise[:2] == chapter and exercise not in group]
            if missing:
                self.forker.send_bytes(msgpack.packb([*key, missing]))
                reply = self.forker.recv_bytes()
                if reply[:1] == b"t":
                    raise KitError(*msgpack.unpackb(reply[1:]))
                exercises = msgpack.unpackb(reply[1:])
                for exercise in exercises:
                    group[exercise] = Lock(), Connection(socket.recv_fds(self.line, 1, 1)[1][0])
            return group

    def run(self, job: Job, wanted: Collection[str]) -> Reply:
        """The reply to one job. `wanted` are the exercises that more jobs are for."""
        try:
            found = self.holders(job.chapter, job.salt, wanted).get(job.exercise)
        except KitError as error:
            return error_reply(error)
        if found is None:
            return error_reply(KitError(f"there's no exercise {job.exercise}"))
        lock, holder = found
        with lock:
            try:
                return reply_to(job, *run_trial(holder, job))
            except (EOFError, OSError):
                return error_reply(KitError("the judge's process ended"))

    def serve(self, source: End, target: End) -> None:
        """Answer batches of jobs until the client goes away."""
        with contextlib.suppress(EOFError, OSError):
            target.send_bytes(READY)
            while True:
                wanted, packed = msgpack.unpackb(source.recv_bytes())
                found = self.pool.map(self.run, map(unpack_job, packed), repeat(wanted))
                target.send_bytes(msgpack.packb(list(found)))
                while len(self.groups) > MAX_GROUPS:
                    _, oldest = self.groups.popitem(last=False)
                    close_all(end for _, end in oldest.values())


def run_trial(holder: End, job: Job) -> tuple[bytes, bytes]:
    """Have a holder fork a trial for this job. Returns what the trial wrote, and what the holder says about it.

    Raises:
        EOFError, OSError: the holder has ended.
    """
    (read_job, write_job), (read_result, write_result) = os.pipe(), os.pipe()
    with open(write_job, "wb") as jobs, open(read_result, "rb") as results:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(holder.fileno())) as line:
            socket.send_fds(line, [LIMIT.pack(job.limit)], [read_job, write_result])
        os.close(read_job)
        os.close(write_result)
        with contextlib.suppress(OSError):  # the trial ended before it read its job
            jobs.write(job.pack())
            jobs.close()
        written = results.read(MAX_BYTES + 1)
    return written, holder.recv_bytes()


def reply_to(job: Job, written: bytes, ending: bytes) -> Reply:
    """The reply for a trial that's over: what it wrote, unless it was too late or wrote nothing."""
    if ending[:1] == b"t":
        return ending
    if ending == LATE:
        return observation_reply(Observation({}, too_slow(job.limit)))
    if ending.startswith(WAITED):
        clock, seconds = SPENT.unpack(ending.removeprefix(WAITED))
        return FAULT + f"no result after {clock:.0f} seconds, {seconds:.1f} of them on a processor".encode()
    if written[:1] == NO_WALLS:
        return FAULT + written[1:]
    return b"o" + (written[1:] or Observation({}, Error("SystemExit", "the cell ended Python itself")).pack())


def main(argv: list[str]) -> NoReturn:
    """Serve the client on standard input and output; end without Python's own clean-up, which takes a while."""
    source, target = Connection(os.dup(0), writable=False), Connection(os.dup(1), readable=False)
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.path[:] = [place for place in sys.path if place != "/"]  # what workshop.pth means once it's in /environment
    stage, at_once = Path(argv[0]), int(argv[1])
    prepare_torch()
    prepare_workshop()
    prepare_for_many()
    walls: Walls = LimitsOnly() if "--open" in argv else SandboxWalls()
    walls.around_server()
    ours, theirs = Pipe()
    between = os.fork()
    if between == 0:
        walls.around_forker()
        if os.fork():
            os._exit(0)
        close_all((ours, source, target))
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        WalkerForker(stage, SandboxSetup(stage, walls)).serve(theirs)
    os.waitpid(between, 0)
    theirs.close()
    Relay(ours, at_once).serve(source, target)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
