"""A cohort without the people in it: what a report may show where names must not be seen.

    Cohort, Key --pseudonymous--> Cohort, in the order of the pseudonyms

Nothing is taken over because it looks harmless. A record is built anew from numbers, from ids of the course, and from
sentences that are ours; what is not among them is left out or said in our own words.
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
from kit.forks.records import Attempted, Event, EventKind, Fork, History, Status, Stuck, Tip
from kit.pairs.progress import EQUAL, UNREADABLE, ChapterProgress, Flag

KIND = "pseudonyms of a cohort"  # the first line of a key's file
ELSE = "it does not pass"
ODD = "something to look at"
# The words of flags that are ours to the letter, and the beginnings of those that go on with words from a fork.
WORDS = UNREADABLE | {
    *(EQUAL, "ticked but blank", "exercise missing", "item missing", "unknown exercise", "unknown item"),
    *("pair differs", "pair stale", "missing", "script missing", "notebook missing"),
}
BEGINNINGS = ("work in several languages", "two files for chapter", "history followed for", "exercise", "item")
REASONS: Mapping[str, str] = {
    "ok": "",
    "moved": "read from the address to which it has moved",
    "empty": "not started: the repository has no commit",
    "no branch": "its HEAD names no branch",
    "no course": "it holds no chapter of this course",
    "missing": "in the roster, without a fork",
    "refused": "its address is not safe to fetch",
    "not found": "the server knows no such repository",
    "no access": "the server wants a login",
    "timed out": "it took too long",
    "rate limited": "the server asks for a pause",
    "too large": "far more arrives than a fork of this course holds",
    "unreachable": "the server could not be reached",
    "unreadable": "it could not be read",
}
NOTES = {"more work on branch": "more work on another branch, not counted", "not in the roster": "not in the roster"}
SANDBOXES = ("bubblewrap", "container", "unsafe", "none")


@dataclass(slots=True)
class Key:
    """What pseudonyms are made with: a secret, and the keyed hashes of those who have one already, in their order."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    seen: list[str] = field(default_factory=list)

    def numbers(self, names: Iterable[str]) -> list[int]:
        """The number of each name, from 1; newcomers come after the others, in the order of their hashes.

        Of several that share a name the second, third and so on count as others.
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
    """The key in a file; a new one where there is none yet.

    Raises:
        KitError: the file is something else, or cannot be read.
    """
    data = read(file.absolute(), file.absolute().parent)
    if data is None:
        return Key()
    try:
        row = json.loads(data)
        if row["kind"] != KIND:
            raise ValueError(KIND)
        return Key(bytes.fromhex(row["secret"]), [str(digest) for digest in row["seen"]])
    except (ValueError, KeyError, TypeError) as error:
        raise KitError("this is no key for pseudonyms", str(file), "give --key a file of its own") from error


def store_key(file: Path, key: Key) -> None:
    """Write a key, for its owner's eyes alone: with it and a list of names one can tell who is who.

    Raises:
        KitError: it cannot be written.
    """
    target = file.absolute()
    text = json.dumps({"kind": KIND, "secret": key.secret.hex(), "seen": key.seen}, indent=1)
    if not target.exists():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch(mode=0o600)
        except OSError as error:
            raise KitError("the key cannot be written", str(file), "give --key a file in a folder of yours") from error
    write(target, f"{text}\n".encode(), target.parent)


def day(at: datetime | None) -> datetime | None:
    """A time without its hour: to the second it would lead to the commit."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) if at else None


def flag_of(flag: Flag, outline: Outline) -> Flag:
    """A flag in our words, with ids of the course, and with the chapter's own file name if it stands in that."""
    begun = next((word for word in BEGINNINGS if flag.word.startswith(f"{word} ")), ODD)
    if begun in ("exercise", "item"):  # `exercise 01.02 twice`: the id is from the fork, too
        begun = f"{begun} twice or unclear"
    ids = {*outline.exercises, *outline.items}
    name = re.split(r"[/\\]", flag.path)[-1]
    known = name in (f"{outline.stem}.py", f"{outline.stem}.ipynb")
    return Flag(
        flag.word if flag.word in WORDS else begun,
        tuple(id for id in flag.ids if id in ids),
        name if known else "",
        max(0, int(flag.line)) if known else 0,
    )


def said_of(message: str, sayings: frozenset[str]) -> str:
    """What the course says itself of a failure; a value or a name of the student's may stand behind it."""
    return max((said for said in sayings if message.startswith(said)), key=len, default=ELSE)


def progress_of(progress: ChapterProgress, outline: Outline, sayings: frozenset[str]) -> ChapterProgress:
    """A chapter's progress by the course's ids; of what was said of a failure only what the course says itself."""

    def known(ids: Iterable[str]) -> tuple[str, ...]:
        have = set(ids)
        return tuple(id for id in outline.items if id in have) + tuple(
            id for id in outline.exercises if id in have and id not in outline.items
        )

    return ChapterProgress(
        int(progress.total),
        known(progress.ticked),
        known(progress.filled),
        None if progress.verified is None else known(progress.verified),
        tuple(flag_of(flag, outline) for flag in progress.flags),
        {id: said_of(progress.failed[id], sayings) for id in known(progress.failed)},
    )


def history_of(history: History, ids: frozenset[str]) -> History:
    """A history by days, without commits; what was noted, and the evidence for being stuck, in our words."""
    kinds = get_args(EventKind)
    events = tuple(Event(e.id, e.kind, day(e.at), "") for e in history.events if e.id in ids and e.kind in kinds)
    stuck = tuple(
        Stuck(one.id, since, f"begun on {since:%Y-%m-%d}, not done")
        for one in history.stuck
        if one.id in ids and (since := day(one.since))
    )
    attempted = {
        id: Attempted(day(done.first), day(done.last), int(done.commits))
        for id, done in history.attempted.items()
        if id in ids
    }
    note = "there is a note on this history" if history.note else ""
    return History(events, int(history.commits), note, stuck, attempted)


def reason_of(fork: Fork, status: Status) -> str:
    """Why a fork is as it is, in our words."""
    notes = [said for beginning, said in NOTES.items() if beginning in fork.reason]
    return "; ".join(filter(None, [REASONS[status], *notes]))


def fork_of(fork: Fork, name: str, outlines: Mapping[str, Outline], sayings: frozenset[str]) -> Fork:
    """A fork under another name, with nothing in it that is not ours."""
    status: Status = fork.status if fork.status in get_args(Status) else "unreadable"
    chapters = [id for id in outlines if id in fork.chapters]
    ids = frozenset(id for outline in outlines.values() for id in (*outline.exercises, *outline.items))
    return Fork(
        name,
        "",
        status,
        reason_of(fork, status),
        Tip("", "", day(fork.tip.committed_at)) if fork.tip else None,
        {id: progress_of(fork.chapters[id], outlines[id], sayings) for id in chapters},
        {},
        history_of(fork.history, ids) if fork.history else None,
        next((word for word in SANDBOXES if word in fork.sandbox), "a sandbox") if fork.sandbox else "",
    )


def anonymised(cohort: Cohort, key: Key, sayings: frozenset[str] = frozenset()) -> Cohort:
    """The same cohort as `student-01`, `student-02` and so on, in that order, which is the key's and tells nothing.

    `sayings` are the course's own messages: of what was said of failures only these are shown.
    """
    outlines = {outline.id: outline for outline in cohort.outlines}
    numbers = key.numbers(fork.name for fork in cohort.forks)
    width = max(2, len(str(max(numbers, default=0))))
    pairs = sorted(zip(numbers, cohort.forks, strict=True), key=lambda pair: pair[0])
    forks = tuple(fork_of(fork, f"student-{number:0{width}}", outlines, sayings) for number, fork in pairs)
    return replace(cohort, forks=forks, cells=())
