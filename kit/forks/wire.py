"""What reading a fork gives, wherever it was read; and the same as bytes, to pass between processes and between runs.

ForkReading --pack_reading--> bytes --unpack_reading--> ForkReading
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgpack

from kit.forks.commit_walk import Change, CommitWalk, Touch
from kit.forks.objects import utc_time
from kit.forks.records import Status, Tip
from kit.pairs.progress import ChapterProgress, Flag

KEPT_CHAPTERS = 8192  # equal chapters share one record, however many forks have them


@dataclass(frozen=True, slots=True)
class ForkReading:
    """A fork's tip and chapters; or, with any other status, why there are none.

    `cells` are those of the exercises it has filled, if they were asked for.
    """

    status: Status
    notes: tuple[str, ...] = ()
    tip: Tip | None = None
    chapters: Mapping[str, ChapterProgress] = field(default_factory=dict)
    walk: CommitWalk | None = None
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def pack_chapter(progress: ChapterProgress) -> bytes:
    """A chapter as bytes."""
    flags = [[flag.word, flag.ids, flag.path, flag.line] for flag in progress.flags]
    return bytes(msgpack.packb([progress.total, progress.ticked, progress.filled, flags]))


@lru_cache(maxsize=KEPT_CHAPTERS)
def unpack_chapter(data: bytes) -> ChapterProgress:
    """A chapter from its bytes."""
    total, ticked, filled, flags = msgpack.unpackb(data)
    found = tuple(Flag(word, tuple(ids), path, line) for word, ids, path, line in flags)
    return ChapterProgress(total, tuple(ticked), tuple(filled), None, found)


def pack_walk(walk: CommitWalk) -> list[Any]:
    """A walk as plain lists."""
    touches = [list(touch) for touch in walk.touches]
    return [[list(change) for change in walk.changes], walk.commits, walk.note, touches]


def unpack_walk(changes: Any, commits: int, note: str, touches: Any) -> CommitWalk:
    """The walk that was packed."""
    made = tuple(Touch(commit, seconds, tuple(ids)) for commit, seconds, ids in touches)
    return CommitWalk(tuple(Change(*change) for change in changes), commits, note, made)


def pack_tip(tip: Tip) -> list[Any]:
    """A tip as a plain list, its time in seconds since 1970."""
    return [tip.oid, tip.branch, int(tip.committed_at.timestamp()) if tip.committed_at else None]


def unpack_tip(oid: str, branch: str, seconds: int | None) -> Tip:
    """The tip that was packed."""
    return Tip(oid, branch, None if seconds is None else utc_time(seconds))


def pack_reading(reading: ForkReading) -> bytes:
    """A reading as bytes."""
    tip = pack_tip(reading.tip) if reading.tip else None
    chapters = [[chapter_id, pack_chapter(progress)] for chapter_id, progress in reading.chapters.items()]
    walk = pack_walk(reading.walk) if reading.walk else None
    row = [reading.status, reading.notes, tip, chapters, walk, dict(reading.cells)]
    return bytes(msgpack.packb(row))


def unpack_reading(data: bytes) -> ForkReading:
    """The reading in these bytes; if they're something else, raises whatever that leads to."""
    status, notes, tip, chapters, walk, cells = msgpack.unpackb(data)
    return ForkReading(
        status,
        tuple(notes),
        unpack_tip(*tip) if tip else None,
        {chapter_id: unpack_chapter(packed) for chapter_id, packed in chapters},
        unpack_walk(*walk) if walk else None,
        {exercise_id: tuple(sources) for exercise_id, sources in cells.items()},
    )
