"""What a chapter's names hold just before an exercise (the state), and what a cell makes of them.

    walk    runs a finished chapter, and stops before and after each exercise's cell
    trial   runs one cell on a state, and observes what it made

A trial spoils its state, so each gets a process of its own: forked (kit.judge.processes), or, where there is no
`fork()`, this module started anew for each job: `python -m kit.judge.trial ROOT`, the packed job on standard input, the
reply on standard output.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.course.chapter import Chapter, Code
from kit.course.course import Course
from kit.errors import KitError
from kit.judge.prepare import import_for, prepare_torch
from kit.judge.records import Job, Reply, error_reply, observation_reply, unpack_job
from kit.judge.redraw import redrawn_program
from kit.judge.values import Error, Observation, observe

ANSWER = "<your answer>"
State = dict[str, Any]


def seed(number: int) -> None:
    """Seed every source of random numbers that a cell might use."""
    import torch

    torch.manual_seed(number)
    random.seed(number)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(number % 2**32)


@dataclass(frozen=True, slots=True)
class Step:
    """A finished code cell to run: its code, its place in the source, what it redraws, and an exercise's `todo`."""

    code: str
    where: str
    redraws: tuple[str, ...] = ()
    todo: str | None = None


@dataclass(frozen=True, slots=True)
class ScriptCell:
    """A step that hasn't been read yet: its exercise's id, empty for none, and how to read it.

    This way, a process that stops before an exercise hasn't read the answer.
    """

    exercise: str
    read: Callable[[], Step]


def script_cells(chapter: Chapter) -> Iterator[ScriptCell]:
    """The steps of a finished chapter, in order."""
    for cell in chapter.cells:
        if isinstance(cell, Code):
            step = step_of(chapter, cell)
            yield ScriptCell(cell.exercise.id if cell.exercise else "", lambda step=step: step)  # type: ignore[misc]


def step_of(chapter: Chapter, cell: Code) -> Step:
    """A code cell as a step."""
    todo = cell.exercise.todo if cell.exercise else None
    return Step(cell.code, f"{chapter.path}:{cell.line}", cell.redraws, todo)


def walk(script: Iterable[ScriptCell], salt: int) -> Iterator[tuple[str, State, bool]]:
    """Run a finished chapter. Before and after each exercise's cell, yield its id, the state, and whether it has run.

    Raises:
        KitError: the finished chapter itself fails: its author's mistake.
    """
    state: State = {"__name__": "__main__"}
    for cell in script:
        if cell.exercise:
            yield cell.exercise, state, False
        step = cell.read()
        import_for(step.code)
        try:
            seed(salt)
            exec(redrawn_program(step.code, salt, step.where, step.todo), state)
            if cell.exercise:
                yield cell.exercise, state, True
            if salt:
                for statement in step.redraws:
                    exec(redrawn_program(statement, 0, step.where), state)
        except Exception as error:
            raise KitError(f"the finished chapter fails here: {type(error).__name__}: {error}", step.where) from error


def same_weights(module: Any) -> Any:
    """Fill a module's parameters with numbers that depend on their shapes alone, turn dropout off, and return it.

    The k-th parameter of a shape always gets the same numbers, so two modules can be compared whatever their attributes
    are called.
    """
    import torch

    seen: dict[tuple[int, ...], int] = {}
    with torch.no_grad():
        for parameter in module.parameters():
            shape = tuple(parameter.shape)
            seen[shape] = seen.get(shape, 0) + 1
            generator = torch.Generator().manual_seed(seen[shape])
            parameter.copy_(torch.randn(shape, generator=generator))
    return module.eval()


def trial(state: State, job: Job) -> Observation:
    """Run a job's cell on a state, and observe what it made, or what it raised. Spoils the state."""
    try:
        compiled = redrawn_program(job.code, job.salt, ANSWER, job.todo)
    except SyntaxError as error:
        return Observation({}, Error("SyntaxError", error.msg, error.lineno or 0))
    try:
        import_for(job.code, *job.probes)
        seed(job.salt)
        exec(compiled, state)
        return observe_state(state, job)
    except BaseException as error:  # a cell may raise anything, SystemExit and KeyboardInterrupt included
        return Observation({}, describe(error))


def observe_state(state: State, job: Job) -> Observation:
    """Observe the names that a job's cell assigned, then its probes, which may spoil the state.

    A missing name is left out of the values; if a probe raises, that is its value.
    """
    values = {name: observe(state[name]) for name in job.names if name in state}
    for probe in job.probes:
        try:
            seed(job.salt)
            scope = state | {"same_weights": same_weights}
            values[probe] = observe(eval(compile(probe, "<probe>", "eval"), scope))
        except BaseException as error:
            raised = describe(error)
            values[probe] = {"kind": "raised", "type": raised.type, "text": raised.text, "line": raised.line}
    return Observation(values)


def describe(error: BaseException) -> Error:
    """An exception as a record, with the last line of the learner's cell that it passed through."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == ANSWER:
            line = trace.tb_lineno
        trace = trace.tb_next
    text = str(error).strip()
    return Error(type(error).__name__, text[:2000], line)


def replay(root: Path, job: Job) -> Reply:
    """The reply to a job: run the chapter up to the exercise, then the cell."""
    try:
        chapter = Course(root).chapter(job.chapter)
        if job.exercise not in {exercise.id for exercise in chapter.exercises}:
            raise KitError(f"there's no exercise {job.exercise}")
        prepare_torch()
        steps = walk(script_cells(chapter), job.salt)
        state = next(state for exercise_id, state, done in steps if exercise_id == job.exercise and not done)
    except KitError as error:
        return error_reply(error)
    return observation_reply(trial(state, job))


def main(argv: list[str]) -> int:
    """Read a job, write its reply. What the cells print is discarded."""
    out = os.dup(1)
    data = sys.stdin.buffer.read()
    discard_output()
    with open(out, "wb") as file:
        file.write(replay(Path(argv[0]), unpack_job(data)))
    return 0


def discard_output() -> None:
    """Connect standard input, output and error to nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
