"""What one language's files have in common with another's: the state in which a learner last left one for the other.

    .workshop/moves.json     {"ja": {"left": 3, "seen": [1, 3], "files": "0a", "texts": {"ch06_attention_head": "..."}}}

Moves are numbered. Each leaves a snapshot of the files that the learner moved away from, and both languages have `seen`
it. The newest snapshot that two of them have seen is the base for merging them. Without the file, or if it's damaged,
it's the todo: then nothing counts as deleted, and what was changed in both languages is kept twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from kit import files
from kit.course.course import Course

FILE = "moves.json"


@dataclass(frozen=True, slots=True)
class State:
    """A language's files: the move that last left them (0: none has), their texts then, and all moves they've seen.

    A chapter that was at its todo has no text. `files` is a digest of what was on disk.
    """

    left: int = 0
    seen: frozenset[int] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    files: str = ""


States = Mapping[str, State]


def path_of(course: Course) -> Path:
    """The file with the states."""
    return course.root / files.WORKSHOP_FOLDER / FILE


def from_bytes(data: bytes | None) -> dict[str, State]:
    """The states in a file; none if there's no file, or something else in it."""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        rows = json.loads(data or b"{}")
        return {
            code: State(int(row["left"]), frozenset(map(int, row["seen"])), {**row["texts"]}, str(row["files"]))
            for code, row in rows.items()
        }
    return {}


def to_bytes(states: States) -> bytes:
    """The file with these states."""
    rows = {
        code: {"left": state.left, "seen": sorted(state.seen), "files": state.files, "texts": state.texts}
        for code, state in sorted(states.items())
    }
    return json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def common(states: States, one: str, other: str) -> str:
    """The language whose snapshot is the newest that both of these have seen; empty if there's none."""
    both = states.get(one, State()).seen & states.get(other, State()).seen
    return max((code for code in states if states[code].left in both), key=lambda code: states[code].left, default="")


def is_known(states: States, code: str, by: Iterable[str], files: str) -> bool:
    """Whether one of these languages has seen all that's in a language's files, which have this digest now."""
    state = states.get(code, State())
    return bool(state.left) and state.files == files and any(state.left in states.get(x, State()).seen for x in by)


def moved(states: States, source: str, target: str, texts: Mapping[str, str], files: str) -> dict[str, State]:
    """The states after a move from one language, whose files have these texts and this digest, to another.

    Files that are as they were when they were last left need no new snapshot.
    """
    before, after = states.get(source, State()), states.get(target, State())
    number = 1 + max((max(state.seen, default=0) for state in states.values()), default=0)
    unchanged = before.left and before.texts == texts
    left = replace(before, files=files) if unchanged else State(number, before.seen | {number}, texts, files)
    return {**states, source: left, target: replace(after, seen=after.seen | left.seen)}
