"""A job: run this cell on the state before that exercise. It travels to the process that runs it."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import msgpack

from kit.course.chapter import Chapter, Exercise
from kit.judge.redraw import assigned_names

LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """A cell's code, where to run it, and what to look at afterwards. `limit` is in seconds.

    `todo` is the exercise's, from which it is known what in the code was given and what was written.
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
        """The bytes that travel."""
        packed: bytes = msgpack.packb(astuple(self))
        return packed


def job_of(chapter: Chapter, exercise: Exercise, salt: int, code: str, limit: float = LIMIT) -> Job:
    """The job of running `code` in the place of an exercise's cell."""
    names = assigned_names(exercise.code)
    return Job(chapter.id, exercise.id, salt, code, exercise.todo, names, exercise.probes, limit)


def unpack_job(data: bytes) -> Job:
    """The job in these bytes."""
    chapter, exercise, salt, code, todo, names, probes, limit = msgpack.unpackb(data)
    return Job(chapter, exercise, salt, code, todo, tuple(names), tuple(probes), limit)
