"""How fast a cohort is read: `scripts/progress.py` on forks made for the purpose, compared with clone and grep."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from random import Random

from pygit2.enums import ObjectType

from benchmarks import Row
from benchmarks.cohorts import START, build_in_batches
from benchmarks.make_pack import object_id, write_fork
from benchmarks.make_pairs import Sheet
from kit.course.course import Course
from kit.forks.listing import list_fork
from kit.forks.repository import ForkRepository
from kit.git.fast_import import Commit, write_history
from kit.instructor.demo_students import attempt

FORKS, COMMITS = 1000, 10
SECONDS, MEGABYTES, TIMES, BEND = 3.0, 300, 20, 1.3
LARGE, LARGE_SECONDS, LARGE_MEGABYTES, AGAIN, CHANGED = 10_000, 10.0, 600, 5.0, 0.01
WALKED = 5.0  # seconds for the histories of `FORKS`
MOST = 3  # exercises in a commit: students save after one or a few
SAMPLE = 50  # forks that we clone; the rest is extrapolated
# The command, in a process of its own; it prints its cost: seconds, and kilobytes for itself and its largest worker.
COMMAND = """
import json, resource, sys, time
start = time.perf_counter()
from scripts.progress import main
code = main(sys.argv[1:])
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
cpu = sum(each.ru_utime + each.ru_stime for each in used)
print(json.dumps({"code": code, "peak": [each.ru_maxrss for each in used], "cpu": cpu}))
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """One run: its seconds, including the interpreter's start-up; the most memory it can have used, in MB; and its
    processor seconds, workers included, which are more telling on a busy machine."""

    seconds: float
    megabytes: float
    processor: float


def student_commits(sheets: Sequence[Sheet], number: int, commits: int) -> Iterator[Commit]:
    """One student's work: each commit fills one to `MOST` exercises, in the course's order, some with a note."""
    random = Random(number)
    left = [(sheet, exercise) for sheet in sheets for exercise in sheet.chapter.exercises]
    answers: dict[str, str] = {}
    for step in range(commits):
        count = random.randint(1, MOST)
        taken, left = left[:count], left[count:]
        for _, exercise in taken:
            note = f"# my {random.randint(1, 99)}. try\n" if random.random() < 0.3 else ""
            answers[exercise.id] = note + attempt(exercise, random)
        files: dict[str, bytes | None] = {"diary.txt": f"{step}\n".encode()}
        for sheet in {sheet.chapter.id: sheet for sheet, _ in taken}.values():
            files |= sheet.pair(answers, answers)
        when = START + timedelta(days=2 * step, minutes=random.randint(0, 240))
        yield Commit(when, f"step {step}", files, f"student-{number:04d}")


def build_forks(course: Course, folder: Path, commits: int, numbers: range) -> None:
    """The forks with these numbers, on top of the base."""
    sheets = sheets_of(course)
    files = {path: object_id("blob", data) for sheet in sheets for path, data in sheet.pair({}, ()).items()}
    for number in numbers:
        work = student_commits(sheets, number, commits - 1)
        write_fork(folder / "forks" / f"student-{number:05d}.git", work, folder / "base.git", files)


@cache
def sheets_of(course: Course) -> tuple[Sheet, ...]:
    """A sheet for each chapter."""
    return tuple(map(Sheet.of, course.chapters))


def build(course: Course, folder: Path, forks: int = FORKS, commits: int = COMMITS) -> Path:
    """Make this many forks with this many commits each, including the course's first one; returns their folder."""
    files: dict[str, bytes | None] = {}
    for sheet in sheets_of(course):
        files |= sheet.pair({}, ())
    write_history(folder / "base.git", [Commit(START - timedelta(days=3), "The workshop", files, "course")])
    (folder / "forks").mkdir()
    build_in_batches(partial(build_forks, course, folder, commits), forks, batch=25)
    return folder / "forks"


def read(forks: Path, course: Course, *options: str) -> Reading:
    """Run `scripts/progress.py` on a folder of forks, cold; with `--cache`, it uses what an earlier run kept.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    words = [str(forks), "--output", str(forks.parent / "report"), *options]
    if "--cache" not in options:
        shutil.rmtree(forks.parent / "cold", ignore_errors=True)
        words += ["--cache", str(forks.parent / "cold")]
    environment = os.environ | {"PYTHONPATH": str(course.root)}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        capture_output=True, text=True, check=True, env=environment, cwd=course.root,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    seen = json.loads(done.stdout)
    own, worker = seen["peak"]
    size = (own + worker * (os.cpu_count() or 1)) / (2**20 if sys.platform == "darwin" else 2**10)
    return Reading(seconds, size, seen["cpu"])


def clone_and_grep(forks: list[Path], folder: Path) -> float:
    """Seconds for what people would do without us: clone each fork, and count the ticks in its files."""
    start = time.perf_counter()
    for fork in forks:
        subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{fork}", str(folder / fork.stem)], check=True)
        found = ["grep", "-rcE", "-e", r"- \[[xX]\]", str(folder / fork.stem / "workshop")]
        subprocess.run(found, check=False, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def count_blobs(forks: Path) -> int:
    """How many distinct chapter files the tips of these forks have."""
    repositories = (ForkRepository(fork) for fork in forks.iterdir())
    listings = (list_fork(repository, repository.tip(), {}).files for repository in repositories)
    return len({file.oid for listing in listings for files in listing.values() for file in files})


def part_of(forks: Path, number: int) -> Path:
    """A folder with links to the first forks of another."""
    folder = forks.parent / f"first-{number}"
    folder.mkdir()
    for fork in sorted(forks.iterdir())[:number]:
        (folder / fork.name).symlink_to(fork)
    return folder


def change(forks: Path, share: float) -> int:
    """One more commit in this share of the forks; returns how many forks that is."""
    some = sorted(forks.iterdir())[:: round(1 / share)]
    for fork in some:
        repository = ForkRepository(fork)
        tip = repository.commit(repository.tip().oid)
        who = f"student <student@example.org> {tip.seconds + 60} +0000"
        text = f"tree {tip.tree}\nparent {tip.oid}\nauthor {who}\ncommitter {who}\n\nmore"
        oid = repository.odb.write(ObjectType.COMMIT, text.encode())
        (fork / "refs" / "heads" / "main").write_text(f"{oid}\n")
    return len(some)


def measure_large(forks: int = LARGE) -> list[Row]:
    """A cohort of any size: read cold, read again, read a quarter and a half of it, and up to `FORKS` histories."""
    course = Course()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        began = time.perf_counter()
        cohort = build(course, folder, forks)
        built = time.perf_counter() - began
        as_json, kept = ("--format", "json"), ("--cache", str(folder / "kept"))
        parts = [read(part_of(cohort, forks // share), course, *as_json) for share in (4, 2)]
        whole = read(cohort, course, *as_json, *kept)
        few = part_of(cohort, min(FORKS, max(1, forks // 10)))
        walks = [read(few, course, "--history", *as_json) for _ in range(3)]
        count = change(cohort, CHANGED)
        again = read(cohort, course, *as_json, *kept)
    walked = min(walks, key=lambda reading: reading.seconds)
    took = f"best of {len(walks)}, cold: {', '.join(f'{reading.seconds:.2f}' for reading in walks)} s"
    quarter, half = parts
    straight = half.seconds + 2 * (half.seconds - quarter.seconds)
    size = min(FORKS, max(1, forks // 10))
    what = f"{forks:,} local forks, {forks * COMMITS:,} commits"
    cold = f"once, cold process to written JSON, {os.cpu_count()} cores; the forks were made in {built:.0f} s"

    def seconds(what: str, reading: Reading, bar: float, how: str) -> Row:
        spent = f"{how}; {reading.processor:.1f} s of processor time"
        return Row(what, f"{reading.seconds:.2f} s", f"< {bar:g} s", reading.seconds < bar, spent)

    return [
        seconds(f"{what}: read", whole, LARGE_SECONDS, cold),
        Row(
            "memory it took",
            f"{whole.megabytes:.0f} MB",
            f"< {LARGE_MEGABYTES} MB",
            whole.megabytes < LARGE_MEGABYTES,
            "peak, workers added in full",
        ),
        Row(
            "time is linear in forks",
            f"{quarter.seconds:.2f}, {half.seconds:.2f}, {whole.seconds:.2f} s",
            f"< {BEND:g} × straight",
            whole.seconds < BEND * straight,
            f"{forks // 4}, {forks // 2}, {forks} forks; processor: {quarter.processor:.1f}, {half.processor:.1f}, "
            f"{whole.processor:.1f} s",
        ),
        seconds("read again, one in a hundred changed", again, AGAIN, f"{count} forks have one more commit"),
        seconds(f"{size:,} forks, {size * COMMITS:,} commits: --history", walked, WALKED, took),
    ]


def measure(forks: int = FORKS, runs: int = 3) -> list[Row]:
    """Build the cohort, measure, and compare. This takes minutes, most of them for building."""
    course = Course()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cohort = build(course, folder, forks)
        sizes = [forks // 4, forks // 2]
        parts = [*(part_of(cohort, size) for size in sizes), cohort]
        as_json = ("--format", "json")
        readings = [[read(part, course, *as_json) for _ in range(runs)] for part in parts]
        quarter, half, whole = (min(reading.seconds for reading in part) for part in readings)
        memory = max(reading.megabytes for reading in readings[-1])
        table = read(cohort, course, "--format", "table").seconds
        blobs = count_blobs(cohort)
        sample = sorted(cohort.iterdir())[:: max(1, forks // SAMPLE)][:SAMPLE]
        cloned = clone_and_grep(sample, folder / "clones") / len(sample) * forks
    straight = half + 2 * (half - quarter)
    what = f"{forks:,} local forks, {forks * COMMITS:,} commits, {len(course.chapters)} chapters"
    tips = f"{blobs:,} distinct files at their tips"
    best = f"best of {runs}, cold process to written JSON, {os.cpu_count()} cores"
    return [
        Row(f"{what}: read", f"{whole:.2f} s", f"< {SECONDS:g} s", whole < SECONDS, f"{best}; {tips}"),
        Row(
            "memory it took", f"{memory:.0f} MB", f"< {MEGABYTES} MB", memory < MEGABYTES, "peak, workers added in full"
        ),
        Row(
            "time is linear in forks",
            f"{quarter:.2f}, {half:.2f}, {whole:.2f} s",
            f"< {BEND:g} × straight",
            whole < BEND * straight,
            f"{sizes[0]}, {sizes[1]}, {forks} forks; a straight line through the first two ends at {straight:.2f} s",
        ),
        Row(
            "compared with git clone --depth 1 and grep",
            f"{cloned / whole:.0f} times faster",
            f">= {TIMES} times",
            cloned >= TIMES * whole,
            f"{len(sample)} of the same forks cloned and searched, extrapolated to {forks}: {cloned:.0f} s",
        ),
        Row("the same, as a table", f"{table:.2f} s", "", None, "once"),
        *measure_large(10 * forks),
    ]
