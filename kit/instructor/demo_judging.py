"""The demo's first half: every finished exercise judged on the real text, and what a learner reads after a slip."""

from __future__ import annotations

import time

from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.judge.judge import Judge
from kit.judge.runners import shared_runner
from kit.judge.show import to_text


def slip(judge: Judge, chapter: Chapter) -> None:
    """Make the first mistake of the chapter's last exercise, and show the verdict."""
    exercise = chapter.exercises[-1]
    mistake = exercise.mistakes[0]
    verdict = judge.judge(chapter, exercise, exercise.with_answer(mistake.blank, mistake.expression))
    print(f"  somebody writes `{mistake.expression}` in {exercise.id} and reads:")
    print(f"  {to_text(verdict)}", flush=True)


def show(course: Course | None = None) -> None:
    """Judge the finished chapters, one line each; after each, a mistake and its message."""
    course = course or Course()
    judge = Judge(shared_runner(course.root))
    print("Every exercise of the finished chapters, judged on the nine plays of the corpus", flush=True)
    for chapter in course.chapters:
        start = time.perf_counter()
        verdicts = judge.judge_all([(chapter, e, e.code) for e in chapter.exercises])
        blank = [judge.judge(chapter, e, e.todo).outcome for e in chapter.exercises].count("blank")
        passed = [verdict.outcome for verdict in verdicts].count("passed")
        print(
            f"\n{chapter.id} {chapter.entry.title}: {passed} of {len(verdicts)} answers passed, "
            f"{blank} of {len(verdicts)} todos blank, {time.perf_counter() - start:.1f} s",
            flush=True,
        )
        slip(judge, chapter)
    judge.runner.close()
