"""How large a class's page is, and how soon you can use it: made-up students, a real browser."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from benchmarks import Row
from kit.course.course import Course
from kit.course.outline import Outline, outlines_of
from kit.forks.cohort import Cohort
from kit.forks.records import Event, Fork, History, Stuck, Tip
from kit.pairs.progress import ChapterProgress, Flag

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STUDENTS = 500
MEGABYTES, SECONDS = 3.0, 1.0
START = datetime(2026, 3, 2, 18, tzinfo=UTC)
WEEKS = 6
MESSAGES = (
    "The sum runs along the wrong dimension: rows are added, columns were meant. Give `dim=0`.",
    "`scores` should have shape (4, 8, 8), and has (4, 8, 16)",
    "`loss` raises RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x16 and 8x65)",
    "The mask is added before the division; so the scale changes what it hides.",
)
# What Chromium needs to run in a container without sending anything anywhere.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def executable() -> str | None:
    """This system's Chromium, if it has one; with None, playwright uses its own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A headless browser.

    Raises:
        playwright.sync_api.Error: there isn't one.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable(), args=list(OPTIONS))
        try:
            yield browser
        finally:
            browser.close()


def with_checks(fork: Fork, outlines: Sequence[Outline], random: Random) -> Fork:
    """The fork as if it had been verified and its history had been read; about one answer in ten fails."""
    if not fork.chapters or fork.tip is None:
        return fork
    chapters: dict[str, ChapterProgress] = {}
    events: list[Event] = []
    for outline in outlines:
        progress = fork.chapters[outline.id]
        wrong = [one for one in progress.filled if random.random() < (0.3 if one.endswith("3") else 0.06)]
        passed = tuple(one for one in progress.filled if one not in wrong)
        failed = {
            one: MESSAGES[0] if one.endswith("3") and random.random() < 0.7 else random.choice(MESSAGES)
            for one in wrong
        }
        chapters[outline.id] = replace(progress, verified=passed, failed=failed)
        events += [Event(one, "filled", None, "") for one in progress.filled]
        events += [Event(one, "ticked", None, "") for one in progress.ticked]
    events.sort(key=lambda event: event.id)
    last = fork.tip.committed_at or START
    pace = max(timedelta(), last - START) / max(1, len(events))
    dated = tuple(
        replace(event, at=START + pace * (n + 1), commit=f"{random.getrandbits(160):040x}")
        for n, event in enumerate(events)
    )
    stuck: tuple[Stuck, ...] = ()
    done = [exercise for progress in chapters.values() for exercise in progress.filled]
    if done and random.random() < 0.07:
        since = last - timedelta(days=random.randint(3, 9))
        days, commits = (last - since).days, random.randint(3, 9)
        stuck = (Stuck(done[-1], since, f"begun {days} days ago, {commits} commits since; others need half an hour"),)
    return replace(fork, chapters=chapters, history=History(dated, len(dated), stuck=stuck), sandbox="bubblewrap")


def student(number: int, outlines: Sequence[Outline], random: Random) -> Fork:
    """A student somewhere in the course, perhaps with flags, perhaps unreadable."""
    name = f"student-{number:03d}"
    source = f"https://github.com/course/workshop-{name}.git"
    if random.random() < 0.03:
        return Fork(name, source, random.choice(("empty", "not found", "timed out")), "it couldn't be read", extra={})
    exercises = [exercise for outline in outlines for exercise in outline.exercises]
    done = set(exercises[: int(len(exercises) * min(1.0, random.betavariate(2.2, 2.6)))])
    quick = START + timedelta(days=random.triangular(3, 7 * WEEKS, 7 * WEEKS - 2), minutes=random.randint(0, 240))
    chapters: dict[str, ChapterProgress] = {}
    for outline in outlines:
        filled = tuple(one for one in outline.exercises if one in done)
        ticked = tuple(
            one for one in outline.items if (one in done or ("r" in one and filled)) and random.random() < 0.93
        )
        path = f"workshop/en/{outline.stem}.py"
        flags: list[Flag] = []
        if filled and random.random() < 0.05:
            flags.append(Flag("pair differs", (filled[-1],), path, random.randint(30, 400)))
        if filled and random.random() < 0.04:
            flags.append(Flag("pair stale"))
        chapters[outline.id] = ChapterProgress(len(outline.items), ticked, filled, None, tuple(flags))
    tip = Tip(f"{random.getrandbits(160):040x}", "main", quick)
    return Fork(name, source, "ok", "", tip, chapters, {"group": f"group {number % 9 + 1}"})


def made_up(outlines: Sequence[Outline], students: int = STUDENTS, *, checked: bool = True) -> Cohort:
    """A class of this many students, the same on every call; `checked` adds verdicts and histories."""
    random = Random(students)
    forks = [student(number, outlines, random) for number in range(1, students + 1)]
    if checked:
        forks = [with_checks(fork, outlines, random) for fork in forks]
    return Cohort(START + timedelta(days=7 * WEEKS), tuple(outlines), tuple(forks))


def opening_times(browser: Browser, file: Path, runs: int = 3) -> tuple[float, float]:
    """Seconds from opening the page until it responds, and from a click that sorts until it's redrawn; the best."""
    opened, sorted_ = [], []
    for _ in range(runs):
        view = browser.new_page(viewport={"width": 1280, "height": 900})
        view.goto(file.as_uri())
        opened.append(view.evaluate("performance.getEntriesByName('ready')[0].startTime") / 1000)
        sorted_.append(
            view.evaluate(
                """() => new Promise((done) => { const start = performance.now();
                document.getElementById("sort5").click();
                requestAnimationFrame(() => setTimeout(() => done((performance.now() - start) / 1000))) })"""
            )
        )
        view.close()
    return min(opened), min(sorted_)


def measure(students: int = STUDENTS, runs: int = 3) -> list[Row]:
    """The rows about the page: make a class, write its page, open it."""
    from kit.report.formats import to_html
    from kit.report.options import RenderOptions

    cohort = made_up(outlines_of(Course()), students)
    start = time.perf_counter()
    data = to_html(cohort, RenderOptions()).encode()
    made = time.perf_counter() - start
    size = len(data) / 1e6
    what = f"HTML for {students} students, {len(cohort.outlines)} chapters, verified, with history"
    rows = [
        Row(what, f"{size:.2f} MB", f"< {MEGABYTES:g} MB", size < MEGABYTES, f"made in {made:.2f} s"),
    ]
    from playwright.sync_api import Error

    try:
        with tempfile.TemporaryDirectory() as scratch, browsing() as browser:
            file = Path(scratch) / "class.html"
            file.write_bytes(data)
            opened, drawn = opening_times(browser, file, runs)
    except Error as error:
        reason = str(error).split("\n")[0]
        return [
            *rows,
            Row("until the page responds", "not measured", f"< {SECONDS:g} s", None, f"no browser: {reason}"),
        ]
    how = f"best of {runs}, headless Chromium, {os.cpu_count()} cores"
    return [
        *rows,
        Row("until the page responds", f"{opened:.2f} s", f"< {SECONDS:g} s", opened < SECONDS, f"{how}, from a file"),
        Row("sorting all of it", f"{drawn:.2f} s", f"< {SECONDS:g} s", drawn < SECONDS, f"{how}, click to picture"),
    ]
