"""A fork's walk as a report has it: times that make sense, and whether the tip of an earlier run is still on the way.

Walk + what was seen before -> History
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgpack

from kit.forks.commit_walk import CommitWalk
from kit.forks.objects import Store, moment
from kit.forks.reader import ReadRequest
from kit.forks.records import Attempted, Event, ForkTrouble, History

BEFORE_GIT = datetime(2005, 4, 7, tzinfo=UTC)  # no commit is older than git
AHEAD = timedelta(days=1)  # so much may a clock be wrong


@dataclass(frozen=True, slots=True)
class SeenTip:
    """A fork's tip as it was last seen; and the last one that was there and then was no longer on the way, if any."""

    tip: str
    at: str
    lost: str = ""
    lost_at: str = ""

    def pack(self) -> bytes:
        """As bytes."""
        return bytes(msgpack.packb([self.tip, self.at, self.lost, self.lost_at]))

    def note(self) -> str:
        """What is to be said of a way that is another one now."""
        if not self.lost:
            return ""
        return f"rewritten: commit {self.lost[:10]}, which was its tip on {self.lost_at}, is not in its history now"


def unpack_seen_tip(data: bytes) -> SeenTip:
    """What was packed; any exception where it is something else."""
    return SeenTip(*map(str, msgpack.unpackb(data)))


def seen_tip(want: ReadRequest, tip: str, before: SeenTip | None, now: datetime) -> SeenTip:
    """What is seen now. Where the clone is complete, a commit that is not there is on nobody's way."""
    day = f"{now:%Y-%m-%d}"
    if before is None or before.tip == tip:
        return SeenTip(tip, day, before.lost if before else "", before.lost_at if before else "")
    try:
        store = Store(want.path)
        found = store.descends(tip, before.tip)
        rewritten = found is False or (found is None and not store.shallow())
    except ForkTrouble:
        rewritten = False
    lost = (before.tip, before.at) if rewritten else (before.lost, before.lost_at)
    return SeenTip(tip, day, *lost)


@lru_cache(maxsize=4096)
def sensible(seconds: int, now: datetime) -> datetime | None:
    """A commit's time, None where it is from before git or from the future."""
    found = moment(seconds)
    return found if found and BEFORE_GIT <= found <= now + AHEAD else None


def history_of(walk: CommitWalk, seen: SeenTip | None, now: datetime) -> History:
    """The history of a fork; who is stuck is said later, by the whole cohort."""
    events = tuple(
        Event(change.id, change.kind, sensible(change.seconds, now), change.commit) for change in walk.changes
    )
    attempted = {
        id: Attempted(sensible(each.first, now), sensible(each.last, now), each.commits)
        for id, each in walk.attempts.items()
    }
    odd = len({event.commit for event in events if event.at is None})
    notes = [walk.note, f"{odd} commits with a time that makes no sense" if odd else "", seen.note() if seen else ""]
    return History(events, walk.commits, "; ".join(filter(None, notes)), attempted=attempted)
