"""The warm process: it has torch imported and keeps states, so that a verdict costs milliseconds.

    client --> server --+-- walker of chapter 06, salt 0 --+-- holder of the state before 06.01 --- trial
                        |   (runs the finished chapter)    +-- holder of the state before 06.02 --- trial
                        +-- walker of chapter 06, salt 1 --+-- ...

Every arrow to the right is a `fork()`: a child has its parent's state for nothing. A holder waits; for each job it
forks a trial, which runs the cell, sends its observation, and ends. What the finished cell gives is no trial: the
walker has run it, and tells the holder. Everything ends when the client goes away, because each process waits on a
connection whose other side then closes.

Started by kit.judge.runners as `python -m kit.judge.fork_server FD ROOT`.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import signal
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from types import FrameType
from typing import NoReturn, Protocol, TypeAlias

import msgpack

from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.errors import KitError
from kit.judge.jobs import LIMIT, Job, job_of, unpack_job
from kit.judge.large_pages import make_ready
from kit.judge.trial import ScriptCell, State, observe_state, prepare_torch, script_cells, trial, walk
from kit.judge.values import Error, Observation

MAX_GROUPS = 8
MANY = 50  # jobs in the first batch for which it is worth to get ready for many
AT_ONCE = os.cpu_count() or 2
MAX_REPLY = 256 << 20
MAX_MEMORY = 4 << 30

Reply = bytes  # b"o" + a packed observation, or b"t" + a packed KitError
End: TypeAlias = "Connection[bytes, bytes]"
Group = dict[str, End]


def error_reply(error: KitError) -> Reply:
    """A KitError as a reply."""
    packed: bytes = msgpack.packb([error.what, error.where, error.next])
    return b"t" + packed


def limit_memory() -> None:
    """Let a trial grow by 4 GiB and no more, where the system can say how large it is."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MAX_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


class ProcessSetup:
    """What a process of this tree does before it goes on. Here they keep mishaps in, in kit.verify.server strangers."""

    def around_walker(self, chapter: str) -> None:
        """Before the walker runs the chapter's first cell."""

    def hold(self, state: State, end: End, finished: Job | None, walker: End) -> NoReturn:
        """The holder's process."""
        hold(state, end, finished, walker)


class Script(Protocol):
    """A chapter as a walker runs it. `digest` is another one when the chapter has changed."""

    digest: str
    exercises: tuple[str, ...]

    def places(self) -> Iterable[ScriptCell]:
        """The steps in order, each read when its turn is there."""

    def finished(self, exercise: str, salt: int) -> Job | None:
        """The job of an exercise's finished cell, when a holder is to be told what it gives."""


def run_trial(run: Callable[[], Observation], result: End) -> NoReturn:
    """The trial's process: run, send, end."""
    with contextlib.suppress(BaseException):
        os.setsid()
        gc.disable()  # a collection would touch, and so copy, every page of the state
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        limit_memory()
        result.send_bytes(run().pack())
    os._exit(0)


def on_alarm(number: int, frame: FrameType | None) -> NoReturn:
    """The alarm's handler.

    Raises:
        TimeoutError: always.
    """
    raise TimeoutError


def receive(receiver: End, seconds: float) -> bytes:
    """A whole message within so many seconds.

    Raises:
        TimeoutError: it did not come, or not to its end.
        EOFError, OSError: the other side has gone, or sends too much.
    """
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return receiver.recv_bytes(MAX_REPLY)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def try_out(state: State, job: Job) -> Reply:
    """Fork a trial and wait for its observation; end it when its time is over."""
    receiver, sender = Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        receiver.close()
        run_trial(lambda: trial(state, job), sender)
    sender.close()
    try:
        return b"o" + receive(receiver, job.limit)
    except TimeoutError:
        error = Error("TimeoutError", f"the cell did not end within {job.limit:g} seconds; does a loop never stop?")
    except (EOFError, OSError):
        error = Error("SystemExit", "the cell ended Python itself")
    finally:
        receiver.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
    return b"o" + Observation({}, error).pack()


def hold(state: State, end: End, finished: Job | None, walker: End) -> NoReturn:
    """The holder's process: keep the state, answer jobs until the other side closes.

    The observation of the `finished` cell comes from the `walker`; where it does not come, a trial makes it.
    """
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    known: dict[Job, Reply] = {}
    with contextlib.suppress(EOFError, OSError):
        if finished:
            known[finished] = b"o" + walker.recv_bytes(MAX_REPLY)
    walker.close()
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = unpack_job(end.recv_bytes())
            end.send_bytes(known.get(replace(job, limit=LIMIT)) or try_out(state, job))
    os._exit(0)


def send_expected(state: State, finished: Job, holder: End) -> None:
    """Send a holder what the finished cell gave; probes may spoil a state, so they run in a child."""
    if not finished.probes:
        holder.send_bytes(observe_state(state, finished).pack())
    elif os.fork() == 0:
        run_trial(lambda: observe_state(state, finished), holder)


def run_walker(chapter: str, script: Script, salt: int, ends: Group, walls: ProcessSetup) -> NoReturn:
    """The walker's process: run the finished chapter, leave a holder before each exercise, end."""
    waiting = dict(ends)
    try:
        walls.around_walker(chapter)
        for exercise, state, done in walk(script.places(), salt):
            if not done:
                finished = script.finished(exercise, salt)
                walker, holder = Pipe(duplex=False)
                if os.fork() == 0:
                    holder.close()
                    end = waiting.pop(exercise)
                    close_all(waiting.values())
                    walls.hold(state, end, finished, walker)
                walker.close()
                waiting.pop(exercise).close()
                continue
            with contextlib.suppress(OSError):
                if finished:
                    send_expected(state, finished, holder)
            holder.close()
            if not waiting:  # what comes after the last exercise changes no state that is asked for
                break
    except KitError as error:
        for end in waiting.values():
            with contextlib.suppress(OSError):
                end.send_bytes(error_reply(error))
    except BaseException as error:
        for end in waiting.values():
            with contextlib.suppress(OSError):
                end.send_bytes(error_reply(KitError(f"{type(error).__name__}: {error}", f"chapter {chapter}")))
    os._exit(0)


def close_all(ends: Iterable[End]) -> None:
    """Close this process's copies of some connections."""
    for end in ends:
        end.close()


class FullChapter:
    """A chapter in full; holders are told what its finished cells give."""

    def __init__(self, chapter: Chapter, digest: str) -> None:
        self.chapter = chapter
        self.digest = digest
        self.exercises = tuple(exercise.id for exercise in chapter.exercises)

    def places(self) -> Iterable[ScriptCell]:
        """The steps in order."""
        return script_cells(self.chapter)

    def finished(self, exercise: str, salt: int) -> Job | None:
        """The job of an exercise's finished cell."""
        found = self.chapter.exercise(exercise)
        return job_of(self.chapter, found, salt, found.code)


class Scripts:
    """The chapters of the course in a folder, each as its source is now."""

    def __init__(self, root: Path) -> None:
        """`root` is the course's folder."""
        self.root = root
        self.known: dict[tuple[str, str], FullChapter] = {}

    def __call__(self, id: str) -> Script:
        """The chapter with this id.

        Raises:
            KitError: there is none, or it breaks a rule.
        """
        course = Course(self.root)
        entry = next((entry for entry in course.entries if entry.id == id and not entry.planned), None)
        if entry is None:
            raise KitError(f"there is no chapter {id}", "chapters.toml")
        try:
            digest = hashlib.sha256((course.sources / f"{entry.stem}.py").read_bytes()).hexdigest()
        except OSError:
            digest = "missing"
        if (id, digest) not in self.known:
            self.known[id, digest] = FullChapter(course.chapter(id), digest)
        return self.known[id, digest]


class Server:
    """The states that are held, by chapter and salt; the least recently used are let go."""

    def __init__(self, client: End, scripts: Callable[[str], Script]) -> None:
        """`client` sends batches of jobs; `scripts` knows the chapters."""
        self.client = client
        self.scripts = scripts
        self.groups: OrderedDict[tuple[str, str, int], Group] = OrderedDict()

    def group(self, id: str, salt: int) -> Group:
        """The holders of one chapter and salt; they are started when they are not there."""
        script = self.scripts(id)
        key = (id, script.digest, salt)
        if key in self.groups:
            self.groups.move_to_end(key)
            return self.groups[key]
        pipes = {exercise: Pipe() for exercise in script.exercises}
        if os.fork() == 0:
            self.client.close()
            for group in self.groups.values():
                close_all(group.values())
            close_all(ours for ours, _ in pipes.values())
            run_walker(id, script, salt, {id: theirs for id, (_, theirs) in pipes.items()}, ProcessSetup())
        close_all(theirs for _, theirs in pipes.values())
        self.groups[key] = {id: ours for id, (ours, _) in pipes.items()}
        return self.groups[key]

    def let_go(self, busy: Collection[End] = ()) -> None:
        """Close the oldest groups that are not busy; their holders end."""
        for key in list(self.groups)[:-MAX_GROUPS]:
            if not any(end in busy for end in self.groups[key].values()):
                close_all(self.groups.pop(key).values())

    def send(self, job: Job) -> End:
        """Give a job to its holder; the connection on which the reply will come.

        Raises:
            KitError: there is no such exercise, or the chapter breaks a rule.
        """
        group = self.group(job.chapter, job.salt)
        if job.exercise not in group:
            raise KitError(f"there is no exercise {job.exercise}")
        with contextlib.suppress(OSError):  # the holder has ended: what it left to read says why
            group[job.exercise].send_bytes(job.pack())
        return group[job.exercise]

    def answer(self, jobs: list[Job]) -> list[Reply]:
        """Run a batch: as many jobs at once as there are cores, one at a time in each holder. Replies in order."""
        if len(jobs) >= MANY and not self.groups:
            make_ready()
        replies: list[Reply] = [b""] * len(jobs)
        queues: dict[tuple[str, int, str], deque[int]] = {}
        for place, job in enumerate(jobs):
            queues.setdefault((job.chapter, job.salt, job.exercise), deque()).append(place)
        idle = deque(queues.values())
        busy: dict[End, deque[int]] = {}

        def settle(queue: deque[int], reply: Reply) -> None:
            """Note a reply; trouble is the reply to all that wait for the same holder."""
            replies[queue.popleft()] = reply
            while reply[:1] == b"t" and queue:
                replies[queue.popleft()] = reply
            if queue:
                idle.appendleft(queue)  # one holder after the other, so that old ones can be let go

        while idle or busy:
            while idle and len(busy) < AT_ONCE:
                queue = idle.popleft()
                try:
                    busy[self.send(jobs[queue[0]])] = queue
                except KitError as error:
                    settle(queue, error_reply(error))
            for ready in wait(list(busy)) if busy else ():
                assert isinstance(ready, Connection)
                try:
                    reply = ready.recv_bytes(MAX_REPLY)
                except (EOFError, OSError):
                    reply = error_reply(KitError("the judge's process ended", "", "run the check again"))
                settle(busy.pop(ready), reply)
            self.let_go(busy)
        return replies

    def serve(self) -> None:
        """Answer batches until the client goes away."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                jobs = [unpack_job(packed) for packed in msgpack.unpackb(self.client.recv_bytes())]
                self.client.send_bytes(msgpack.packb(self.answer(jobs)))


def main(argv: list[str]) -> NoReturn:
    """Serve the client on file descriptor `argv[0]` for the course in folder `argv[1]`, then end without ado."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    client: End = Connection(int(argv[0]))
    prepare_torch()
    Server(client, Scripts(Path(argv[1]))).serve()
    os._exit(0)  # torch takes its time to be cleaned up, and there is nothing to clean


if __name__ == "__main__":
    main(sys.argv[1:])
