"""A fork as it was at a date, or at the commit that a snapshot names; and what came later.

    Tip, until --tip_before--> Tip of that time
    progress then, progress now --with_late--> progress then, with flags for what came later

A commit's time is what the student's computer wrote into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from kit.forks.commit_walk import commits_from
from kit.forks.objects import utc_time
from kit.forks.records import ForkTrouble, Tip
from kit.forks.repository import ForkRepository
from kit.pairs.progress import ChapterProgress, Flag
from kit.text import label, plural

LATE = "late"  # filled after the date
CHANGED_LATE = "changed late"  # filled before it, and changed after it
Cells = Mapping[str, tuple[str, ...]]


def tip_before(repository: ForkRepository, tip: Tip, until: int) -> tuple[Tip, tuple[str, ...]]:
    """The newest commit along first parents that isn't from after `until` (seconds since 1970), and what to say of it.

    Raises:
        ForkTrouble: there's none.
    """
    commits, missing = commits_from(repository, tip.oid)
    found = next((place for place, commit in enumerate(commits) if commit.seconds <= until), None)
    at = datetime.fromtimestamp(until, UTC)
    if found is None:
        why = f"no commit by {at:%Y-%m-%d %H:%M} UTC"
        raise ForkTrouble("empty", f"{why} ({missing})" if missing else why)
    notes = [f"{plural(found, 'commit')} after {at:%Y-%m-%d %H:%M} UTC, not counted"] if found else []
    if any(commit.seconds > until for commit in commits[found:]):
        notes.append("some of its commits are dated before the ones they build on")
    commit = commits[found]
    return replace(tip, oid=commit.oid, committed_at=utc_time(commit.seconds)), tuple(notes)


def tip_at(repository: ForkRepository, tip: Tip, oid: str) -> Tip:
    """The commit that a snapshot names.

    Raises:
        ForkTrouble: the fork doesn't have it any more.
    """
    try:
        commit = repository.commit(oid)
    except ForkTrouble as error:
        reason = f"the snapshot's commit {label(oid)[:10]} is no longer there"
        raise ForkTrouble("unreadable", reason) from error
    return replace(tip, oid=commit.oid, committed_at=utc_time(commit.seconds))


def with_late(
    then: Mapping[str, ChapterProgress], now: Mapping[str, ChapterProgress], cells_then: Cells, cells_now: Cells
) -> dict[str, ChapterProgress]:
    """The progress of then, with a flag for each chapter in which exercises were filled or changed since."""
    found: dict[str, ChapterProgress] = {}
    for chapter_id, progress in then.items():
        filled = now[chapter_id].filled if chapter_id in now else ()
        late = tuple(each for each in filled if each not in progress.filled)
        changed = tuple(
            each
            for each in filled
            if each in progress.filled and set(cells_then.get(each, ())) != set(cells_now.get(each, ()))
        )
        flags = [Flag(word, ids) for word, ids in ((LATE, late), (CHANGED_LATE, changed)) if ids]
        found[chapter_id] = replace(progress, flags=(*progress.flags, *flags)) if flags else progress
    return found
