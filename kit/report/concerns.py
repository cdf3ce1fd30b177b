"""What a person should look at in a fork, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence

from kit.forks.records import Fork
from kit.pairs.progress import EQUAL
from kit.text import first_few

URGENT = ("conflict", EQUAL, "ticked but blank", "pair differs", "missing")  # flags' words; all others come after these
PLAIN = {  # for flags whose word has to be looked up
    EQUAL: "answers equal to ours",
    "conflict": "merge markers",
    "missing": "both files missing",
    "pair differs": "script and notebook differ",
    "pair stale": "only one of the two files edited",
}
MAX_IDS = 3  # per flag; the rest are only counted


def rank(word: str) -> int:
    """How urgent a flag is; 0 is most."""
    return URGENT.index(word) if word in URGENT else len(URGENT)


def concerns(fork: Fork) -> str:
    """What to look at in a fork, in one line: its reason, then its flags with their exercises or chapters."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for chapter, progress in fork.chapters.items():
        for flag in progress.flags:
            ids, chapters = found.setdefault(flag.word, ([], []))
            ids.extend(flag.ids)
            chapters.extend([] if flag.ids else [chapter])
    notes = [note_on(word, *found[word]) for word in sorted(found, key=rank)]
    return "; ".join(filter(None, [fork.reason, *notes]))


def note_on(word: str, ids: Sequence[str], chapters: Sequence[str]) -> str:
    """`ticked but blank: 00.01, 00.02`, `merge markers in chapter 06`, `late: 00.01 and in chapters 03, 04`."""
    said = PLAIN.get(word, word)
    chapter = "chapter" if len(chapters) == 1 else "chapters"
    where = f" in {chapter} {first_few(chapters, MAX_IDS)}" if chapters else ""
    return f"{said}: {first_few(ids, MAX_IDS)}{' and' if where else ''}{where}" if ids else f"{said}{where}"


def urgency(fork: Fork) -> tuple[int, int]:
    """A sort key: forks that couldn't be read first, then by the worst flag, then by the number of flags."""
    flags = [flag for progress in fork.chapters.values() for flag in progress.flags]
    worst = min((rank(flag.word) for flag in flags), default=len(URGENT) + 1)
    return (worst if fork.chapters else -1, -len(flags))
