"""A fork's walk in the form a report needs: times that make sense, and whether an earlier run's tip is still in it.

CommitWalk + SeenTip --history_of--> History
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import msgpack

from kit.forks.commit_walk import CommitWalk
from kit.forks.objects import utc_time
from kit.forks.records import Event, ForkTrouble, History
from kit.forks.repository import ForkRepository

BEFORE_GIT = datetime(2005, 4, 7, tzinfo=UTC)  # no commit is older than git
AHEAD = timedelta(days=1)  # a clock may be wrong by this much


@dataclass(frozen=True, slots=True)
class SeenTip:
    """A fork's tip when it was last seen, and the day; and the last tip that has since vanished from its history."""

    tip: str
    at: str
    lost: str = ""
    lost_at: str = ""

    def pack(self) -> bytes:
        """As bytes."""
        return bytes(msgpack.packb([self.tip, self.at, self.lost, self.lost_at]))

    def note(self) -> str:
        """What to say about a history that was rewritten; empty for any other."""
        if not self.lost:
            return ""
        return f"rewritten: commit {self.lost[:10]}, its tip on {self.lost_at}, is no longer in its history"


def unpack_seen_tip(data: bytes) -> SeenTip:
    """What was packed; if it's something else, raises whatever that leads to."""
    return SeenTip(*map(str, msgpack.unpackb(data)))


def compare_tip(path: Path, tip: str, before: SeenTip | None, now: datetime) -> SeenTip:
    """The tip of the fork at `path` compared with the one seen before.

    In a complete clone, a commit that isn't present isn't in any branch's history.
    """
    day = f"{now:%Y-%m-%d}"
    if before is None or before.tip == tip:
        return SeenTip(tip, day, before.lost if before else "", before.lost_at if before else "")
    try:
        repository = ForkRepository(path)
        found = repository.descends(tip, before.tip)
        rewritten = found is False or (found is None and not repository.shallow_commits())
    except ForkTrouble:
        rewritten = False
    lost = (before.tip, before.at) if rewritten else (before.lost, before.lost_at)
    return SeenTip(tip, day, *lost)


@lru_cache(maxsize=4096)
def sensible_time(seconds: int, now: datetime) -> datetime | None:
    """A commit's time; None if it's from before git existed or from the future."""
    return sensible(utc_time(seconds), now)


def sensible(at: datetime | None, now: datetime) -> datetime | None:
    """The same time; None if it's from before git existed or from the future."""
    return at if at and BEFORE_GIT <= at <= now + AHEAD else None


def history_of(walk: CommitWalk, seen: SeenTip | None, now: datetime) -> History:
    """The history of a fork. What the student did and where they are stuck depends on the cohort and is added later."""
    events = tuple(
        Event(change.id, change.kind, sensible_time(change.seconds, now), change.commit) for change in walk.changes
    )
    odd = len({event.commit for event in events if event.at is None})
    notes = [walk.note, f"{odd} commits with a time that makes no sense" if odd else "", seen.note() if seen else ""]
    return History(events, walk.commits, "; ".join(filter(None, notes)))
