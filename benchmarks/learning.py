"""How long a learner waits: for a verdict after a save, for `save.py` and `status.py`, and for a commit's hooks.

Measured in a clone of the repository, with the commands that a learner would type.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

from benchmarks import Row
from benchmarks.judging import row
from kit.course.cells import to_percent
from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.course.render import learner_cells
from kit.git.command import git_output as git
from kit.learner.file_events import POLL, events_arrive
from kit.learner.watch_terminal import END

SAVES = 40
PATIENCE = 60.0  # seconds


@contextmanager
def clone(course: Course) -> Iterator[Path]:
    """A clone of the repository as it is, uncommitted work included, with git knowing who commits."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "fork"
        git(course.root, "clone", "--quiet", "--no-hardlinks", str(course.root), str(root))
        changed = git(course.root, "ls-files", "-z", "--modified", "--others", "--exclude-standard").split("\0")
        for name in filter(None, changed):
            if (course.root / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes((course.root / name).read_bytes())
        for key, value in (("user.name", "student-01"), ("user.email", "student-01@example.org")):
            git(root, "config", key, value)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--no-verify", "--allow-empty", "-m", "start")
        yield root


def environment(root: Path) -> dict[str, str]:
    """A learner's environment: the clone's own packages, this Python in the hooks, and bytecode kept between runs."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(root), "WORKSHOP_VENV": sys.prefix}


def command(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run one of the clone's commands with the clone's own packages."""
    return subprocess.run([sys.executable, *words], cwd=root, env=environment(root), capture_output=True, check=False)


def timed(root: Path, *words: str) -> float:
    """The wall-clock time of a command, in seconds; CalledProcessError if it fails."""
    start = time.perf_counter()
    command(root, *words).check_returncode()
    return time.perf_counter() - start


def fill(root: Path, chapter: Chapter, count: int, remark: str = "") -> Path:
    """Write a learner's `.py` for a chapter, with its first exercises filled."""
    answers = {e.id: f"{e.code}\n# mine{remark}" for e in chapter.exercises[:count]}
    path = root / "workshop" / "en" / f"{chapter.entry.stem}.py"
    path.write_text(to_percent(learner_cells(chapter, answers)), encoding="utf-8")
    return path


def watching(course: Course, polling: bool) -> Row:
    """The time from saving a file to the verdict in an editor's list of problems, over `SAVES` saves of chapter 06."""
    chapter = course.chapter("06")
    found: list[float] = []
    with clone(course) as root:
        process = subprocess.Popen(
            [sys.executable, "scripts/check.py", "--watch", "--format", "problems"],
            cwd=root,
            env=environment(root) | ({"WATCHFILES_FORCE_POLLING": "1"} if polling else {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("next: "):
                break
        fill(root, chapter, 1)  # the first verdict in a chapter has to walk it, once
        read_cycle(process)
        answers: dict[str, str] = {}
        for number in range(SAVES):  # each exercise the way a learner does it: first wrong, then right
            time.sleep(0.3)
            exercise = chapter.exercises[number // 2]
            right = number % 2
            answers[exercise.id] = exercise.code if right else exercise.with_answer(0, exercise.mistakes[0].expression)
            text = to_percent(learner_cells(chapter, answers))
            start = time.perf_counter()
            (root / "workshop" / "en" / f"{chapter.entry.stem}.py").write_text(text, encoding="utf-8")
            read_cycle(process)
            found.append(time.perf_counter() - start)
        process.terminate()
        process.wait()
    p95 = statistics.quantiles(found, n=20)[-1]
    bar = 1.5 if polling else 0.3
    shown = f"p95 {p95 * 1000:.0f} ms, median {statistics.median(found) * 1000:.0f} ms"
    how = f"{SAVES} saves of chapter 06, each exercise first wrong, then right"
    how += f", polling every {POLL} ms" if polling else ""
    name = "from a save to its verdict" + (", polling" if polling else "")
    return Row(name, shown, f"p95 < {bar * 1000:.0f} ms", p95 < bar, how)


def read_cycle(process: subprocess.Popen[str]) -> None:
    """Wait for the line that ends a round of verdicts; RuntimeError if none comes within `PATIENCE`."""
    assert process.stdout is not None
    alarm = Timer(PATIENCE, process.kill)
    alarm.start()
    try:
        for line in process.stdout:
            if line.startswith(END):
                return
    finally:
        alarm.cancel()
    raise RuntimeError("a save wasn't noticed")


def saving(course: Course, times: int = 3) -> list[Row]:
    """`save.py` on one changed chapter, `status.py`, and the hooks of a plain commit of one changed pair."""
    chapter = course.chapter("06")
    saves, again, hooks, status = [], [], [], []
    with clone(course) as root:
        command(root, "scripts/status.py")
        for number in range(times):
            fill(root, chapter, 4 + number, str(number))
            saves.append(timed(root, "scripts/save.py"))
            status.append(timed(root, "scripts/status.py"))
        for number in range(times):
            fill(root, chapter, 7 + number, str(number))
            command(root, "scripts/check.py", chapter.id)
            again.append(timed(root, "scripts/save.py"))
        for number in range(times):
            fill(root, chapter, 10 + number)
            command(root, "scripts/sync.py")
            git(root, "add", "--all")
            hooks.append(timed(root, "-m", "pre_commit", "run"))
    return [
        row("save.py, one changed chapter", saves, 4, "4 to 6 exercises of chapter 06, judged, ticked, committed"),
        row("save.py, with changes judged before", again, 4, "7 to 9 exercises, after a check"),
        row("status.py", status, 0.5, "13 chapters"),
        row("the hooks of a commit, one changed pair", hooks, 2, "pre-commit run"),
    ]


def measure() -> Iterator[Row]:
    """All rows about how long a learner waits."""
    course = Course()
    if events_arrive(course.root):
        yield watching(course, polling=False)
    yield watching(course, polling=True)
    yield from saving(course)
