"""What each student did: their own commits, in sittings, and the exercises whose answers they changed.

CommitWalk, ... + the course's commits --with_own_work--> the same forks, each with what its student attempted

A commit is the course's, not a student's, if the course's own repository has it, or if three forks or more do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from kit.errors import KitError
from kit.forks.commit_walk import CommitWalk, Touch
from kit.forks.history import sensible_time
from kit.forks.records import Attempted, Fork
from kit.git.command import git

SHARED = 3  # forks that have a commit of the course's; two students may share one, by cloning each other
PAUSE = timedelta(hours=6)  # what separates two sittings; days would split an evening in half the world


def course_commits(root: Path) -> frozenset[str]:
    """The commits of the course's own repository; none if it isn't one."""
    try:
        done = git(root, "rev-list", "HEAD")
    except KitError:
        return frozenset()
    return frozenset(done.stdout.split()) if done.returncode == 0 else frozenset()


def shared_commits(walks: Iterable[CommitWalk | None]) -> frozenset[str]:
    """The commits that changed answers and that so many forks have that they can't be one student's."""
    counts = Counter(commit for walk in walks if walk for commit in {touch.commit for touch in walk.touches})
    return frozenset(commit for commit, forks in counts.items() if forks >= SHARED)


def attempts_in(touches: Iterable[Touch], foreign: Container[str], now: datetime) -> dict[str, Attempted]:
    """What a student attempted, by exercise: all but the `foreign` commits.

    A sitting begins with a commit that was written more than `PAUSE` after the one before it. A time that makes no
    sense, or that is before the previous one, begins none.
    """
    found: dict[str, Attempted] = {}
    sitting, latest = 1, dict[str, int]()
    before: datetime | None = None
    for touch in touches:
        if touch.commit in foreign:
            continue
        at = sensible_time(touch.seconds, now)
        sitting += bool(at and before and at - before > PAUSE)
        before = at or before
        for x in touch.ids:
            old = found.get(x, Attempted(before, before, 0, 0))
            more = latest.get(x) != sitting
            found[x] = Attempted(old.first or before, before, old.commits + 1, old.sittings + more)
            latest[x] = sitting
    return {x: replace(each, now=latest[x] == sitting) for x, each in found.items()}


def with_own_work(
    forks: Sequence[Fork], walks: Sequence[CommitWalk | None], root: Path, now: datetime
) -> tuple[Fork, ...]:
    """The same forks, each with what its student attempted. `walks` has their walks, where the history was read."""
    foreign = course_commits(root) | shared_commits(walks)
    return tuple(
        replace(fork, history=replace(fork.history, attempted=attempts_in(walk.touches, foreign, now)))
        if fork.history and walk
        else fork
        for fork, walk in zip(forks, walks, strict=True)
    )
