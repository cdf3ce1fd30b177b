"""What reading a fork gives, wherever that fork lies, and the same as bytes: between processes, and between runs.

Account --pack--> bytes --unpack--> Account
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgpack

from kit.forks.commit_walk import Attempts, Change, CommitWalk
from kit.forks.objects import moment
from kit.forks.records import Status, Tip
from kit.pairs.progress import ChapterProgress, Flag

MOST_CHAPTERS = 8192  # distinct chapters that are one record each, however many forks have them


@dataclass(frozen=True, slots=True)
class ForkReading:
    """A fork's tip and chapters; or, with another status, why there are none. `seconds` is the tip's time."""

    status: Status
    notes: tuple[str, ...] = ()
    tip: Tip | None = None
    seconds: int = 0
    chapters: Mapping[str, ChapterProgress] = field(default_factory=dict)
    walk: CommitWalk | None = None
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of what is filled, by exercise, if wanted


def pack_chapter(progress: ChapterProgress) -> bytes:
    """A chapter as bytes."""
    flags = [[flag.word, flag.ids, flag.path, flag.line] for flag in progress.flags]
    return bytes(msgpack.packb([progress.total, progress.ticked, progress.filled, flags]))


@lru_cache(maxsize=MOST_CHAPTERS)
def unpack_chapter(data: bytes) -> ChapterProgress:
    """A chapter from its bytes: one record for equal bytes."""
    total, ticked, filled, flags = msgpack.unpackb(data)
    found = tuple(Flag(word, tuple(ids), path, line) for word, ids, path, line in flags)
    return ChapterProgress(total, tuple(ticked), tuple(filled), None, found)


def pack_reading(account: ForkReading) -> bytes:
    """An account as bytes."""
    tip = [account.tip.oid, account.tip.branch] if account.tip else None
    chapters = [[id, pack_chapter(progress)] for id, progress in account.chapters.items()]
    walk = account.walk
    path = walk and [[*map(list, walk.changes)], walk.commits, walk.note, {id: [*a] for id, a in walk.attempts.items()}]
    return bytes(
        msgpack.packb([account.status, account.notes, tip, account.seconds, chapters, path, dict(account.cells)])
    )


def unpack_reading(data: bytes) -> ForkReading:
    """The account in these bytes; any exception where they are something else."""
    status, notes, tip, seconds, chapters, path, cells = msgpack.unpackb(data)
    walk = path and from_packed(*path)
    return ForkReading(
        status,
        tuple(notes),
        Tip(tip[0], tip[1], moment(seconds)) if tip else None,
        seconds,
        {id: unpack_chapter(packed) for id, packed in chapters},
        walk,
        {id: tuple(sources) for id, sources in cells.items()},
    )


def from_packed(changes: Any, commits: int, note: str, attempts: Any) -> CommitWalk:
    """The walk that was packed."""
    return CommitWalk(
        tuple(Change(*change) for change in changes),
        commits,
        note,
        {id: Attempts(*attempt) for id, attempt in attempts.items()},
    )
