"""States: what a chapter's names hold just before an exercise, and what a cell makes of them.

Runs in a process of the judge's own, where torch is. `walk` runs a finished chapter step by step; `trial` runs one
cell on the state reached and observes it. A trial spoils the state, so each has a process of its own
(kit.judge.fork_server).
"""

from __future__ import annotations

import gc
import importlib
import os
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from kit.course.chapter import Chapter, Code
from kit.errors import KitError
from kit.judge.jobs import Job
from kit.judge.redraw import redrawn_program
from kit.judge.values import Error, Observation, observe

ANSWER = "<your answer>"
SHAPES, COMPILER = "torch._meta_registrations", "torch._dynamo"
TRIED = "2.6."
ASKS_FOR_SHAPES = re.compile(r"(?<!#\| )\b(?:meta|compile|export|fx|_[a-z]\w*)\b")
State = dict[str, Any]


def prepare_torch() -> None:
    """Make this process a judging one: torch imported, on one thread, no accelerator, nothing shown."""
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["WORKSHOP_JUDGE"] = "1"
    gc.disable()  # an import makes no garbage to speak of, and looking for it again and again takes a quarter of it
    if "torch" not in sys.modules and tried():
        sys.modules[SHAPES] = ModuleType(SHAPES)  # a third of the import: see `with_shapes`
    import torch

    gc.freeze()
    gc.enable()
    torch.set_num_threads(1)
    if COMPILER not in sys.modules:
        torch._dynamo = sys.modules[COMPILER] = Compiler(COMPILER)


def tried() -> bool:
    """Whether this is the torch with which leaving a part of it out has been tried; another one comes in whole."""
    try:
        return version("torch").startswith(TRIED)
    except PackageNotFoundError:
        return False


def with_shapes(*codes: str) -> None:
    """Give torch what it computes with where there are shapes and no numbers (the device `meta`, its compiler), if one
    of these codes may ask for that. Cells seldom do, so it is left out of the import."""
    if any(ASKS_FOR_SHAPES.search(code) for code in codes) and not hasattr(sys.modules.get(SHAPES), "__file__"):
        sys.modules.pop(SHAPES, None)
        aside = sys.modules.pop(COMPILER, None)  # a stand-in would be asked in the middle of the import
        importlib.import_module(SHAPES)
        if aside is not None:
            sys.modules[COMPILER] = aside


class Compiler(ModuleType):
    """Stands in for `torch._dynamo`, which an optimizer's first step imports, for two seconds, to tell it to keep out.

    It knows the two functions that are called for that; asked for anything else, it gives way to the real one.
    """

    @staticmethod
    def disable(function: Any, *how: Any, **more: Any) -> Any:
        """The function as it is: nothing is compiled. How to keep out differs with the versions of torch."""
        return function

    @staticmethod
    def graph_break() -> None:
        """Nothing: there is no graph."""

    def __getattr__(self, name: str) -> Any:
        import torch

        with_shapes("compile")
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
            torch._dynamo = importlib.import_module(self.__name__)
        return getattr(sys.modules[self.__name__], name)


def seed(number: int) -> None:
    """Seed every source of random numbers that a cell may use."""
    import torch

    torch.manual_seed(number)
    random.seed(number)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(number % 2**32)


@dataclass(frozen=True, slots=True)
class Step:
    """A finished code cell to run: its code, where it stands, what it redraws; `todo` where it is an exercise's."""

    code: str
    where: str
    redraws: tuple[str, ...] = ()
    todo: str | None = None


@dataclass(frozen=True, slots=True)
class ScriptCell:
    """A step's place in a chapter: the exercise's id, or nothing, and how the step is come by when its turn is there.

    So what stops before an exercise need not have read its answer.
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
    """Run a finished chapter; before and after each exercise's cell, yield the exercise's id and the state as it is.

    The third part says whether the exercise's cell has run.

    Raises:
        KitError: the finished chapter itself fails (its author's mistake).
    """
    state: State = {"__name__": "__main__"}
    for place in script:
        if place.exercise:
            yield place.exercise, state, False
        step = place.read()
        with_shapes(step.code)
        try:
            seed(salt)
            exec(redrawn_program(step.code, salt, step.where, step.todo), state)
            if place.exercise:
                yield place.exercise, state, True
            if salt:
                for statement in step.redraws:
                    exec(redrawn_program(statement, 0, step.where), state)
        except Exception as error:
            said = f"the finished chapter fails here with {type(error).__name__}: {error}"
            raise KitError(said, step.where) from error


def same_weights(module: Any) -> Any:
    """Fill a module's parameters with numbers that depend on their shapes only, switch dropout off, give it back.

    The k-th parameter of a shape gets the k-th filling of that shape, so two modules with other names compare.
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
    """Run a job's cell on a state, then look at what it made. Whatever it raises ends the trial as its error.

    Spoils the state.
    """
    try:
        compiled = redrawn_program(job.code, job.salt, ANSWER, job.todo)
    except SyntaxError as error:
        return Observation({}, Error("SyntaxError", error.msg, error.lineno or 0))
    try:
        with_shapes(job.code, *job.probes)
        seed(job.salt)
        exec(compiled, state)
        return observe_state(state, job)
    except BaseException as error:  # a cell may raise anything, SystemExit and KeyboardInterrupt included
        return Observation({}, describe(error))


def observe_state(state: State, job: Job) -> Observation:
    """Observe the names that a job's cell has assigned, then the probes, which may spoil the state.

    A name that is not there is left out of the values; what a probe raises is that probe's value.
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
    """An exception as a record, with the line of the learner's cell that it passed through last."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == ANSWER:
            line = trace.tb_lineno
        trace = trace.tb_next
    text = str(error).strip()
    return Error(type(error).__name__, text[:2000], line)
