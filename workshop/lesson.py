"""The three verbs of an exercise, `check`, `hint` and `solution`, in a notebook and in a plain run."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from kit.course.answers import Answer, read_file
from kit.course.cells import ANCHOR
from kit.course.course import Course, find_root
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.records import JUDGING, Verdict, text_of
from kit.judge.show import next_step, tell, terminal_width, to_html, to_text
from kit.judge.trials.runners import shared_runner
from kit.judge.verdict_cache import verdict_cache
from kit.learner import hints
from workshop.blank import BlankError
from workshop.here import cell_source, exercises_in, ipython

GIVEN = "this cell is right; the error above comes from a value that it got from an earlier cell"

climbed: dict[str, int] = {}  # the last hint shown for each exercise in this kernel or run


@cache
def course() -> Course:
    """The course that the working folder is in, or else the one this package belongs to."""
    return Course(find_root(Path.cwd()))


@cache
def judge() -> Judge:
    """The judge of this kernel or run, with its warm process."""
    return Judge(shared_runner(course().root))


class Shown:
    """Something with a plain form and an HTML form. A notebook shows the HTML."""

    def __init__(self, text: str, html: str) -> None:
        """Both forms."""
        self.text, self.html = text, html

    def __repr__(self) -> str:
        """The plain form."""
        return self.text

    def _repr_html_(self) -> str:
        """The form for a notebook."""
        return self.html


def show(text: str, html: str) -> None:
    """Show something below the cell, or in the terminal."""
    if ipython() is not None:
        from IPython.display import display

        display(Shown(text, html))  # type: ignore[no-untyped-call]
    else:
        print(text, flush=True)


def show_error(error: KitError) -> None:
    """Show an error in the question or the setup."""
    show(str(error), f"<div>{escape(str(error))}</div>")


def show_verdict(verdict: Verdict) -> None:
    """A verdict: HTML in a notebook, colours in a terminal, plain in a pipe."""
    step = next_step(verdict)
    if ipython() is None:
        tell(verdict, step)
    else:
        show(to_text(verdict, step), to_html(verdict, step))


def answer_for(exercise_id: str, source: str) -> str:
    """The cell to judge: the one that asks. If it does nothing else, the exercise's last run cell, or the one on disk.

    Raises:
        KitError: there isn't one.
    """
    shell = ipython()
    ran = reversed(shell.history_manager.input_hist_raw) if shell is not None else ()
    for cell in (source, *ran):
        if exercise_id in exercises_in(cell) and ANCHOR.sub("", cell).strip():
            return str(cell)
    chapter, _ = course().exercise(exercise_id)
    stem = course().pairs(language()) / chapter.entry.stem
    for path in (stem.with_suffix(".ipynb"), stem.with_suffix(".py")):
        if path.exists() and exercise_id in (work := read_file(path)).answers:
            return work.answers[exercise_id].source
    raise KitError(
        f'no cell ends with `check("{exercise_id}")`',
        chapter.path,
        f"get the exercise back: python scripts/reset_to_todo.py {exercise_id}",
    )


def lean(exercise_id: str, source: str, frame: FrameType) -> str:
    """A cell as the judge takes it: behind the cells that it leans on, run in this kernel or above it in the file."""
    shell = ipython()
    if shell is not None:
        above = tuple(map(str, shell.history_manager.input_hist_raw[:-1]))
    else:
        found = read_file(Path(frame.f_code.co_filename)).answers.get(exercise_id)
        above = found.above if found and found.source.rstrip() == source.rstrip() else ()
    return text_of(course().exercise(exercise_id)[0], Answer(exercise_id, source, 1, above))


def language() -> str:
    """The language that the working folder is for."""
    name = Path.cwd().name
    return name if name in course().languages else "en"


def check(exercise_id: str) -> None:
    """Say whether the cell that ends with this call is right: passed, failed, blank or error. It never raises."""
    if JUDGING in os.environ:
        return
    try:
        chapter, exercise = course().exercise(str(exercise_id))
        source = lean(exercise.id, answer_for(exercise.id, cell_source(sys._getframe(1))), sys._getframe(1))
        verdict = judge().judge(chapter, exercise, source)
        show_verdict(verdict)
        verdict_cache(course()).keep([(verdict, source)])
    except KitError as error:
        show_error(error)


def hint(exercise_id: str, rung: int | None = None) -> None:
    """Show the next hint for an exercise. There are four, and each call goes one further; `rung` picks one, from 1."""
    try:
        _, exercise = course().exercise(str(exercise_id))
    except KitError as error:
        show_error(error)
        return
    number = min(max(rung or climbed.get(exercise.id, 0) + 1, 1), hints.RUNGS)
    climbed[exercise.id] = number
    text = hints.rung(exercise, number)
    head = hints.head(exercise, number)
    body = (
        f"<pre style='margin:0'>{escape(text)}</pre>"
        if number > 2
        else f"<div>{escape(text)}</div>".replace("\n", "<br>")
    )
    show(hints.to_text(exercise, number), f"<div style='padding:2px 10px'><small>{head}</small>{body}</div>")


def solution(exercise_id: str) -> None:
    """Show the finished cell of an exercise."""
    try:
        _, exercise = course().exercise(str(exercise_id))
    except KitError as error:
        show_error(error)
        return
    text = hints.solution(exercise, terminal_width())
    show(text, f"<pre>{escape(text)}</pre>")


def judge_raised(source: str) -> None:
    """Give the verdict on a cell that raised before it reached its `check`."""
    found = exercises_in(source)
    if not found:
        return
    try:
        verdict = judge().judge(*course().exercise(found[-1]), source)
        show_verdict(replace(verdict, message=GIVEN) if verdict.outcome == "passed" else verdict)
    except KitError as error:
        show_error(error)


def after_cell(result: Any) -> None:
    """IPython's hook after each cell."""
    if (result.error_in_exec or result.error_before_exec) and result.info is not None:
        judge_raised(str(result.info.raw_cell))


def after_script(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's hook for an exception that ends a plain run."""
    if isinstance(error, BlankError):
        print(f"blank: {error}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
    while trace is not None and trace.tb_frame.f_globals.get("__name__") != "__main__":
        trace = trace.tb_next
    if trace is not None:
        judge_raised(cell_source(trace.tb_frame, trace.tb_lineno))


def attach() -> None:
    """Hook into the kernel or the plain run, once. In a kernel, start the judge's process too."""
    if JUDGING in os.environ:
        return
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)  # for a chapter's small tensors, a second thread costs more than it gives
    shell = ipython()
    if shell is None:
        if sys.excepthook is sys.__excepthook__:
            sys.excepthook = after_script
        return
    if not getattr(shell, "workshop_attached", False):
        shell.workshop_attached = True
        shell.events.register("post_run_cell", after_cell)
        judge()


attach()
