"""How fast the judge, the build and the commands answer."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from jupyter_client.manager import KernelManager

from benchmarks import Row
from kit.course.cells import to_percent
from kit.course.chapter import Chapter, Code
from kit.course.course import Course
from kit.course.render import learner_cells
from kit.judge.judge import Judge
from kit.judge.resident.client import SWITCH, Client, connection_file
from kit.judge.trials.runners import ForkRunner

CHAPTERS_IN_ALL = 13


def seconds(words: Sequence[str], root: Path, times: int, resident: bool = False) -> list[float]:
    """The wall-clock times of running a command `times` times, without the resident judge unless asked for.

    Raises:
        CalledProcessError: it fails.
    """
    found = []
    environment = os.environ | {SWITCH: str(int(resident))}
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, *words], cwd=root, stdout=subprocess.DEVNULL, check=True, env=environment)
        found.append(time.perf_counter() - start)
    return found


def row(what: str, found: Sequence[float], bar: float, how: str) -> Row:
    """A row that compares the median with a limit."""
    middle = statistics.median(found)
    shown = f"{middle:.2f} s ({min(found):.2f} to {max(found):.2f})"
    return Row(what, shown, f"< {bar:g} s", middle < bar, f"{how}; median of {len(found)}")


def warm(course: Course, rounds: int = 3) -> Row:
    """Verdicts from a warm judge, one at a time, on every exercise's answer and first two mistakes."""
    judge = Judge(ForkRunner(course.root))
    cells = [(c, e) for c in course.chapters for e in c.exercises]
    found: list[float] = []
    for chapter in course.chapters:
        mine = [(c, e) for c, e in cells if c is chapter]
        for c, e in mine:
            judge.judge(c, e, e.with_answer(0, e.mistakes[0].expression))
        for number in range(rounds):
            for c, e in mine:
                wrong = [e.with_answer(m.blank, m.expression) for m in e.mistakes[:2]]
                for source in (e.code, *wrong):
                    start = time.perf_counter()
                    judge.judge(c, e, f"{source}\n# {number}")
                    found.append(time.perf_counter() - start)
    judge.runner.close()
    p95 = statistics.quantiles(found, n=20)[-1]
    shown = f"p95 {p95 * 1000:.0f} ms, median {statistics.median(found) * 1000:.0f} ms"
    how = f"{len(found)} verdicts on {len(cells)} exercises, answers and mistakes, two inputs each"
    return Row("a warm verdict on one exercise", shown, "p95 < 150 ms", p95 < 0.150, how)


def own_file(chapter: Chapter, folder: Path) -> Path:
    """A learner's finished file for a chapter. Each cell has a comment of its own, so that no verdict is known yet."""
    answers = {exercise.id: f"{exercise.code}\n# my own" for exercise in chapter.exercises}
    path = folder / f"{chapter.entry.stem}.py"
    path.write_text(to_percent(learner_cells(chapter, answers)), encoding="utf-8")
    return path


def cold(root: Path, chapters: Sequence[Chapter], times: int = 3) -> list[Row]:
    """Chapters judged cold: the whole command on a learner's finished file, including importing torch."""
    rows = []
    with TemporaryDirectory() as folder:
        files = [str(own_file(chapter, Path(folder))) for chapter in chapters]
        for chapter, file in zip(chapters, files, strict=True):
            found = seconds(["scripts/check.py", file], root, times)
            rows.append(row(f"chapter {chapter.id} judged cold", found, 5, f"{len(chapter.exercises)} exercises"))
        found = seconds(["scripts/check.py", *files], root, 1)
    exercises = sum(len(chapter.exercises) for chapter in chapters)
    rows.append(row("the whole course judged cold", found, 30, f"{exercises} exercises"))
    return rows


def end_resident(root: Path) -> None:
    """End the resident process, if there is one."""
    with suppress(OSError, ValueError, KeyError):
        os.kill(json.loads(connection_file(root).read_text())["pid"], signal.SIGKILL)
    connection_file(root).unlink(missing_ok=True)


def resident(root: Path, chapter: Chapter, times: int = 10) -> list[Row]:
    """One exercise checked from a shell and in a notebook by the resident judge, and the memory it takes."""
    exercise = chapter.exercises[2]
    with TemporaryDirectory() as folder:
        file = own_file(chapter, Path(folder))
        line = next(n for n, text in enumerate(file.read_text().split("\n"), 1) if f'"{exercise.id}"' in text)
        words = ["scripts/check.py", f"{file}:{line}"]
        end_resident(root)
        how = f"{exercise.id} from a shell, right"
        first = seconds(words, root, 1, resident=True)
        rows = [Row("check.py with no judge running", f"{first[0]:.2f} s", "", None, how)]
        rows.append(row("check.py with the resident judge", seconds(words, root, times, resident=True), 0.4, how))
    memory = Client(root).ask("info")["memory"] / 2**20
    rows.append(
        Row("the resident judge's memory", f"{memory:.0f} MB", "", None, "all its processes, shared pages once")
    )
    for running in (False, True):
        if not running:
            end_resident(root)
        found = [first_check(root, chapter) for _ in range(3 if running else 1)]
        state = "running" if running else "not running before"
        rows.append(row("the first check in a notebook", found, 0.5, f"after its imports, judge {state}"))
    return rows


def first_check(root: Path, chapter: Chapter) -> float:
    """The seconds that a notebook's first check takes, right after its cell of imports and the given ones."""
    environment = os.environ | {SWITCH: "1", "JPY_SESSION_NAME": f"{chapter.entry.stem}.ipynb"}
    manager = KernelManager()
    manager.start_kernel(cwd=str(root / "workshop" / "en"), env=environment)
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        for cell in chapter.cells:
            if isinstance(cell, Code):
                start = time.perf_counter()
                client.execute_interactive(cell.code, timeout=120, output_hook=lambda message: None)
                if cell.exercise:
                    return time.perf_counter() - start
        raise AssertionError
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def helps(root: Path, pattern: str = "*.py") -> list[Row]:
    """The `--help` of every command; names the slowest."""
    scripts = sorted(path.name for path in (root / "scripts").glob(pattern))
    found = {name: statistics.median(seconds([f"scripts/{name}", "--help"], root, 5)) for name in scripts}
    slowest = max(found, key=lambda name: found[name])
    how = f"{len(scripts)} commands, median of 5 runs each; the slowest is {slowest}"
    return [Row("--help of every command", f"{found[slowest]:.2f} s", "< 0.3 s", found[slowest] < 0.3, how)]


def build(course: Course) -> Row:
    """The build's check, which derives everything, scaled up to thirteen chapters."""
    found = seconds(["scripts/build.py", "--check"], course.root, 5)
    empty = statistics.median(seconds(["scripts/build.py", "--help"], course.root, 5))
    factor = CHAPTERS_IN_ALL / len(course.chapters)
    scaled = [empty + (second - empty) * factor for second in found]
    how = f"{len(course.chapters)} chapters measured; all but the start-up multiplied by {factor:.2g}"
    return row("deriving thirteen chapters", scaled, 3, how)


def measure() -> list[Row]:
    """Every row about the judge, the build and the commands."""
    course = Course()
    return [
        warm(course),
        *resident(course.root, course.chapter("06")),
        *cold(course.root, course.chapters),
        *helps(course.root),
        build(course),
    ]
