"""What the judge's processes send each other, and what it leads to.

Job      -->  run this cell on the state before that exercise
Reply    <--  the packed Observation (kit.judge.values), or why there is none
Verdict       what the judge says about an exercise
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Literal, TypeAlias, get_args

import msgpack

from kit.course.chapter import Chapter, Exercise
from kit.errors import KitError
from kit.judge.redraw import assigned_names
from kit.judge.values import Error, Observation, unpack

LIMIT = 10.0  # seconds
JUDGING = "WORKSHOP_JUDGE"  # set in the environment of processes that judge

Reply: TypeAlias = bytes  # b"o" and a packed observation, or b"t" and a packed KitError
Outcome = Literal["passed", "failed", "blank", "error"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Job:
    """A cell's code, where to run it, and what to look at afterwards. `limit` is in seconds.

    `todo` is the exercise's todo; it shows which statements of the code were given and which the learner wrote.
    """

    chapter: str
    exercise: str
    salt: int
    code: str
    todo: str = ""
    names: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    limit: float = LIMIT

    def pack(self) -> bytes:
        """The job as bytes."""
        packed: bytes = msgpack.packb(astuple(self))
        return packed


def job_of(chapter: Chapter, exercise: Exercise, salt: int, code: str, limit: float = LIMIT) -> Job:
    """The job of running `code` in place of an exercise's cell."""
    names = assigned_names(exercise.code)
    return Job(chapter.id, exercise.id, salt, code, exercise.todo, names, exercise.probes, limit)


def unpack_job(data: bytes) -> Job:
    """The job in these bytes."""
    chapter, exercise, salt, code, todo, names, probes, limit = msgpack.unpackb(data)
    return Job(chapter, exercise, salt, code, todo, tuple(names), tuple(probes), limit)


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
    if is_error(reply):
        raise KitError(*msgpack.unpackb(reply[1:]))
    if reply[:1] != b"o":
        raise KitError("the judge's process ended without answering", "", "run the check again")
    try:
        return unpack(reply[1:])
    except ValueError:
        return Observation({}, Error("SystemExit", "the cell damaged the Python process it ran in"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for an exercise, and what to tell the learner. `line` counts from 1 within the cell.

    `mistake` is the index of the listed mistake that the cell makes, or None.
    """

    id: str
    outcome: Outcome
    message: str = ""
    line: int = 1
    mistake: int | None = None
