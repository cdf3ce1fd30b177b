"""A learner's own cells, run without a sandbox, end no run but their own: the attacks, against the local judge.

They'd remove what they find, so all of it happens where the system is read-only and other processes aren't in sight.
"""

from __future__ import annotations

import ctypes
import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kit.course.course import ROOT, Course
from kit.judge.records import job_of
from kit.judge.trials import reach
from kit.judge.trials.runners import ForkRunner, ReplayRunner, Runner
from kit.verify.sandbox import SANDBOXES, why_unusable
from tests.support import fake_course
from tests.support.attacks import ATTACKS

PIDFD_GETFD = 438
BOMBS = ("fork bomb", "thread bomb", "disk bomb", "file bomb")  # they'd slow down everybody on this machine
INSIDE = """
import json, sys
from pathlib import Path
from kit.course.course import Course
from kit.judge.judge import Judge
from kit.judge.trials.runners import new_runner
from tests.support.attacks import ATTACKS

course = Course(Path(sys.argv[1]))
judge = Judge(new_runner(course.root), (0,), limit=1)
honest = [(*course.exercise(e.id), e.code + "\\n# mine") for chapter in course.chapters for e in chapter.exercises]
found = {}
judge.judge_all(honest)
server = judge.runner.process.pid
for name in sys.argv[2:]:
    exercise_id, code = ATTACKS[name]
    code = code.replace("HOME", repr("/tmp/home")).replace("REPO", repr("/tmp/repo/canary"))
    try:
        outcome = judge.judge(*course.exercise(exercise_id), code).outcome
    except Exception as error:
        outcome = f"ended the run: {type(error).__name__}: {error}"
    same = judge.runner.process.pid == server and judge.runner.process.poll() is None
    after = [verdict.outcome for verdict in judge.judge_all(honest)]
    found[name] = [outcome, same, after.count("passed")]
print(json.dumps(found))
judge.close()
"""


@pytest.mark.skipif(bool(why_unusable(SANDBOXES[0])), reason="bubblewrap keeps these cells in")
@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.long)])
def test_the_attacks_end_no_local_run_but_their_own(tmp_path: Path, every: int) -> None:
    course = fake_course.make_course(tmp_path / "course")
    names = [name for name in ATTACKS if name not in BOMBS][::every]
    words = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--size", "268435456", "--tmpfs", "/tmp"]
    words += ["--ro-bind", str(ROOT), str(ROOT)]  # it may be below /tmp, and so may the environment
    for folder in sorted({sys.prefix, sys.base_prefix}):
        words += [] if Path(folder).is_relative_to(ROOT) else ["--ro-bind", folder, folder]
    words += ["--ro-bind", str(course.root), "/tmp/course", "--unshare-all", "--die-with-parent", "--chdir", "/"]
    words += ["--setenv", "PYTHONPATH", str(ROOT), "--setenv", "HOME", "/tmp", "--cap-drop", "ALL"]
    command = [str(shutil.which("bwrap")), *words, sys.executable, "-c", INSIDE, "/tmp/course", *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert list(found) == names
    assert {name: seen for name, seen in found.items() if seen[1:] != [True, 4] or seen[0].startswith("ended")} == {}


def in_child(code: str, before: str = "") -> str:
    """What a process prints that has confined itself; `before` runs first."""
    start = "import os, resource, signal, subprocess, sys\nfrom kit.judge.trials import reach\nos.setsid()\n"
    start += f"{before}\nreach.keep_to_itself()\n"
    done = subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, cwd=ROOT)
    return done.stdout + done.stderr


LINUX = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="such filters are for Linux"
)


@LINUX
@pytest.mark.parametrize(
    "call",
    [
        "os.kill(os.getppid(), 0)",
        "os.kill(-os.getppid(), 0)",
        "os.setsid()",
        "os.setpgid(0, 0)",
        "resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, 0))",
    ],
)
def test_a_trial_reaches_no_process_of_the_judge(call: str) -> None:
    assert "PermissionError" in in_child(call)


has_landlock = sys.platform == "linux" and ctypes.CDLL(None).syscall(reach.CREATE_RULESET, None, 0, 1) > 0


@LINUX
@pytest.mark.skipif(not has_landlock, reason="this system has no Landlock")
@pytest.mark.parametrize("kernel", ["this one", "before Linux 6.12"])
@pytest.mark.parametrize(
    "look",
    [
        "os.readlink(f'/proc/{os.getppid()}/fd/0')",
        "open(f'/proc/{os.getppid()}/fd/0')",
        "open(f'/proc/{os.getppid()}/mem', 'rb')",
    ],
)
def test_a_trial_looks_into_no_process_of_the_judge(look: str, kernel: str) -> None:
    assert "PermissionError" in in_child(look, "" if kernel == "this one" else "reach.FIRST_WITH_SIGNALS = 99")


@LINUX
def test_a_trial_takes_no_open_file_from_the_judge() -> None:
    take = "import ctypes\ncall = ctypes.CDLL(None).syscall\n"
    take += f"print(call({PIDFD_GETFD}, os.pidfd_open(os.getppid()), 0, 0))"
    assert in_child(take, "reach.FIRST_WITH_SIGNALS = 99") == ("-1\n" if has_landlock else "4\n")


OPEN = """
import os
def target(number):
    try:
        return os.readlink(f'/proc/self/fd/{number}')
    except OSError:  # the folder itself
        return ''
raise ValueError(sorted(filter(None, map(target, os.listdir('/proc/self/fd')))))
"""


@LINUX
@pytest.mark.parametrize("kind", [ForkRunner, ReplayRunner])
def test_a_cell_has_nothing_open_but_the_way_its_result_goes(course: Course, kind: type[Runner]) -> None:
    runner = kind(course.root)  # type: ignore[call-arg]
    try:
        chapter, exercise = course.exercise("01.02")
        told = runner.observe([job_of(chapter, exercise, 0, exercise.code + OPEN)] * 3)
    finally:
        runner.close()
    for found in told:
        assert found.error is not None
        assert re.fullmatch(r"\['/dev/null', '/dev/null', '/dev/null', 'pipe:\[\d+\]'\]", found.error.text)


@LINUX
def test_a_trial_may_start_and_end_what_is_its_own() -> None:
    code = "child = subprocess.Popen(['sleep', '100'])\nchild.terminate()\nprint(child.wait())\nos.kill(os.getpid(), 0)"
    assert in_child(code) == "-15\n"


@LINUX
def test_where_the_system_has_no_such_walls_the_cell_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.judge.trials.bpf.platform.machine", lambda: "riscv64")
    reach.keep_to_itself()
