"""A cohort without the people in it: what a report can show when names mustn't be seen.

    Cohort, Key --anonymised--> Cohort, in the order of the pseudonyms

Nothing is kept just because it looks harmless. Every record is rebuilt from numbers, ids of the course, and our own
sentences; anything else is left out or replaced by our own words.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import get_args

from kit.course.outline import Outline
from kit.errors import KitError
from kit.files import read, write
from kit.forks.cohort import Cohort
from kit.forks.records import NOT_JUDGED, Attempted, Event, EventKind, Fork, History, Status, Stuck, Tip
from kit.pairs.progress import EQUAL, UNREADABLE, ChapterProgress, Flag

KEY_KIND = "pseudonyms of a cohort"  # marks a key's file as one
UNKNOWN_FAILURE = "it doesn't pass"
UNKNOWN_FLAG = "something to look at"
# Flags that are ours word for word, and the beginnings of those that go on with words from a fork.
FLAGS = UNREADABLE | {
    *(EQUAL, "ticked but blank", "exercise missing", "item missing", "unknown exercise", "unknown item"),
    *("late", "changed late", "answer not in its cell", "pair differs", "pair stale"),
    *("missing", "script missing", "notebook missing"),
}
FLAG_BEGINNINGS = ("two files for chapter", "history followed for", "exercise", "item")
REASONS: Mapping[str, str] = {
    "ok": "",
    "moved": "it moved, and was read from its new address",
    "empty": "not started: the repository has no commit",
    "no branch": "its HEAD names no branch",
    "no course": "it has no chapter of this course",
    "missing": "in the roster, without a fork",
    "refused": "its address isn't safe to fetch",
    "not found": "the server has no such repository",
    "no access": "the server wants a login",
    "timed out": "it took too long",
    "rate limited": "the server asks for a pause",
    "too large": "it sent far more than a fork of this course can hold",
    "unreachable": "the server couldn't be reached",
    "unreadable": "it couldn't be read",
}
NOTES = {
    "more work on branch": "more work on another branch, not counted",
    "UTC, not counted": "commits after the date, not counted",
    "work elsewhere, not counted": "work in files that aren't counted",
    "not in the roster": "not in the roster",
    "not in the snapshot": "not in the snapshot",
    "in the roster twice": "in the roster twice",
}
SANDBOXES = ("bubblewrap", "container", "unsafe", "none")


@dataclass(slots=True)
class Key:
    """What pseudonyms are made from: a secret, and the keyed hashes of those who already have one, in order."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    seen: list[str] = field(default_factory=list)

    def numbers(self, names: Iterable[str]) -> list[int]:
        """The number of each name, from 1. New names come after the others, in the order of their hashes.

        If several students share a name, each of them gets a number.
        """
        count: Counter[str] = Counter()
        hashes: list[str] = []
        for name in names:
            count[name] += 1
            hashes.append(hmac.digest(self.secret, f"{count[name]} {name}".encode(errors="replace"), "sha256").hex())
        self.seen += sorted(set(hashes).difference(self.seen))
        places = {digest: place for place, digest in enumerate(self.seen, 1)}
        return [places[digest] for digest in hashes]


def load_key(file: Path) -> Key:
    """The key in a file; a new one if there's no such file.

    Raises:
        KitError: the file is something else, or can't be read.
    """
    data = read(file.absolute(), file.absolute().parent)
    if data is None:
        return Key()
    try:
        row = json.loads(data)
        if row["kind"] != KEY_KIND:
            raise ValueError(KEY_KIND)
        return Key(bytes.fromhex(row["secret"]), [str(digest) for digest in row["seen"]])
    except (ValueError, KeyError, TypeError) as error:
        raise KitError("not a key for pseudonyms", str(file), "name another file with --key") from error


def store_key(file: Path, key: Key) -> None:
    """Write a key that only its owner can read: with it and a list of names, anyone can tell who is who.

    Raises:
        KitError: it can't be written.
    """
    target = file.absolute()
    text = json.dumps({"kind": KEY_KIND, "secret": key.secret.hex(), "seen": key.seen}, indent=1)
    if not target.exists():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch(mode=0o600)
        except OSError as error:
            raise KitError("the key can't be written", str(file), "name a file in another folder with --key") from error
    write(target, f"{text}\n".encode(), target.parent)


def only_day(at: datetime | None) -> datetime | None:
    """A time cut to the day; to the second, it would lead to the commit."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) if at else None


def anonymous_flag(flag: Flag, outline: Outline) -> Flag:
    """A flag in our words, with ids of the course, and with the file's name if it's the chapter's own."""
    begun = next((word for word in FLAG_BEGINNINGS if flag.word.startswith(f"{word} ")), UNKNOWN_FLAG)
    if begun in ("exercise", "item"):  # `exercise 01.02 twice`: the id is from the fork, too
        begun = f"{begun} twice or unclear"
    ids = {*outline.exercises, *outline.items}
    name = re.split(r"[/\\]", flag.path)[-1]
    known = name in (f"{outline.stem}.py", f"{outline.stem}.ipynb")
    return Flag(
        flag.word if flag.word in FLAGS else begun,
        tuple(x for x in flag.ids if x in ids),
        name if known else "",
        max(0, int(flag.line)) if known else 0,
    )


def course_message(message: str, messages: frozenset[str]) -> str:
    """The course's own part of a failure's message; a value or a name of the student's may follow it."""
    if message.startswith(NOT_JUDGED):
        return NOT_JUDGED
    return max((ours for ours in messages if message.startswith(ours)), key=len, default=UNKNOWN_FAILURE)


def anonymous_progress(progress: ChapterProgress, outline: Outline, messages: frozenset[str]) -> ChapterProgress:
    """A chapter's progress, with only the course's ids and the course's own messages for failures."""
    order = dict.fromkeys((*outline.items, *outline.exercises))

    def known(ids: Iterable[str]) -> tuple[str, ...]:
        have = set(ids)
        return tuple(x for x in order if x in have)

    return ChapterProgress(
        int(progress.total),
        known(progress.ticked),
        known(progress.filled),
        None if progress.verified is None else known(progress.verified),
        tuple(anonymous_flag(flag, outline) for flag in progress.flags),
        {x: course_message(progress.failed[x], messages) for x in known(progress.failed)},
    )


def anonymous_history(history: History, ids: frozenset[str]) -> History:
    """A history by day, without commits; its note, and the evidence for being stuck, in our words."""
    kinds = get_args(EventKind)
    events = tuple(Event(e.id, e.kind, only_day(e.at), "") for e in history.events if e.id in ids and e.kind in kinds)
    stuck = tuple(
        Stuck(one.id, since, f"begun on {since:%Y-%m-%d}, not done")
        for one in history.stuck
        if one.id in ids and (since := only_day(one.since))
    )
    attempted = {
        x: Attempted(only_day(each.first), only_day(each.last), int(each.commits), int(each.sittings), bool(each.now))
        for x, each in history.attempted.items()
        if x in ids
    }
    note = "there's a note on this history" if history.note else ""
    return History(events, int(history.commits), note, stuck, attempted)


def anonymous_reason(fork: Fork, status: Status) -> str:
    """The reason for a fork's status, in our words."""
    notes = [ours for beginning, ours in NOTES.items() if beginning in fork.reason]
    return "; ".join(filter(None, [REASONS[status], *notes]))


def anonymous_fork(fork: Fork, name: str, outlines: Mapping[str, Outline], messages: frozenset[str]) -> Fork:
    """A fork under another name, with nothing in it that isn't ours."""
    status: Status = fork.status if fork.status in get_args(Status) else "unreadable"
    chapters = {x: anonymous_progress(fork.chapters[x], outlines[x], messages) for x in outlines if x in fork.chapters}
    ids = frozenset(x for outline in outlines.values() for x in (*outline.exercises, *outline.items))
    sandbox = next((word for word in SANDBOXES if word in fork.sandbox), "a sandbox") if fork.sandbox else ""
    return Fork(
        name,
        source="",
        status=status,
        reason=anonymous_reason(fork, status),
        tip=Tip("", "", only_day(fork.tip.committed_at)) if fork.tip else None,
        chapters=chapters,
        history=anonymous_history(fork.history, ids) if fork.history else None,
        sandbox=sandbox,
    )


def anonymised(cohort: Cohort, key: Key, messages: frozenset[str] = frozenset()) -> Cohort:
    """The same cohort as `student-01`, `student-02` and so on, in an order that depends on the key alone.

    `messages` are the course's own messages for failures, the only ones shown.
    """
    outlines = {outline.id: outline for outline in cohort.outlines}
    numbers = key.numbers(fork.name for fork in cohort.forks)
    width = max(2, len(str(max(numbers, default=0))))
    pairs = sorted(zip(numbers, cohort.forks, strict=True), key=lambda pair: pair[0])
    forks = tuple(anonymous_fork(fork, f"student-{number:0{width}}", outlines, messages) for number, fork in pairs)
    return replace(cohort, forks=forks, cells=())
