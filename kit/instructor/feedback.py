"""A folder of feedback: a Markdown file for each student, which the instructor reads and edits before it's posted.

    Cohort --write_feedback--> FOLDER/octo.md, ... and FOLDER/feedback.json --load_round--> Round

A file that somebody has edited is never written over, and neither is one that has been posted.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from kit.errors import KitError
from kit.files import read, write
from kit.forks.cohort import Cohort
from kit.report.feedback import to_feedback
from kit.text import label

KIND = "feedback of a class"
LIST = "feedback.json"
UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A student's feedback: its file, where the fork was found, the commit it's about, the digest of what we wrote.

    `posted` is where it was posted; empty until then.
    """

    name: str
    file: str
    source: str
    commit: str
    written: str
    posted: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """The feedback in a folder. Its `id` is in everything that's posted, so nothing is posted twice."""

    folder: Path
    id: str
    letters: tuple[Letter, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and what was left as it is because somebody edited it or it's posted."""

    round: Round
    files: tuple[str, ...] = ()
    kept: tuple[str, ...] = field(default=())


def digest(data: bytes) -> str:
    """What a file is recognised by."""
    return hashlib.sha256(data).hexdigest()


def load_round(folder: Path) -> Round | None:
    """The feedback in a folder; None if there's none.

    Raises:
        KitError: its list can't be read.
    """
    data = read(folder.absolute() / LIST, folder.absolute())
    if data is None:
        return None
    try:
        found = json.loads(data)
        letters = tuple(Letter(**{name: str(text) for name, text in row.items()}) for row in found["letters"])
        if found["kind"] != KIND or any(UNSAFE.search(letter.file) for letter in letters):
            raise ValueError(KIND)
        return Round(folder, str(found["id"]), letters)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KitError("this list of feedback can't be read", str(folder / LIST), "name another folder") from error


def store_round(round_: Round) -> None:
    """Write the list of a folder's feedback.

    Raises:
        KitError: it can't be written.
    """
    row = {"kind": KIND, "id": round_.id, "letters": [asdict(letter) for letter in round_.letters]}
    folder = round_.folder.absolute()
    write(folder / LIST, f"{json.dumps(row, indent=1, ensure_ascii=False)}\n".encode(), folder)


def file_name(name: str, taken: set[str]) -> str:
    """A file for a student that nobody else has: `Cat, Octo` -> `Cat-Octo.md`."""
    stem = UNSAFE.sub("-", name).strip("-.")[:80] or "student"
    number, file = 1, f"{stem}.md"
    while file.casefold() in taken:
        number += 1
        file = f"{stem}-{number}.md"
    taken.add(file.casefold())
    return file


def write_feedback(folder: Path, cohort: Cohort) -> Written:
    """Write a file for each student. The same students get the same files in every run.

    Raises:
        KitError: a file can't be written.
    """
    before = load_round(folder) or Round(folder, secrets.token_hex(8))
    known: Mapping[tuple[str, str], Letter] = {(letter.name, letter.source): letter for letter in before.letters}
    root = folder.absolute()
    taken = {letter.file.casefold() for letter in before.letters}
    letters: dict[tuple[str, str], Letter] = {}
    files: list[str] = []
    kept: list[str] = []
    for fork in cohort.forks:
        key = (fork.name, fork.source)
        if key in letters:  # named twice, read once
            continue
        old = known.get(key)
        commit = fork.tip.oid if fork.tip else ""
        new = (
            replace(old, commit=commit)
            if old
            else Letter(fork.name, file_name(fork.name, taken), fork.source, commit, "")
        )
        data = to_feedback(cohort, fork).encode()
        there = read(root / new.file, root)
        if there is not None and there != data and (new.posted or digest(there) != new.written):
            kept.append(new.file)
            letters[key] = old or new
            continue
        write(root / new.file, data, root, expected=there)
        files.append(new.file)
        letters[key] = replace(new, written=digest(data))
    posted = [letter for key, letter in known.items() if key not in letters and letter.posted]
    round_ = replace(before, letters=(*letters.values(), *posted))
    store_round(round_)
    return Written(round_, tuple(files), tuple(kept))


def text_of(round_: Round, letter: Letter) -> str:
    """A student's feedback as it is in the folder now; empty if its file is gone.

    Raises:
        KitError: it can't be read.
    """
    data = read(round_.folder.absolute() / letter.file, round_.folder.absolute())
    return (data or b"").decode("utf-8", errors="replace").strip()


def named(letter: Letter) -> str:
    """A student, on one line."""
    return label(letter.name)
