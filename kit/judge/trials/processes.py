"""The processes that run cells. Each forks the next, and a child has everything its parent had, at no cost.

    walker     runs the finished chapter once, for one set of inputs; before each exercise it forks a
    holder     keeps the state at that point and waits for jobs; for each job it forks a
    trial      runs the job's cell on the state, sends its observation, and ends

The finished cell needs no trial: the walker has to run it anyway, and tells the holder what it gave. Each process waits
on a connection, and ends when the other side closes it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import stat
from collections.abc import Callable, Iterable
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from types import FrameType
from typing import NoReturn, Protocol, TypeAlias

from kit.errors import KitError
from kit.judge.effects import Snapshot
from kit.judge.records import LIMIT, Job, Reply, error_reply, observation_reply, too_slow, unpack_job
from kit.judge.trials import memory
from kit.judge.trials.reach import keep_to_itself, protected
from kit.judge.trials.trial import ASIDE, ScriptCell, State, moved_aside, observe_state, trial, walk
from kit.judge.values import Error, Observation

MAX_REPLY = 256 << 20  # bytes
FILES = "/proc/self/fd"  # where there is such a folder, it lists the open files
FIRST = 3  # the number of the first file after standard error
MAX_GROWTH = 4 << 30  # bytes of memory that a trial may add to what it inherits

End: TypeAlias = "Connection[bytes, bytes]"


class Script(Protocol):
    """A chapter as a walker runs it. Its `digest` changes when the chapter does."""

    digest: str
    exercises: tuple[str, ...]

    def places(self) -> Iterable[ScriptCell]:
        """The steps in order, each read only when its turn comes."""

    def finished(self, exercise: str, salt: int) -> Job | None:
        """The job of an exercise's finished cell, if the holder may be told what it gives."""


class ProcessSetup:
    """What walkers and holders do besides their work. kit.verify.server overrides it to confine strangers' cells."""

    def around_walker(self, chapter: str) -> None:
        """Called before the walker runs the chapter's first cell."""

    def hold(self, state: State, end: End, finished: Job | None, walker: End) -> NoReturn:
        """The holder's process."""
        run_holder(state, end, finished, walker)


def run_walker(chapter: str, script: Script, salt: int, ends: dict[str, End], setup: ProcessSetup) -> NoReturn:
    """The walker's process: run the finished chapter, leave a holder before each exercise in `ends`, end.

    `ends` has the holders' ends of their connections, by exercise. The chapter isn't run beyond the last of them.
    """
    waiting = dict(ends)
    try:
        setup.around_walker(chapter)
        before = Snapshot({})
        for exercise, state, done in walk(script.places(), salt):
            if exercise not in ends:
                continue
            if not done:
                before = Snapshot(state)
                finished = script.finished(exercise, salt)
                from_walker, to_holder = Pipe(duplex=False)
                if os.fork() == 0:
                    to_holder.close()
                    end = waiting.pop(exercise)
                    close_all(waiting.values())
                    setup.hold(state, end, finished, from_walker)
                from_walker.close()
                waiting.pop(exercise).close()
                if waiting or finished:
                    continue
                break
            with contextlib.suppress(OSError):
                if finished:
                    send_finished(state, finished, to_holder, before)
            to_holder.close()
            if not waiting:  # no exercise left whose state anyone could ask for
                break
    except KitError as error:
        send_error(memory.out_of_memory() if memory.is_shortage(error.__cause__) else error, waiting.values())
    except BaseException as error:
        other = KitError(f"{type(error).__name__}: {error}", f"chapter {chapter}")
        send_error(memory.out_of_memory() if memory.is_shortage(error) else other, waiting.values())
    os._exit(0)


def send_finished(state: State, finished: Job, to_holder: End, before: Snapshot) -> None:
    """Send a holder what the finished cell gave. Probes may spoil a state, so they run in a child."""
    if not finished.probes:
        to_holder.send_bytes(observe_state(state, finished, before).pack())
    elif os.fork() == 0:
        run_trial(lambda: observe_state(state, finished, before), to_holder)


def send_error(error: KitError, ends: Iterable[End]) -> None:
    """Send an error everywhere a holder would have answered."""
    for end in ends:
        with contextlib.suppress(OSError):
            end.send_bytes(error_reply(error))


def run_holder(state: State, end: End, finished: Job | None, from_walker: End) -> NoReturn:
    """The holder's process: keep the state, answer jobs until the other side closes.

    The walker sends what the `finished` cell gave; if it doesn't, we run a trial to find out.
    """
    gc.freeze()
    protected.add(os.getpid())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    known: dict[Job, Reply] = {}
    with contextlib.suppress(EOFError, OSError):
        if finished:
            known[finished] = b"o" + from_walker.recv_bytes(MAX_REPLY)
    from_walker.close()
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = unpack_job(end.recv_bytes())
            end.send_bytes(known.get(replace(job, limit=LIMIT)) or fork_trial(state, job))
    os._exit(0)


def fork_trial(state: State, job: Job) -> Reply:
    """Fork a trial and wait for its observation, up to the job's limit. Whatever it leaves behind is killed."""
    receiver, sender = Pipe(duplex=False)
    kills = memory.kills()
    try:
        pid = os.fork()
    except OSError as refusal:
        if not memory.is_shortage(refusal):
            raise
        return error_reply(memory.out_of_memory())
    if pid == 0:
        receiver.close()
        run_trial(lambda: trial(state, job), sender)
    sender.close()
    try:
        return b"o" + receive(receiver, job.limit)
    except TimeoutError:
        error = too_slow(job.limit)
    except (EOFError, OSError):
        error = Error("SystemExit", "the cell ended Python itself")
        if memory.kills() > kills:
            error = Error("MemoryError", "the system ended this cell, since memory ran out")
    finally:
        receiver.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
    return observation_reply(Observation({}, error))


def run_trial(run: Callable[[], Observation], result: End) -> NoReturn:
    """The trial's process: run, send, end."""
    with contextlib.suppress(BaseException):
        os.setsid()
        gc.disable()  # a collection would touch every page of the state, and so copy it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        limit_memory()
        result = alone(result)
        keep_to_itself()
        result.send_bytes(run().pack())
    os._exit(0)


def alone(result: End) -> End:
    """Close every other pipe and socket, since a cell may write anywhere; move this one out of its way."""
    kept = result.fileno()
    for name in os.listdir(FILES) if os.path.isdir(FILES) else map(str, range(FIRST, ASIDE)):
        with contextlib.suppress(OSError):
            number = int(name)
            kind = os.fstat(number).st_mode
            if number >= FIRST and number != kept and (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)):
                os.close(number)
    moved = Connection(moved_aside(kept), readable=False)
    result.close()
    return moved


def limit_memory() -> None:
    """Let this process grow by `MAX_GROWTH` at most, where the system can tell how large it is."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MAX_GROWTH
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def receive(receiver: End, seconds: float) -> bytes:
    """A whole message, within this many seconds.

    Raises:
        TimeoutError: it didn't arrive in time, or not all of it.
        EOFError, OSError: the other side has gone, or is sending too much.
    """
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return receiver.recv_bytes(MAX_REPLY)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def on_alarm(number: int, frame: FrameType | None) -> NoReturn:
    """The alarm's handler.

    Raises:
        TimeoutError: always.
    """
    raise TimeoutError


def close_all(ends: Iterable[End]) -> None:
    """Close this process's copies of some connections."""
    for end in ends:
        end.close()
