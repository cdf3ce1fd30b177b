"""What a chapter's names hold just before an exercise (the state), and what a cell makes of them.

    walk    runs a finished chapter, and stops before and after each exercise's cell
    trial   runs one cell on a state, and observes what it made

A trial spoils its state, so each gets a process of its own: forked (kit.judge.trials.processes), or, where there is no
`fork()`, this module started anew for each job: `python -m kit.judge.trials.trial ROOT`, the packed job on standard
input, the reply on standard output.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import os
import random
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, CoroutineType, ModuleType
from typing import Any

from kit.course.chapter import Chapter, Code
from kit.course.course import Course
from kit.course.own_code import lent
from kit.course.syntax import DEEP, parse, without_magics
from kit.errors import KitError
from kit.judge.effects import Row, Snapshot, learning, learns, never_start
from kit.judge.inputs import Inputs
from kit.judge.records import Job, Reply, error_reply, observation_reply, unpack_job
from kit.judge.redraw import SHUFFLE, redrawn_program
from kit.judge.trials.prepare import import_for, prepare_torch
from kit.judge.values import HIDDEN, IN_GIVEN, Error, Observation, observe

ANSWER = "<your answer>"
GIVEN = "<given cell>"
OTHER = "<your other cell>"
SEEDS = re.compile(r"\b(manual_seed|seed)\((\d+)\)")
ASIDE = 200
NEW = "new"  # what `#! redraw:` lines call the inputs' source
State = dict[str, Any]


def seed(number: int) -> None:
    """Seed every source of random numbers that a cell might use."""
    import torch

    torch.default_generator.manual_seed(number)  # 1 ms faster than `torch.manual_seed`, which looks for others
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
    """The steps of a finished chapter, in order, without the slow given cells."""
    for cell in chapter.cells:
        if isinstance(cell, Code) and not cell.slow:
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
            state[SHUFFLE] = in_any_order(salt)
            run(redrawn_program(step.code, salt, step.where, step.todo, shuffles=True), state)
            if cell.exercise:
                yield cell.exercise, state, True
            if salt:
                for statement in step.redraws:
                    state[NEW] = Inputs(f"{salt} {statement}")
                    exec(redrawn_program(statement, 0, step.where), state)
                    del state[NEW]
        except Exception as error:
            raise KitError(f"the finished chapter fails here: {type(error).__name__}: {error}", step.where) from error


class SameWeights:
    """Fills modules' parameters with numbers that depend on their names and shapes alone, and switches dropout off.

    So two modules that call their parts alike compare, whatever the order in which they make them; `renames` says what
    a parameter is called in the other one. `filled` lists what was filled. A matrix's numbers are smaller the wider it
    is, so that what comes out is about as large as what went in, and no softmax is sure of anything.
    """

    def __init__(self, renames: Iterable[tuple[str, str]]) -> None:
        self.renames = dict(renames)
        self.filled: list[tuple[str, str]] = []

    def __call__(self, module: Any) -> Any:
        """Fill a module, and give it back."""
        import torch

        with torch.no_grad():
            for name, parameter in module.named_parameters():
                shape = tuple(parameter.shape)
                self.filled.append((name, str(shape)))
                number = zlib.crc32(f"{self.renames.get(name, name)} {shape}".encode())
                drawn = torch.randn(shape, generator=torch.Generator().manual_seed(number))
                parameter.copy_(drawn / shape[-1] ** 0.5 if len(shape) > 1 else drawn)
        return module.eval()


def in_any_order(salt: int) -> Callable[[Any], Any]:
    """A function that gives a set another order for each salt, where Python's own differs from start to start.

    Never the sorted one: whoever forgets to sort shall see it every time.
    """

    def shuffle(value: Any) -> Any:
        if type(value) not in (set, frozenset) or all(isinstance(item, int | float) for item in value):
            return value
        drawn = sorted(value, key=lambda item: zlib.crc32(f"{salt} {item!r}".encode()))
        return drawn[::-1] if drawn == sorted(value, key=repr) else drawn

    return shuffle


def trial(state: State, job: Job) -> Observation:
    """Run a job's cell on a state, then look at what it made. Whatever it raises ends the trial as its error.

    Spoils the state.
    """
    try:
        for_module, compiled = parts(job)
        given = [redrawn_program(reseeded(code, job.draw), job.salt, GIVEN, shuffles=True) for code in job.after]
    except SyntaxError as error:
        return Observation({}, Error("SyntaxError", error.msg, error.lineno or 0))
    except (RecursionError, MemoryError):  # it was parsed, but is too deep for what else we do with it
        return Observation({}, Error("SyntaxError", DEEP, 0))
    try:
        import_for(job.code, *job.after, *job.probes)
        before = Snapshot(state)
        seed(job.salt)
        state[SHUFFLE] = in_any_order(job.salt + 1000 * job.draw)
        if for_module is not None and job.scope is not None:
            scope = {name: state[name] for name in (*job.scope, "__name__", SHUFFLE) if name in state}
            borrow(job, scope)
            run(for_module, scope)
            state.update(scope)
        borrow(job, state)
        run(compiled, state)
        for code in given:
            seed(job.salt + job.draw)  # however many random numbers the cell has drawn
            run_given(code, state)
        return observe_state(state, job, before)
    except NeedsHiddenError:
        return Observation({}, HIDDEN)
    except BaseException as error:  # a cell may raise anything, SystemExit and KeyboardInterrupt included
        return Observation({}, describe(error))


def run(code: CodeType, scope: State) -> None:
    """Run a cell. If there's an `await` at its top level, it's a coroutine, and we wait for it as a notebook does."""
    waiting = eval(code, scope)
    if not isinstance(waiting, CoroutineType):
        return
    from asyncio import new_event_loop  # which takes a while, and hardly any cell needs it

    try:
        loop = new_event_loop()
    except OSError:  # a sandbox without sockets, which a loop needs: go on by hand, as long as nothing really waits
        with contextlib.suppress(StopIteration):
            while True:
                waiting.send(None)
    else:
        with contextlib.closing(loop):
            loop.run_until_complete(waiting)


def borrow(job: Job, scope: State) -> None:
    """Define what a job's cell uses and the scope doesn't have, as the learner's other cells do, if that works."""
    for statement in lent(job.own, without_magics(job.code), scope) if job.own else ():
        with contextlib.suppress(Exception):
            exec(redrawn_program(statement, 0, OTHER, shuffles=True), scope)


class NeedsHiddenError(Exception):
    """A given cell imports a part of the package that a sandbox hides, since this chapter hasn't defined it yet."""


def run_given(code: CodeType, state: State) -> None:
    """Run a given cell. What it imports of this chapter's own part of the package, if that is hidden, is the learner's.

    Raises:
        NeedsHiddenError: the learner hasn't written that yet.
    """
    try:
        exec(code, state)
    except ModuleNotFoundError as error:
        if not error.name or not error.name.startswith("nanogpt."):
            raise
        module = sys.modules[error.name] = ModuleType(error.name)
        vars(module).update({name: value for name, value in state.items() if not name.startswith("_")})
        try:
            exec(code, state)
        except AttributeError as missing:
            raise (NeedsHiddenError() if missing.obj is module else missing) from error


def reseeded(code: str, draw: int) -> str:
    """Given code with other seeds, for another draw."""
    return SEEDS.sub(lambda call: f"{call[1]}({int(call[2]) + draw})", code) if draw else code


def parts(job: Job) -> tuple[CodeType | None, CodeType]:
    """A job's cell in two: what becomes a module, if it is exported, and what the notebook alone runs.

    A module has the imports, functions and classes, and the assignments that need nothing else of the notebook.

    Raises:
        SyntaxError: it isn't Python.
    """
    if job.scope is None:
        return None, redrawn_program(job.code, job.salt, ANSWER, job.todo, shuffles=True)
    known = {*job.scope, *dir(builtins)}
    lines = {"module": set[int](), "notebook": set[int]()}
    tree = parse(job.code)
    for node in tree.body:
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        definition = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
        simple = isinstance(node, ast.Assign | ast.AnnAssign) and names - stored <= known
        if definition or simple:
            known |= stored | {getattr(node, "name", "")} | {a.asname or a.name for a in getattr(node, "names", [])}
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        lines["module" if definition or simple else "notebook"] |= set(range(first, (node.end_lineno or first) + 1))
    texts = {
        kind: "\n".join(line if n in kept else "" for n, line in enumerate(job.code.split("\n"), 1))
        for kind, kept in lines.items()
    }
    module, notebook = (
        redrawn_program(texts[k], job.salt, ANSWER, job.todo, shuffles=True) for k in ("module", "notebook")
    )
    return module, notebook


def observe_state(state: State, job: Job, before: Snapshot) -> Observation:
    """Observe the names that a job's cell has assigned, then the probes, then what was changed of what was there.

    A name that is not there is left out of the values; what a probe raises is that probe's value.
    """
    values = {name: observe(state[name]) for name in job.names if name in state}
    changed = set(before.changed())
    after = Snapshot({name: state[name] for name in before.values if name in state} if job.probes else {})
    for probe in job.probes:
        code = compile(probe, "<probe>", "eval")
        try:
            seed(job.salt)
            same_weights = SameWeights(job.renames)
            value = eval(code, scope_of(probe, state, job, same_weights))
            values[probe] = observe(value)
            if same_weights.filled:
                values[probe]["filled"] = [list(pair) for pair in same_weights.filled]
            if same_weights.filled and learns(value):
                seed(job.salt)
                started = eval(code, scope_of(probe, state, job, lambda module: module.eval()))
                values[probe]["still"] = never_start(started)
                scope = scope_of(probe, state, job, SameWeights(job.renames))
                values[probe]["inputs"] = gradients_at_inputs(code, scope, job.salt)
        except BaseException as error:
            raised = describe(error)
            values[probe] = {"kind": "raised", "type": raised.type, "text": raised.text, "line": raised.line}
    changed |= set(after.changed())
    for key in set(job.typed) & set(values):
        values[key]["typed"] = True
    return Observation(values, None, tuple(sorted(changed)))


def scope_of(probe: str, state: State, job: Job, same_weights: Callable[[Any], Any]) -> State:
    """The names that a probe sees: those of the state, `same_weights`, and `new`, which draws inputs for it."""
    return state | {"same_weights": same_weights, NEW: Inputs(f"{job.salt} {probe}")}


def gradients_at_inputs(code: CodeType, scope: State, salt: int) -> list[Row] | str:
    """The gradients that a probe's result brings to the tensors of its scope that it's made from, and to parameters.

    Spoils the scope.

    Empty where the result isn't a tensor that learns, or the probe can't be computed with inputs that do; the reason if
    there's no way back.
    """
    import torch

    for name in set(code.co_names) & set(scope):
        value = scope[name]
        if isinstance(value, torch.Tensor) and value.is_floating_point() and not value.requires_grad:
            scope[name] = value.detach().clone().requires_grad_()
    seed(salt)
    try:
        result = eval(code, scope)
    except Exception:
        return []
    return learning(result) if isinstance(result, torch.Tensor) and result.requires_grad else []


def describe(error: BaseException) -> Error:
    """An exception as a record, with the last line of the learner's cell that it passed through."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == ANSWER:
            line = trace.tb_lineno
        elif trace.tb_frame.f_code.co_filename == GIVEN:
            line = IN_GIVEN
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
    out = moved_aside(1)
    data = sys.stdin.buffer.read()
    discard_output()
    with open(out, "wb") as file:
        file.write(replay(Path(argv[0]), unpack_job(data)))
    return 0


def moved_aside(descriptor: int) -> int:
    """A copy of an open file under a number that a cell which writes anywhere is unlikely to reach."""
    with contextlib.suppress(ImportError):
        import fcntl

        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, ASIDE)
    return os.dup(descriptor)


def discard_output() -> None:
    """Connect standard input, output and error to nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    if nothing > 2:
        os.close(nothing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
