"""The demo: the main job on real input, shown. Every exercise judged, then a cohort made and read."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from kit.course.course import Course
from kit.errors import KitError
from kit.instructor.demo_students import STORIES, make_cohort


def say(text: str = "") -> None:
    """Print a line at once, so that it stands before what a child process prints."""
    print(text, flush=True)


def show_cohort(course: Course, folder: Path) -> None:
    """Make the cohort below `folder`, read it with `scripts/progress.py`, print the table, write two reports.

    Raises:
        KitError: git is missing, the folder cannot be written, or the reading failed.
    """
    start = time.perf_counter()
    roster = make_cohort(course, folder)
    say(f"{len(STORIES)} students, made as git repositories in {time.perf_counter() - start:.1f} s.")
    words = ["scripts/progress.py", shown(folder / "cohort"), shown(roster)]
    read(course, words)
    read(course, [*words, "--format", "json", "--output", shown(folder / "progress.json")])
    read(course, [*words, "--history", "--format", "html", "--output", shown(folder / "class.html")])


def shown(path: Path) -> str:
    """The path as a person would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def read(course: Course, words: list[str]) -> None:
    """Run one command as a person would, and show it."""
    say(f"\n$ python {' '.join(words)}")
    done = subprocess.run([sys.executable, str(course.root / words[0]), *words[1:]])
    if done.returncode:
        raise KitError("the cohort could not be read", " ".join(words), "run it by itself and see what it says")


def show(course: Course) -> None:
    """The whole demo.

    Raises:
        KitError: a part of it failed.
    """
    from kit.instructor.demo_judging import show as show_judging

    show_judging()
    say("\nA cohort")
    show_cohort(course, course.root / "demo")
    first = course.chapters[0].entry.stem
    say(f"\nLearner, next:     open workshop/en/{first}.ipynb, then  python scripts/check.py {course.chapters[0].id}")
    say("Instructor, next:  open demo/class.html in a browser, then  python scripts/progress.py FOLDER_OF_CLONES")
    say("                   (or a roster, a CSV with name,url; or github:OWNER/REPO; --verify judges what is filled)")
