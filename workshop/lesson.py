"""The three verbs of an exercise, `check`, `hint` and `solution`, in a notebook and in a plain run."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any

from kit.course.answers import Answer
from kit.course.cells import asks_only, exercise_cells
from kit.course.course import Course, find_root
from kit.errors import KitError
from kit.i18n import told
from kit.judge.records import JUDGING, Verdict, text_of
from kit.judge.resident.remote import ResidentJudge
from kit.judge.show import SEVERAL, marked, next_step, tell, to_html, to_text
from kit.judge.verdict_cache import verdict_cache
from kit.learner import hints
from kit.learner.language import chosen
from kit.learner.placed import ticked_in
from kit.learner.told import exercise_in, speak, verdict_in
from kit.terminal import terminal_width
from kit.text import visible
from workshop import answer, colab, here
from workshop.blank import BlankError
from workshop.here import cell_source, ipython

GIVEN = "this cell is right; the error above comes from a value that it got from an earlier cell"

asked: set[tuple[int, str]] = set()  # which exercises a `check` has been called for, with the number of the run
climbed: dict[str, int] = {}  # the last hint shown for each exercise in this kernel or run


@cache
def course() -> Course:
    """The course that the working folder is in, or else the one this package belongs to."""
    return Course(find_root(Path.cwd()))


@cache
def judge() -> ResidentJudge:
    """The judge of this kernel or run: the checkout's resident one, if there can be one."""
    return ResidentJudge(course().root)


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
    text = visible(str(error))
    show(text, f"<div>{marked(text)}</div>")


def show_verdict(verdict: Verdict, note: str = "") -> None:
    """A verdict: HTML in a notebook, colours in a terminal, plain in a pipe. A mistake's message is in our language."""
    verdict = verdict_in(course(), verdict, language())
    step = next_step(verdict, verdict.outcome == "passed" and verdict.id in ticked_here(verdict.id))
    if ipython() is None:
        tell(verdict, step, note)
    else:
        show(to_text(verdict, step, note), to_html(verdict, step, note))


def ticked_here(exercise_id: str) -> set[str]:
    """What's ticked in the exercise's chapter, as it was last saved."""
    chapter = course().exercise(exercise_id)[0]
    return ticked_in(course().pairs(language()) / chapter.entry.stem)


def language() -> str:
    """The language of the file that runs, or else the one that the learner is in."""
    return colab.language(course()) or chosen(course(), words=[here.own_file()])


def check(exercise_id: str) -> None:
    """Say whether the cell that this is called from is right: passed, failed, blank or error. It never raises.

    If the cell only asks, the exercise's last cell is judged, and a note says which one that is.
    """
    if JUDGING in os.environ:
        return
    try:
        chapter, exercise = course().exercise(str(exercise_id))
        if not is_first_time(exercise.id):
            return
        found = answer.find(course(), language(), exercise.id, sys._getframe(1))
        verdict = judge().judge(chapter, exercise, found.text)
        show_verdict(verdict, told(found.note))
        verdict_cache(course()).keep([(verdict, found.text)])
    except KitError as error:
        show_error(error)


def is_first_time(exercise_id: str) -> bool:
    """Whether this run of a cell hasn't asked about the exercise before: `%%timeit` and loops ask again and again."""
    key = (len(here.ran), exercise_id)
    if key in asked and ipython() is not None:
        return False
    asked.add(key)
    return True


def hint(exercise_id: str, rung: int | None = None) -> None:
    """Show the next hint for an exercise. Each call goes one rung further; `rung` picks one, from 1."""
    try:
        exercise = exercise_in(course(), str(exercise_id), language())
    except KitError as error:
        show_error(error)
        return
    number = min(max(rung or climbed.get(exercise.id, 0) + 1, 1), hints.RUNGS)
    climbed[exercise.id] = number
    text = hints.rung(exercise, number)
    head = hints.head(exercise, number)
    body = (
        f"<pre style='margin:0'>{escape(text)}</pre>"
        if hints.is_code(number)
        else f"<div>{marked(text)}</div>".replace("\n", "<br>")
    )
    show(hints.to_text(exercise, number), f"<div style='padding:2px 10px'><small>{head}</small>{body}</div>")


def solution(exercise_id: str) -> None:
    """Show the finished cell of an exercise."""
    try:
        exercise = exercise_in(course(), str(exercise_id), language())
    except KitError as error:
        show_error(error)
        return
    text = hints.solution(exercise, terminal_width())
    show(text, f"<pre>{escape(text)}</pre>")


def judge_raised(cell: str, whole: bool = False, file: Path | None = None) -> None:
    """Give the verdict on a cell, of a `file` or of this kernel, that raised before it reached a `check`.

    It's about the first exercise that hasn't had one, or about all if not even one line of the `whole` cell has run.
    """
    cells = exercise_cells(cell)
    left = [each for each in cells if (len(here.ran), each) not in asked and not asks_only(cells[each])]
    try:
        for exercise_id in left if whole else left[:1]:
            chapter, exercise = course().exercise(exercise_id)
            above = answer.above_in(file, exercise_id, cells[exercise_id]) if file else tuple(here.earlier_cells())
            text = text_of(chapter, Answer(exercise_id, cells[exercise_id], 1, above))
            verdict = judge().judge(chapter, exercise, text)
            verdict = replace(verdict, message=GIVEN) if verdict.outcome == "passed" else verdict
            show_verdict(verdict, told(SEVERAL) if len(cells) > 1 else "")
    except KitError as error:
        show_error(error)


def after_cell(result: Any) -> None:
    """IPython's hook after each cell."""
    if (result.error_in_exec or result.error_before_exec) and result.info is not None:
        judge_raised(str(result.info.raw_cell), whole=bool(result.error_before_exec))


def after_script(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's hook for an exception that ends a plain run."""
    if isinstance(error, BlankError):
        print(told(f"blank: {error}"), file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
    while trace is not None and trace.tb_frame.f_globals.get("__name__") != "__main__":
        trace = trace.tb_next
    if trace is not None:
        judge_raised(cell_source(trace.tb_frame, trace.tb_lineno), file=Path(trace.tb_frame.f_code.co_filename))


def attach() -> None:
    """Hook into the kernel or the plain run, once. In a kernel, start the judge's process too."""
    if JUDGING in os.environ:
        return
    speak(course().root, language())
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
        here.follow(shell)
        shell.events.register("post_run_cell", after_cell)
        judge().begin(here.notebook_chapter(shell))


attach()
