"""How long a learner has worked, judging by their own commits. Nothing else is noted anywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from kit.errors import KitError
from kit.git.command import git
from kit.git.committer import committer_email

PAUSE = timedelta(minutes=45)  # a longer gap between two commits doesn't count as work
FIRST = timedelta(minutes=10)  # counted for the work before the first commit after a pause
MAX_COMMITS = 1000
NOTED_AT = re.compile(r"@\{(\d+)\}$")


def time_spent(root: Path, folder: str) -> timedelta | None:
    """The time spent on a folder below `root`; None if nobody has committed anything there yet."""
    times = commit_times(root, folder)
    return spent(times, cloned_at(root)) if times else None


def spent(times: Sequence[int], since: int | None = None) -> timedelta:
    """The time between commits given in seconds since 1970; a gap longer than `PAUSE` counts as `FIRST`.

    So does the time before the first commit, unless the clone was made later than that, at `since`.
    """
    ordered = sorted(times)
    gaps = [timedelta(seconds=after - before) for before, after in pairwise(ordered)]
    known = bool(ordered) and since is not None and since <= ordered[0]
    first = min(FIRST, timedelta(seconds=ordered[0] - (since or 0))) if known else FIRST
    return sum((gap if gap <= PAUSE else FIRST for gap in gaps), first if ordered else timedelta())


def commit_times(root: Path, folder: str) -> list[int]:
    """When the learner's own commits that changed a folder below `root` were made, newest first, along first parents.

    Their own commits have the email address that git uses here; the commit that added the folder doesn't count. Empty
    without git or such an address.
    """
    try:
        address = committer_email(root)
        words = ("--first-parent", "--format=%ct %ae", f"--max-count={MAX_COMMITS}", "HEAD", "--", folder)
        found = git(root, "log", *words).stdout.splitlines()
    except KitError:
        return []
    commits = [line.partition(" ") for line in found[:-1]]
    return [int(time) for time, _, author in commits if address and author == address]


def cloned_at(root: Path) -> int | None:
    """When this clone was made, in seconds since 1970: git notes it on the first line of the branch's log."""
    try:
        lines = git(root, "log", "--walk-reflogs", "--format=%gd", "--date=unix", "HEAD").stdout.splitlines()
    except KitError:
        return None
    found = NOTED_AT.search(lines[-1]) if lines else None
    return int(found[1]) if found else None


def time_line(time: timedelta) -> str:
    """The time spent, in words."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 60:
        return f"time spent, judging by your commits: about {minutes} min"
    return f"time spent, judging by your commits: about {minutes // 60} h {minutes % 60:02d} min"
