"""A snapshot: which commit of each fork was counted, in a file, so that the same report can be made again.

    Cohort --store_snapshot--> FILE --load_snapshot--> Snapshot --pinned--> origins that are read at those commits

"2026-03-01" --parse_until--> the end of that day
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path

import pygit2

from kit.errors import KitError
from kit.files import read, write
from kit.forks.cohort import Cohort
from kit.forks.records import Origin
from kit.text import label

KIND = "snapshot of a class"  # marks the file as one
OID = re.compile(r"[0-9a-f]{40}")
KEPT = "refs/workshop/snapshot/"  # in a fetched repository: what git must keep for a snapshot


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The commits that were counted, by where their forks were found, and the date if there was one."""

    until: datetime | None
    commits: Mapping[str, str]


def parse_until(text: str) -> datetime:
    """A date, which means the end of that day, or a date and time; in this computer's time zone unless it names one.

    Raises:
        KitError: it's neither.
    """
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip()):
            return datetime.combine(datetime.fromisoformat(text.strip()), time(23, 59, 59)).astimezone()
        found = datetime.fromisoformat(text.strip())
        return found if found.tzinfo else found.astimezone()
    except (ValueError, OverflowError, OSError) as error:
        advice = "write it as 2026-03-01 or 2026-03-01T18:00"
        raise KitError("this isn't a date", label(text), advice) from error


def load_snapshot(file: Path) -> Snapshot | None:
    """The snapshot in a file; None if there's no such file.

    Raises:
        KitError: the file is something else, or can't be read.
    """
    data = read(file.absolute(), file.absolute().parent)
    if data is None:
        return None
    try:
        row = json.loads(data)
        commits = {str(each["source"]): str(each["commit"]) for each in row["forks"]}
        if row["kind"] != KIND or not all(map(OID.fullmatch, commits.values())):
            raise ValueError(KIND)
        return Snapshot(datetime.fromisoformat(row["until"]) if row["until"] else None, commits)
    except (ValueError, KeyError, TypeError) as error:
        raise KitError("not a snapshot", str(file), "name another file with --snapshot") from error


def store_snapshot(file: Path, cohort: Cohort, until: datetime | None) -> None:
    """Write which commit of each fork was counted. It's never written over.

    Raises:
        KitError: it can't be written.
    """
    forks = [
        {"name": fork.name, "source": fork.source, "commit": fork.tip.oid}
        for fork in cohort.forks
        if fork.tip and fork.tip.oid and fork.chapters
    ]
    row = {"kind": KIND, "until": until.isoformat() if until else None, "forks": forks}
    target = file.absolute()
    write(target, f"{json.dumps(row, indent=1, ensure_ascii=False)}\n".encode(), target.parent)


def pinned(origins: Sequence[Origin], snapshot: Snapshot) -> tuple[Origin, ...]:
    """The origins, each with the commit to count. One that the snapshot doesn't have says so."""
    return tuple(
        replace(origin, commit=snapshot.commits[origin.shown])
        if origin.shown in snapshot.commits
        else replace(origin, note="; ".join(filter(None, [origin.note, "not in the snapshot"])))
        for origin in origins
    )


def keep_commits(folders: Mapping[str, Path], cohort: Cohort) -> None:
    """Have git keep the counted commits in the repositories that we fetched, whatever their students push later."""
    for fork in cohort.forks:
        if fork.tip and fork.tip.oid and fork.source in folders:
            with suppress(pygit2.GitError, ValueError, OSError):  # a cache we can't write to: then git may drop it
                repository = pygit2.Repository(str(folders[fork.source]))
                repository.references.create(f"{KEPT}{fork.tip.oid}", fork.tip.oid, force=True)
