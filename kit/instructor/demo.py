"""The demo: judge every exercise on the real text, then make a cohort of scripted students and read it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.errors import KitError
from kit.instructor.demo_students import STORIES, make_cohort
from kit.judge.judge import Judge
from kit.judge.show import to_text
from kit.judge.trials.runners import shared_runner


def say(text: str = "") -> None:
    """Print a line right away, so that it comes before anything a child process prints."""
    print(text, flush=True)


def show_mistake(judge: Judge, chapter: Chapter) -> None:
    """Make the first common mistake of the chapter's last exercise, and show the verdict."""
    exercise = chapter.exercises[-1]
    mistake = exercise.mistakes[0]
    verdict = judge.judge(chapter, exercise, exercise.with_answer(mistake.blank, mistake.expression))
    say(f"  a student writes `{mistake.expression}` in {exercise.id} and reads:")
    say(f"  {to_text(verdict)}")


def show_judging(course: Course) -> None:
    """Judge the finished chapters, one line each, followed by a mistake and its message."""
    judge = Judge(shared_runner(course.root))
    say("Every exercise of the finished chapters, judged on the nine plays of the corpus")
    for chapter in course.chapters:
        start = time.perf_counter()
        verdicts = judge.judge_all([(chapter, e, e.code) for e in chapter.exercises])
        blank = [judge.judge(chapter, e, e.todo).outcome for e in chapter.exercises].count("blank")
        passed = [verdict.outcome for verdict in verdicts].count("passed")
        say(
            f"\n{chapter.id} {chapter.entry.title}: {passed} of {len(verdicts)} answers passed, "
            f"{blank} of {len(verdicts)} todos blank, {time.perf_counter() - start:.1f} s"
        )
        show_mistake(judge, chapter)
    judge.runner.close()


def show_cohort(course: Course, folder: Path) -> None:
    """Make the cohort in `folder`, read it with `scripts/progress.py`, print the table and write two reports.

    Raises:
        KitError: git is missing, the folder can't be written, or reading it failed.
    """
    start = time.perf_counter()
    roster = make_cohort(course, folder)
    say(f"{len(STORIES)} students, made as git repositories in {time.perf_counter() - start:.1f} s.")
    words = ["scripts/progress.py", as_typed(folder / "cohort"), as_typed(roster)]
    run_command(course, words)
    run_command(course, [*words, "--format", "json", "--output", as_typed(folder / "progress.json")])
    run_command(course, [*words, "--history", "--format", "html", "--output", as_typed(folder / "class.html")])


def as_typed(path: Path) -> str:
    """The path as a person would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def run_command(course: Course, words: list[str]) -> None:
    """Show a command, and run it the way a person would."""
    say(f"\n$ python {' '.join(words)}")
    done = subprocess.run([sys.executable, str(course.root / words[0]), *words[1:]])
    if done.returncode:
        raise KitError("the cohort couldn't be read", " ".join(words), "run this command by itself to see why")


def show(course: Course) -> None:
    """The whole demo.

    Raises:
        KitError: a part of it failed.
    """
    show_judging(course)
    say("\nA cohort")
    show_cohort(course, course.root / "demo")
    first = course.chapters[0]
    say(f"\nLearner, next:     open workshop/en/{first.entry.stem}.ipynb, then  python scripts/check.py {first.id}")
    say("Instructor, next:  open demo/class.html in a browser, then  python scripts/progress.py FOLDER_OF_CLONES")
    say("                   (or a roster, a CSV with name,url; or github:OWNER/REPO; --verify judges what is filled)")
