"""A job: run this cell on the state before that exercise. It travels to the process that runs it."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import msgpack


@dataclass(frozen=True, slots=True)
class Job:
    """A cell's code, where to run it, and what to look at afterwards. `limit` is in seconds."""

    chapter: str
    exercise: str
    salt: int
    code: str
    names: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    limit: float = 10.0

    def pack(self) -> bytes:
        """The bytes that travel."""
        packed: bytes = msgpack.packb(astuple(self))
        return packed


def unpack_job(data: bytes) -> Job:
    """The job in these bytes."""
    chapter, exercise, salt, code, names, probes, limit = msgpack.unpackb(data)
    return Job(chapter, exercise, salt, code, tuple(names), tuple(probes), limit)
