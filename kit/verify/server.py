"""The warm process for strangers' cells: kit.judge.fork_server's tree inside a sandbox, with walls within.

    sandbox: no network, no home, read-only system
      relay -------- jobs and results -------------------------------------------------+
        |                                                                              |
      nursery --+-- walker of chapter 06, salt 0 --+-- holder before 06.01 --- trial --+
                |   own /tmp                       |   stage, /proc hidden     own /tmp, one process, reaches no other

A student's cell runs in trials only, and a trial can look at whatever its ancestors held when they forked. So none of
them has seen anything that helps: a holder stops before its exercise and hides the rest of the chapter; jobs and
results go between relay and trial by pipes that the holder passes on unread, so no other student's answer, and nothing
that it gave, is there either. Results are compared outside of the sandbox.

Started by kit.verify.client as `python -m kit.verify.server STAGE AT_ONCE` in a sandbox; `--open` for none.
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
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock
from typing import NoReturn, TypeAlias

import msgpack

from kit.errors import KitError
from kit.judge.fork_server import MAX_GROUPS, End, ProcessSetup, Reply, close_all, error_reply, on_alarm, run_walker
from kit.judge.jobs import Job, unpack_job
from kit.judge.large_pages import make_ready
from kit.judge.trial import State, prepare_torch, trial
from kit.judge.values import Error, Observation
from kit.verify import confine
from kit.verify.confine import GROWTH
from kit.verify.seccomp import refuse_calls
from kit.verify.stage import READY, Stage
from kit.verify.untrusted import LARGEST

TEMPORARY = "/tmp"
LOADED = ("corpus", "draw", "here", "lesson", "live", "rehearsal", "running", "threads", "values")  # of workshop
DONE, LATE = b"done", b"late"  # what a holder says of a trial that is over
PATIENCE = 2  # a cell has its limit of processor time, and this many times as long on the clock
LIMIT = struct.Struct("=d")
Holders: TypeAlias = "dict[str, tuple[Lock, End]]"


class SandboxSetup(ProcessSetup):
    """The walls around a stranger's cell. In a sandbox all of them stand, or nothing is run."""

    def __init__(self, stage: Path) -> None:
        self.stage = stage
        self.memory = 0
        self.package: frozenset[str] = frozenset()
        self.hidden = [str(stage), "/proc", *(str(found) for found in courses() if not found.is_relative_to(stage))]

    def around_walker(self, chapter: str) -> None:
        """What a chapter writes is seen by it alone."""
        confine.own_mounts()
        confine.own_copy(TEMPORARY)
        self.bring_package(chapter)

    def bring_package(self, chapter: str) -> None:
        """Import what the chapters before this one export."""
        sys.path.insert(0, str(self.stage / "chapters" / chapter / "site"))
        import_module("nanogpt")
        self.package = frozenset(name for name in sys.modules if name.startswith("nanogpt"))

    def forget_own_part(self) -> None:
        """Let go of what the chapter itself exports, if its finished cells have asked for it already."""
        for name in [name for name in sys.modules if name.startswith("nanogpt.") and name not in self.package]:
            del sys.modules[name]
            delattr(sys.modules["nanogpt"], name.partition(".")[2])
            gc.collect()

    def around_holder(self) -> None:
        """The rest of the chapter is out of sight, and so are other processes."""
        self.memory = confine.size() + GROWTH
        confine.own_mounts()
        confine.own_copy(TEMPORARY)
        for folder in self.hidden:
            confine.hide(folder)

    def around_trial(self, limit: float) -> None:
        """What a cell writes is seen by it alone; it is one process and stays one."""
        confine.own_mounts()
        confine.own_copy(TEMPORARY)
        confine.drop_capabilities()
        confine.limit(self.memory, limit)
        refuse_calls()

    def hold(self, state: State, end: End, finished: Job | None, walker: End) -> NoReturn:
        """The holder's process: keep the state, fork a trial for each pair of pipes that comes."""
        try:
            walker.close()
            self.forget_own_part()
            gc.freeze()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.around_holder()
            line = socket.socket(fileno=os.dup(end.fileno()))
            while True:
                data, files, _, _ = socket.recv_fds(line, LIMIT.size, 2)
                if not data:
                    break
                end.send_bytes(self.try_out(state, LIMIT.unpack(data)[0], *files))
        except Exception as error:
            with contextlib.suppress(OSError):
                end.send_bytes(error_reply(KitError(f"a state cannot be held: {type(error).__name__}: {error}")))
        os._exit(0)

    def try_out(self, state: State, limit: float, source: int, target: int) -> bytes:
        """Fork a trial, wait until it is over or its time is, and say which."""
        pid = os.fork()
        if pid == 0:
            self.run_trial(state, limit, source, target)
        os.close(source)
        os.close(target)
        signal.signal(signal.SIGALRM, on_alarm)
        try:
            signal.setitimer(signal.ITIMER_REAL, limit * PATIENCE)
            _, status = os.waitpid(pid, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            return LATE if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else DONE
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return LATE

    def run_trial(self, state: State, limit: float, source: int, target: int) -> NoReturn:
        """The trial's process: read the job, run it, write what came of it, end."""
        with contextlib.suppress(BaseException):
            gc.disable()  # a collection would touch, and so copy, every page of the state
            for number in (signal.SIGINT, signal.SIGALRM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.dup2(source, 0)
            confine.close_files(target)
            try:
                self.around_trial(limit)
            except (OSError, ValueError) as error:
                seen = Observation({}, Error("Unjudged", str(error)))
            else:
                with open(0, "rb", closefd=False) as file:
                    job = unpack_job(file.read())
                os.dup2(1, 0)
                seen = trial(state, job)
            with open(target, "wb", closefd=False) as file:
                file.write(seen.pack())
        os._exit(0)


class OpenSetup(SandboxSetup):
    """What can be had without a sandbox."""

    def around_walker(self, chapter: str) -> None:
        """The package as it is before the chapter."""
        self.bring_package(chapter)

    def around_holder(self) -> None:
        """Nothing is hidden."""
        with contextlib.suppress(OSError):
            self.memory = confine.size() + GROWTH

    def around_trial(self, limit: float) -> None:
        """Limits, and the calls refused, where the system can."""
        with contextlib.suppress(OSError, ValueError):
            confine.limit(self.memory or resource.RLIM_INFINITY, limit)
        with contextlib.suppress(OSError):
            refuse_calls()


def courses() -> list[Path]:
    """Folders of a course that the system itself has: an image's, or a package's that somebody has installed."""
    found = {Path(folder).resolve() for folder in ("/workshop", *sys.path) if folder}
    parts = (folder / name for folder in found for name in ("checkpoints", "nanogpt", "workshop"))
    return [part for part in parts if part.is_dir()]


class WalkerForker:
    """Forks walkers. It never sees a job or a result, and so nothing that it forks has seen one."""

    def __init__(self, stage: Stage, walls: ProcessSetup) -> None:
        self.stage = stage
        self.walls = walls

    def serve(self, asker: End) -> NoReturn:
        """Take chapters and salts until the asker goes; give the ends of its holders for each."""
        line = socket.socket(fileno=os.dup(asker.fileno()))
        with contextlib.suppress(EOFError, OSError):
            while True:
                chapter, salt = msgpack.unpackb(asker.recv_bytes())
                try:
                    script = self.stage(chapter)
                except KitError as error:
                    asker.send_bytes(error_reply(error))
                    continue
                pipes = {exercise: Pipe() for exercise in script.exercises}
                if os.fork() == 0:
                    asker.close()
                    line.close()
                    close_all(ours for ours, _ in pipes.values())
                    run_walker(chapter, script, salt, {id: theirs for id, (_, theirs) in pipes.items()}, self.walls)
                asker.send_bytes(b"o" + msgpack.packb(list(pipes)))
                for ours, theirs in pipes.values():
                    socket.send_fds(line, [b"e"], [ours.fileno()])
                    close_all((ours, theirs))
        os._exit(0)


class Relay:
    """Hands jobs to trials and gathers what comes of them. It forks nothing, so it may know everything."""

    def __init__(self, nursery: End, at_once: int) -> None:
        self.nursery = nursery
        self.line = socket.socket(fileno=os.dup(nursery.fileno()))
        self.pool = ThreadPoolExecutor(at_once)
        self.asking = Lock()
        self.groups: OrderedDict[tuple[str, int], Holders] = OrderedDict()

    def holders(self, chapter: str, salt: int) -> Holders:
        """The holders of one chapter and salt; they are started when they are not there.

        Raises:
            KitError: there is no such chapter.
        """
        key = (chapter, salt)
        with self.asking:
            if key not in self.groups:
                self.nursery.send_bytes(msgpack.packb(key))
                reply = self.nursery.recv_bytes()
                if reply[:1] == b"t":
                    raise KitError(*msgpack.unpackb(reply[1:]))
                ids = msgpack.unpackb(reply[1:])
                self.groups[key] = {id: (Lock(), Connection(socket.recv_fds(self.line, 1, 1)[1][0])) for id in ids}
            self.groups.move_to_end(key)
            return self.groups[key]

    def run(self, job: Job) -> Reply:
        """The reply to one job."""
        try:
            found = self.holders(job.chapter, job.salt).get(job.exercise)
        except KitError as error:
            return error_reply(error)
        if found is None:
            return error_reply(KitError(f"there is no exercise {job.exercise}"))
        lock, end = found
        with lock:
            try:
                return conclude(job, *try_out(end, job))
            except (EOFError, OSError):
                return error_reply(KitError("the judge's process ended"))

    def serve(self, source: End, target: End) -> None:
        """Answer batches until the client goes away."""
        with contextlib.suppress(EOFError, OSError):
            target.send_bytes(READY)
            while True:
                jobs = [unpack_job(packed) for packed in msgpack.unpackb(source.recv_bytes())]
                target.send_bytes(msgpack.packb(list(self.pool.map(self.run, jobs))))
                while len(self.groups) > MAX_GROUPS:
                    _, oldest = self.groups.popitem(last=False)
                    close_all(end for _, end in oldest.values())


def try_out(end: End, job: Job) -> tuple[bytes, bytes]:
    """Have a holder fork a trial for this job: what the trial has written, and what the holder says of it.

    Raises:
        EOFError, OSError: the holder has gone.
    """
    (read_job, write_job), (read_result, write_result) = os.pipe(), os.pipe()
    with open(write_job, "wb") as jobs, open(read_result, "rb") as results:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(end.fileno())) as line:
            socket.send_fds(line, [LIMIT.pack(job.limit)], [read_job, write_result])
        os.close(read_job)
        os.close(write_result)
        with contextlib.suppress(OSError):  # the trial has ended before it has read its job
            jobs.write(job.pack())
            jobs.close()
        data = results.read(LARGEST + 1)
    return data, end.recv_bytes()


def conclude(job: Job, data: bytes, said: bytes) -> Reply:
    """The reply for a trial that is over."""
    if said[:1] == b"t":
        return said
    if said == LATE:
        error = Error("TimeoutError", f"the cell did not end within {job.limit:g} seconds; does a loop never stop?")
        return b"o" + Observation({}, error).pack()
    return b"o" + (data or Observation({}, Error("SystemExit", "the cell ended Python itself")).pack())


def main(argv: list[str]) -> NoReturn:
    """Serve the client on standard input and output, then end without ado."""
    source, target = Connection(os.dup(0), writable=False), Connection(os.dup(1), readable=False)
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stage, at_once = Path(argv[0]), int(argv[1])
    prepare_torch()
    for name in LOADED:  # a trial sees no file of ours from which it could be imported
        import_module(f"workshop.{name}")
    make_ready()
    walls = OpenSetup(stage) if "--open" in argv else SandboxSetup(stage)
    if not isinstance(walls, OpenSetup):
        confine.shut()
    ours, theirs = Pipe()
    if os.fork() == 0:
        close_all((ours, source, target))
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        WalkerForker(Stage(stage), walls).serve(theirs)
    theirs.close()
    Relay(ours, at_once).serve(source, target)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
