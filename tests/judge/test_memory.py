"""Memory that ran out is named where it did, and only there."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.judge.records import Job, job_of, read_reply
from kit.judge.resident import server
from kit.judge.trials import memory
from kit.judge.trials.processes import fork_trial
from kit.judge.trials.runners import ForkRunner

GB = 1 << 30


def job(course: Course, more: str = "") -> Job:
    chapter, exercise = course.exercise("01.02")
    return job_of(chapter, exercise, 0, exercise.code + more)


@pytest.mark.parametrize(
    ("error", "shortage"),
    [
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (OSError(errno.EAGAIN, "Resource temporarily unavailable"), False),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"), True),
        (ImportError("No module named 'torch'"), False),
        (None, False),
    ],
)
def test_what_says_that_there_is_no_memory(error: BaseException | None, shortage: bool) -> None:
    assert memory.is_shortage(error) is shortage


LIMITED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from kit.judge.records import unpack_job
from kit.judge.trials.runners import ForkRunner, ReplayRunner
try:
    {kind}(Path(sys.argv[1])).observe([unpack_job(sys.stdin.buffer.read())])
except Exception as error:
    print(type(error).__name__, error.args)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="such a limit is for Linux")
@pytest.mark.parametrize("kind", ["ForkRunner", "ReplayRunner"])
def test_a_process_that_may_not_take_enough_is_told_so(course: Course, kind: str) -> None:
    command = [sys.executable, "-c", LIMITED.replace("{kind}", kind), str(course.root)]
    done = subprocess.run(command, cwd=ROOT, input=job(course).pack(), capture_output=True, timeout=120)
    said = done.stdout.decode()
    assert said.startswith("KitError ('memory ran out: a process may take 3.0 GB here, and the judge needs 4.0 GB'")
    assert "ulimit -v unlimited" in said


@pytest.fixture
def growing(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, the system ends a process for want of memory between any two looks."""
    numbers = count()
    return lambda: monkeypatch.setattr(memory, "kills", lambda: next(numbers))


@pytest.mark.parametrize("by_system", [False, True])
def test_a_judge_that_was_killed(
    course: Course, growing: Callable[[], None], monkeypatch: pytest.MonkeyPatch, by_system: bool
) -> None:
    if by_system:
        growing()
    runner = ForkRunner(course.root)
    runner.process.kill()
    monkeypatch.setattr(runner.process, "poll", lambda: None)  # it ends while we ask
    try:
        with pytest.raises(KitError) as told:
            runner.observe([job(course)])
    finally:
        monkeypatch.undo()
        runner.close()
    assert told.value.what.startswith("memory ran out") is by_system


@pytest.mark.parametrize(
    ("ending", "by_system", "kind"),
    [
        ("\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)", True, "MemoryError"),
        ("\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)", False, "SystemExit"),
        ("\nimport os\nos._exit(0)", False, "SystemExit"),
    ],
)
def test_a_cell_that_was_ended(
    course: Course, growing: Callable[[], None], ending: str, by_system: bool, kind: str
) -> None:
    if by_system:
        growing()
    found = read_reply(fork_trial({"__name__": "__main__"}, job(course, ending))).error
    assert found is not None and found.type == kind


def machine(folder: Path, group: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 16 GB, 9 of them free, in a control group with these files."""
    (folder / "self").mkdir()
    (folder / "meminfo").write_text("MemTotal:       16777216 kB\nMemFree: 1 kB\nMemAvailable:   9437184 kB\n")
    (folder / "self/cgroup").write_text(group)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    groups = [(line, str(folder / top.lstrip("/")), *names) for line, top, *names in memory.GROUPS]
    monkeypatch.setattr(memory, "GROUPS", groups)
    monkeypatch.setattr(memory, "PROC", folder)


TWO, ONE = "sys/fs/cgroup", "sys/fs/cgroup/memory/docker/5"


@pytest.mark.parametrize(
    ("group", "files", "free", "total"),
    [
        ("0::/\n", {f"{TWO}/memory.max": "max\n", f"{TWO}/memory.current": "5\n"}, 9, 16),
        (
            "0::/user/mine\n",
            {
                f"{TWO}/user/memory.max": f"{3 * GB}\n",
                f"{TWO}/user/memory.current": f"{3 * GB}\n",
                f"{TWO}/user/memory.stat": f"anon 1\ninactive_file {2 * GB}\n",
            },
            2,
            3,
        ),
        (
            "7:memory:/docker/5\n0::/\n",
            {f"{ONE}/memory.limit_in_bytes": f"{2 * GB}", f"{ONE}/memory.usage_in_bytes": f"{2 * GB}"},
            0,
            2,
        ),
        ("", {}, 9, 16),
    ],
)
def test_how_much_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str, files: dict[str, str], free: int, total: int
) -> None:
    machine(tmp_path, group, files, monkeypatch)
    assert memory.room()[:2] == (free * GB, total * GB)
    error = memory.out_of_memory()
    assert error.what == f"memory ran out: {free}.0 GB of {total}.0 GB are free, and the judge needs 1.0 GB"
    assert ("container" in error.next) is (total != 16)


def test_where_the_system_says_nothing_no_number_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PROC", tmp_path)
    assert (memory.kills(), memory.room()[:2], memory.out_of_memory().what) == (0, (0, 0), "memory ran out")


@pytest.mark.parametrize("limit", [0, 3 * GB])
def test_a_resident_judge_that_may_not_take_enough_ends_so_that_the_next_may(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    def check() -> None:
        raise KitError("memory ran out")

    ended: list[bool] = []
    monkeypatch.setattr(memory, "allowed", lambda: limit)
    monkeypatch.setattr(server.Server, "end_soon", lambda self: ended.append(True))
    resident = server.Server.__new__(server.Server)
    resident.methods = {"check": check}
    assert resident.call(1, "check", {})["error"]["data"][0] == "memory ran out"
    assert ended == ([True] if limit else [])
