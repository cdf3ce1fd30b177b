"""The three verbs of a chapter, `check`, `hint` and `solution`, in a notebook and in a plain run alike."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any

from kit.course.answers import read_file
from kit.course.cells import ANCHOR
from kit.course.course import Course, find_root
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.records import Verdict
from kit.judge.runners import shared_runner
from kit.judge.show import next_step, tell, terminal_width, to_html, to_text
from kit.judge.verdict_cache import verdict_cache
from kit.learner import hints
from workshop.blank import BlankError
from workshop.here import cell_at

GIVEN = "this cell is right; the error above comes from what an earlier cell has given it"

climbed: dict[str, int] = {}


@cache
def course() -> Course:
    """The course around the working folder, else the one this package belongs to."""
    return Course(find_root(Path.cwd()))


@cache
def judge() -> Judge:
    """The judge of this kernel or run, with its warm process."""
    return Judge(shared_runner(course().root))


def kernel() -> Any:
    """The IPython shell around this code, or None in a plain run."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


class Shown:
    """Something with a plain and an HTML form; a notebook takes the second."""

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
    """Show something where the person looks: below the cell, or in the terminal."""
    if kernel() is not None:
        from IPython.display import display

        display(Shown(text, html))  # type: ignore[no-untyped-call]
    else:
        print(text, flush=True)


def show_error(error: KitError) -> None:
    """Say what is wrong with the question, or with the set-up."""
    show(str(error), f"<div>{escape(str(error))}</div>")


def show_verdict(verdict: Verdict) -> None:
    """A verdict: HTML in a notebook, colours in a terminal, plain in a pipe."""
    step = next_step(verdict)
    if kernel() is None:
        tell(verdict, step)
    else:
        show(to_text(verdict, step), to_html(verdict, step))


def answer_for(id: str, source: str) -> str:
    """The cell to judge: the one that asks, or, when it only asks, the exercise's cell run last, or the one on disk.

    Raises:
        KitError: there is no such cell.
    """
    if ANCHOR.sub("", source).strip() and id in [found[1] for found in ANCHOR.findall(source)]:
        return source
    shell = kernel()
    if shell is not None:
        for ran in reversed(shell.history_manager.input_hist_raw):
            if id in [found[1] for found in ANCHOR.findall(ran)] and ANCHOR.sub("", ran).strip():
                return str(ran)
    chapter, _ = course().exercise(id)
    stem = course().pairs(language()) / chapter.entry.stem
    for path in (stem.with_suffix(".ipynb"), stem.with_suffix(".py")):
        if path.exists() and id in (work := read_file(path)).answers:
            return work.answers[id].source
    raise KitError(
        f'there is no cell that ends with `check("{id}")`',
        chapter.path,
        f"reset it: python scripts/reset_to_todo.py {id}",
    )


def language() -> str:
    """The language of the folder that this runs in."""
    name = Path.cwd().name
    return name if name in course().languages else "en"


def check(id: str) -> None:
    """Say whether the cell that ends with this call is right: passed, failed, blank or error. Never raises."""
    if "WORKSHOP_JUDGE" in os.environ:
        return
    try:
        chapter, exercise = course().exercise(str(id))
        source = answer_for(exercise.id, cell_at(sys._getframe(1)).source)
        verdict = judge().judge(chapter, exercise, source)
        show_verdict(verdict)
        verdict_cache(course()).keep([(verdict, source)])
    except KitError as error:
        show_error(error)


def hint(id: str, rung: int | None = None) -> None:
    """Show the next hint for an exercise; each call climbs one rung, of four. `rung` goes to a certain one."""
    try:
        _, exercise = course().exercise(str(id))
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


def solution(id: str) -> None:
    """Show the finished cell of an exercise."""
    try:
        _, exercise = course().exercise(str(id))
    except KitError as error:
        show_error(error)
        return
    text = hints.solution(exercise, terminal_width())
    show(text, f"<pre>{escape(text)}</pre>")


def judge_raised(source: str) -> None:
    """After a cell raised before its `check` was reached: give the verdict all the same."""
    found = ANCHOR.findall(source)
    if not found:
        return
    try:
        verdict = judge().judge(*course().exercise(found[-1][1]), source)
        show_verdict(replace(verdict, message=GIVEN) if verdict.outcome == "passed" else verdict)
    except KitError as error:
        show_error(error)


def after_cell(result: Any) -> None:
    """IPython's hook behind each cell."""
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
        judge_raised(cell_at(trace.tb_frame, trace.tb_lineno).source)


def attach() -> None:
    """Hook into the kernel or the plain run, once; in a kernel, start the judge's process in the background."""
    if "WORKSHOP_JUDGE" in os.environ:
        return
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)  # for tensors as small as a chapter's, a second thread costs more than it gives
    shell = kernel()
    if shell is None:
        if sys.excepthook is sys.__excepthook__:
            sys.excepthook = after_script
        return
    if not getattr(shell, "workshop_attached", False):
        shell.workshop_attached = True
        shell.events.register("post_run_cell", after_cell)
        judge()


attach()
