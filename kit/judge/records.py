"""What the judge's processes send each other, and what it leads to.

Job      -->  run this cell on the state before that exercise
Reply    <--  the packed Observation (kit.judge.values), or why there is none
Verdict       what the judge says about an exercise
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Literal, TypeAlias, get_args

import msgpack

from kit.course.answers import Answer
from kit.course.chapter import Chapter, Code, Exercise
from kit.course.own_code import known_names, parted, to_judge
from kit.course.package import defined, imports
from kit.errors import KitError
from kit.judge.redraw import assigned_names
from kit.judge.slices import using
from kit.judge.values import Error, Observation, unpack

LIMIT = 10.0  # seconds
GIVEN_LIMIT = 3  # times the limit: a machine that has just become busy refuses nobody
JUDGING = "WORKSHOP_JUDGE"  # set in the environment of processes that judge

Reply: TypeAlias = bytes  # b"o" and a packed observation, or b"t" and a packed KitError
Outcome = Literal["passed", "failed", "blank", "error"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Job:
    """A cell's code, where to run it, and what to look at afterwards. `limit` is in seconds.

    `todo` is the exercise's todo; it tells which statements of the code were given and which were written. With
    `scope`, the cell's definitions see these names of the state and no others, like the module they become. `after` are
    given cells to run once the cell has run. `renames` pairs a parameter's name with the one it has in the finished
    module, where they differ. Another `draw` gives sets of strings another order and the given cells other seeds.
    `typed` are the names and probes whose type counts. `own` are cells of the learner's that may define what the cell
    uses.
    """

    chapter: str
    exercise: str
    salt: int
    code: str
    todo: str = ""
    names: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    limit: float = LIMIT
    scope: tuple[str, ...] | None = None
    after: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    draw: int = 0
    typed: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def pack(self) -> bytes:
        """The job as bytes."""
        packed: bytes = msgpack.packb(astuple(self))
        return packed


def job_of(chapter: Chapter, exercise: Exercise, salt: int, code: str, limit: float = LIMIT) -> Job:
    """The job of running `code` (as `own_code.to_judge` gives it) in place of an exercise's cell."""
    own, source = parted(code)
    return Job(
        *(chapter.id, exercise.id, salt, source, exercise.todo, assigned_names(exercise.code), exercise.probes, limit),
        scope=around(chapter).scopes.get(exercise.id),
        typed=exercise.typed,
        own=own,
    )


def job_after(job: Job, given: tuple[str, ...]) -> Job:
    """The job of running a cell and then the given cells after it, whose names are looked at."""
    names = tuple(dict.fromkeys(name for code in given for name in assigned_names(code)))
    return replace(job, names=names, probes=(), after=given)


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a chapter's exercises, by id.

    `scopes`: for exported cells, the names that their module has from elsewhere. `after`: what the given code cells up
    to the next exercise make of its names, without the slow ones; none after the last. `names`: what the chapter has
    after the exercise.
    """

    chapter: Chapter
    scopes: dict[str, tuple[str, ...]]
    after: dict[str, tuple[str, ...]]
    names: Mapping[str, frozenset[str]]


KNOWN: dict[int, Around] = {}  # by the identity of the chapter, which is kept alive


def around(chapter: Chapter) -> Around:
    """What surrounds a chapter's exercises; worked out once."""
    if id(chapter) not in KNOWN:
        imported, own = tuple(imports(chapter)), list[str]()
        found = Around(chapter, {}, {}, known_names(chapter))
        last, code_before, given = "", "", list[str]()
        for cell in chapter.cells:
            if not isinstance(cell, Code):
                continue
            if cell.exercise is None:
                given += [] if cell.slow else [cell.code]
            else:
                found.after[last] = tuple(using(code_before, given))
                last, code_before, given = cell.exercise.id, cell.code, []
                if cell.exported:
                    found.scopes[cell.exercise.id] = (*imported, *own)
            if cell.exported:
                own += defined(cell.code)
        KNOWN[id(chapter)] = found
    return KNOWN[id(chapter)]


def text_of(chapter: Chapter, answer: Answer) -> str:
    """A learner's answer as the judge takes it: behind the cells above it that it leans on."""
    return to_judge(answer.source, answer.above, around(chapter).names.get(answer.id, frozenset()))


def unpack_job(data: bytes) -> Job:
    """The job in these bytes."""
    (chapter, exercise, salt, code, todo, names, probes, limit, scope, *rest) = msgpack.unpackb(data)
    after, renames, draw, typed, own = rest
    return Job(
        *(chapter, exercise, salt, code, todo, tuple(names), tuple(probes), limit),
        scope=None if scope is None else tuple(scope),
        after=tuple(after),
        renames=tuple((one, other) for one, other in renames),
        draw=draw,
        typed=tuple(typed),
        own=tuple(own),
    )


def observation_reply(observation: Observation) -> Reply:
    """An observation as a reply."""
    return b"o" + observation.pack()


def error_reply(error: KitError) -> Reply:
    """A KitError as a reply."""
    packed: bytes = msgpack.packb([error.what, error.where, error.next])
    return b"t" + packed


def too_slow(seconds: float) -> Error:
    """The error for a cell that didn't finish in time."""
    return Error("TimeoutError", f"still running after {seconds:g} seconds; is there a loop that never ends?")


def is_error(reply: Reply) -> bool:
    """Whether a reply carries a KitError."""
    return reply[:1] == b"t"


def read_reply(reply: Reply) -> Observation:
    """The observation in a reply.

    Raises:
        KitError: the reply carries one, or is empty because the process ended.
    """
    if not reply:
        raise KitError("the judge's process ended without answering", "", "run the check again")
    try:
        if reply[:1] == b"o":
            return unpack(reply[1:])
        error = KitError(*map(str, msgpack.unpackb(reply[1:]))) if is_error(reply) else None
    except (ValueError, TypeError):
        error = None
    if error:
        raise error
    return Observation({}, Error("SystemExit", "the cell damaged the Python process it ran in"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for an exercise, and what to tell the learner. `line` counts from 1 within the cell.

    `mistake` is the index of the listed mistake that the cell makes, or None. `seed` draws the inputs it was judged on
    besides the page's.
    """

    id: str
    outcome: Outcome
    message: str = ""
    line: int = 1
    mistake: int | None = None
    seed: int = 0
