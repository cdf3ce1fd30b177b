"""The warm process: it has imported torch and keeps the chapters' states, so a verdict takes milliseconds.

    client --> server --+-- walker of chapter 06, salt 0 --+-- holder of the state before 06.01 --- trial
                        |   (runs the finished chapter)    +-- holder of the state before 06.02 --- trial
                        +-- walker of chapter 06, salt 1 --+-- ...

Every arrow to the right is a `fork()`; kit.judge.trials.processes has walker, holder and trial. All of them end when
the client goes away, because each waits on a connection, which then closes.

Started by kit.judge.trials.runners as `python -m kit.judge.trials.fork_server FD ROOT`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import NoReturn

import msgpack

from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.errors import KitError
from kit.judge.records import Job, Reply, error_reply, is_error, job_of, unpack_job
from kit.judge.trials import memory
from kit.judge.trials.prepare import prepare_for_many, prepare_torch
from kit.judge.trials.processes import MAX_REPLY, End, ProcessSetup, Script, close_all, run_walker
from kit.judge.trials.reach import protected
from kit.judge.trials.trial import ScriptCell, discard_output, script_cells

MAX_GROUPS = 8
MANY = 50  # with at least this many jobs in the first batch, it pays to prepare for many
AT_ONCE = os.cpu_count() or 2

Group = dict[str, End]  # the connections to the holders of one chapter and salt, by exercise


class FullChapter:
    """A chapter. Holders may know everything in it."""

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
    """The chapters of the course in a folder, each as its source reads now."""

    def __init__(self, root: Path) -> None:
        """`root` is the course's folder."""
        self.root = root
        self.known: dict[tuple[str, str], FullChapter] = {}

    def __call__(self, chapter_id: str) -> Script:
        """The chapter with this id.

        Raises:
            KitError: there is none, or it breaks a rule.
        """
        course = Course(self.root)
        entry = next((entry for entry in course.entries if entry.id == chapter_id and not entry.planned), None)
        if entry is None:
            raise KitError(f"there's no chapter {chapter_id}", "chapters.toml")
        try:
            digest = hashlib.sha256((course.sources / f"{entry.stem}.py").read_bytes()).hexdigest()
        except OSError:
            digest = "missing"
        key = (chapter_id, digest)
        if key not in self.known:
            self.known[key] = FullChapter(course.chapter(chapter_id), digest)
        return self.known[key]


class Server:
    """Hands jobs to holders, and starts the holders it needs; the least recently used ones are ended."""

    def __init__(self, client: End, scripts: Callable[[str], Script]) -> None:
        """`client` sends batches of jobs; `scripts` knows the chapters."""
        self.client = client
        self.scripts = scripts
        self.groups: OrderedDict[tuple[str, str, int], Group] = OrderedDict()

    def group(self, chapter_id: str, salt: int) -> Group:
        """The holders of one chapter and salt, started if they aren't running."""
        script = self.scripts(chapter_id)
        key = (chapter_id, script.digest, salt)
        if key in self.groups:
            self.groups.move_to_end(key)
            return self.groups[key]
        pipes = {exercise: Pipe() for exercise in script.exercises}
        if fork() == 0:
            self.client.close()
            for group in self.groups.values():
                close_all(group.values())
            close_all(ours for ours, _ in pipes.values())
            theirs = {exercise: end for exercise, (_, end) in pipes.items()}
            run_walker(chapter_id, script, salt, theirs, ProcessSetup())
        close_all(theirs for _, theirs in pipes.values())
        self.groups[key] = {exercise: ours for exercise, (ours, _) in pipes.items()}
        return self.groups[key]

    def end_oldest(self, busy: Collection[End] = ()) -> None:
        """End the oldest holders beyond `MAX_GROUPS` groups, by closing their connections, unless they are busy."""
        for key in list(self.groups)[:-MAX_GROUPS]:
            if not any(end in busy for end in self.groups[key].values()):
                close_all(self.groups.pop(key).values())

    def send(self, job: Job) -> End:
        """Send a job to its holder; return the connection on which the reply will come.

        Raises:
            KitError: there's no such exercise, or the chapter breaks a rule.
        """
        group = self.group(job.chapter, job.salt)
        if job.exercise not in group:
            raise KitError(f"there's no exercise {job.exercise}")
        with contextlib.suppress(OSError):  # the holder has ended, and what it sent before that says why
            group[job.exercise].send_bytes(job.pack())
        return group[job.exercise]

    def answer(self, jobs: list[Job]) -> list[Reply]:
        """Run a batch: as many jobs at once as there are cores, one at a time in each holder. Replies in order."""
        if len(jobs) >= MANY and not self.groups:
            prepare_for_many()
        replies: list[Reply] = [b""] * len(jobs)
        queues: dict[tuple[str, int, str], deque[int]] = {}  # the numbers of each holder's jobs
        for number, job in enumerate(jobs):
            queues.setdefault((job.chapter, job.salt, job.exercise), deque()).append(number)
        idle = deque(queues.values())
        kills = memory.kills()
        busy: dict[End, deque[int]] = {}

        def record(queue: deque[int], reply: Reply) -> None:
            """Record a reply to the first in the queue; an error answers everyone waiting for the same holder."""
            replies[queue.popleft()] = reply
            while is_error(reply) and queue:
                replies[queue.popleft()] = reply
            if queue:
                idle.appendleft(queue)  # finish with one holder before the next, so that old ones can be ended

        while idle or busy:
            while idle and len(busy) < AT_ONCE:
                queue = idle.popleft()
                try:
                    busy[self.send(jobs[queue[0]])] = queue
                except KitError as error:
                    record(queue, error_reply(error))
            for ready in wait(list(busy)) if busy else ():
                assert isinstance(ready, Connection)
                try:
                    reply = ready.recv_bytes(MAX_REPLY)
                except (EOFError, OSError):
                    ended = KitError("the judge's process ended", "", "run the check again")
                    reply = error_reply(memory.out_of_memory() if memory.kills() > kills else ended)
                record(busy.pop(ready), reply)
            self.end_oldest(busy)
        return replies

    def serve(self) -> None:
        """Answer batches until the client goes away."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                wish = msgpack.unpackb(self.client.recv_bytes())
                if isinstance(wish, dict):  # prepare a chapter; whatever is wrong with it, a job will say
                    with contextlib.suppress(KitError):
                        self.group(wish["chapter"], wish["salt"])
                        self.end_oldest()
                    continue
                self.client.send_bytes(msgpack.packb(self.answer([unpack_job(packed) for packed in wish])))


def fork() -> int:
    """A new process: 0 in it, its id here.

    Raises:
        KitError: there's no memory for it.
    """
    try:
        return os.fork()
    except OSError as error:
        if not memory.is_shortage(error):
            raise
        raise memory.out_of_memory() from error


def main(argv: list[str]) -> NoReturn:
    """Serve the client on file descriptor `argv[0]` for the course in folder `argv[1]`."""
    discard_output()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    client: End = Connection(int(argv[0]))
    protected.update((os.getpid(), os.getppid()))
    try:
        prepare_torch()
        Server(client, Scripts(Path(argv[1]))).serve()
    except BaseException as error:
        os._exit(memory.EXIT if memory.is_shortage(error) else 1)
    os._exit(0)  # torch would take its time cleaning up, and there's nothing to clean


if __name__ == "__main__":
    main(sys.argv[1:])
