"""A student's fork as it was read: plain records that travel from the reader of a cohort to every report.

    Fork                 name, status, reason
      Tip                commit and its time
      ChapterProgress    one for each chapter: total, ticked, filled, verified
        Flag             what a person should look at, and where
      History            what was filled and ticked when, if it was asked for
        Event
        Attempted
        Stuck            an exercise that the student is stuck on

A fork that couldn't be read has its status and reason, and no chapters: never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from kit.git.address import Address
from kit.pairs.progress import ChapterProgress

NOT_JUDGED = "not judged"  # how the reason of a failure begins if the fault was on our side; no cell can raise one
Status = Literal[
    "ok",
    "empty",  # a repository without a commit: not started
    "no branch",  # its HEAD doesn't name any branch it has
    "no course",  # it has no chapters at all
    "missing",  # the roster names a student who has no fork
    "refused",  # an address that isn't safe to fetch
    "not found",  # the server knows no such repository
    "no access",  # the server wants a login
    "moved",  # read from another address, where the server redirected us
    "timed out",
    "rate limited",  # after several pauses, the server still asks for another
    "too large",  # the server sends far more than a fork of this course can hold
    "unreachable",  # no network, no such host
    "unreadable",  # damaged, or not a repository
]


class ForkTrouble(Exception):
    """Why a fork can't be read any further. It ends this fork and no others."""

    def __init__(self, status: Status, reason: str) -> None:
        self.status: Status = status
        self.reason = reason
        super().__init__(status, reason)


EventKind = Literal["filled", "emptied", "ticked", "unticked"]


@dataclass(frozen=True, slots=True)
class Event:
    """What one commit changed for one exercise or item. `at` is in UTC, None if the commit's time makes no sense."""

    id: str
    kind: EventKind
    at: datetime | None
    commit: str


@dataclass(frozen=True, slots=True)
class Attempted:
    """The student's commits that changed the answer to an exercise: when the first and the last were made, how many.

    `sittings` is on how many occasions that was, and `now` whether the last of them is the student's latest one.
    """

    first: datetime | None
    last: datetime | None
    commits: int
    sittings: int = 1
    now: bool = False


@dataclass(frozen=True, slots=True)
class Stuck:
    """An exercise that was begun, isn't done, and has taken far longer than others needed for it."""

    id: str
    since: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class History:
    """A fork's commits along first parents, oldest first.

    `commits` is how many were read. `note` says why there may be more, or that the history has been rewritten since an
    earlier run. `attempted` says how often the student changed the answer to each exercise.
    """

    events: tuple[Event, ...]
    commits: int
    note: str = ""
    stuck: tuple[Stuck, ...] = ()
    attempted: Mapping[str, Attempted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tip:
    """The commit that was read. `committed_at` is in UTC, None if the commit's time makes no sense."""

    oid: str
    branch: str
    committed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that a person gave, for an exercise, a chapter or anything else."""

    item: str
    points: float
    of: float
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Fork:
    """One row of the report. `extra` holds the roster's other columns.

    `sandbox` names the sandbox in which the fork's code was verified; it is empty if nothing was run. `row` is the
    student's whole row in the roster, by title; `marks` are those that people gave.
    """

    name: str
    source: str
    status: Status
    reason: str = ""
    tip: Tip | None = None
    chapters: Mapping[str, ChapterProgress] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    history: History | None = None
    sandbox: str = ""
    row: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedState:
    """What a server lists for a fork: its default branch, that branch's tip, and when it was last pushed, verbatim."""

    branch: str
    tip: str
    pushed_at: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fork is: at `path`, or at an `address` to fetch; or why it can't be read (`trouble`).

    If a server listed it, `login` is the account it belongs to, and `known` is what the server said about it. `row` is
    the student's whole row in the roster, by title. `commit` is the one to count, if a snapshot names it.
    """

    name: str
    shown: str
    path: Path | None = None
    address: Address | None = None
    branch: str = ""
    note: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    trouble: ForkTrouble | None = None
    login: str = ""
    known: ListedState | None = None
    row: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fork in the cache. `status` and `reason` come from the fetch, and take precedence over those of the reading."""

    path: Path
    status: Status = "ok"
    reason: str = ""
