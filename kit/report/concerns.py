"""What a person should look at in a fork, most urgent first."""

from __future__ import annotations

from kit.forks.records import Fork
from kit.pairs.progress import EQUAL

URGENT = ("conflict", EQUAL, "ticked but blank", "pair differs", "missing")  # flags' words; all others come after these
MAX_IDS = 3  # per flag; the rest are only counted


def rank(word: str) -> int:
    """How urgent a flag is; 0 is most."""
    return URGENT.index(word) if word in URGENT else len(URGENT)


def concerns(fork: Fork) -> str:
    """What to look at in a fork, in one line: its reason, then its flags with their exercises or chapters."""
    found: dict[str, list[str]] = {}
    for chapter, progress in fork.chapters.items():
        for flag in progress.flags:
            found.setdefault(flag.word, []).extend(flag.ids or [chapter])
    parts = [fork.reason]
    for word in sorted(found, key=rank):
        ids = found[word]
        more = f" and {len(ids) - MAX_IDS} more" if len(ids) > MAX_IDS else ""
        parts.append(f"{word} {', '.join(ids[:MAX_IDS])}{more}")
    return "; ".join(filter(None, parts))


def urgency(fork: Fork) -> tuple[int, int]:
    """A sort key: forks that couldn't be read first, then by the worst flag, then by the number of flags."""
    flags = [flag for progress in fork.chapters.values() for flag in progress.flags]
    worst = min((rank(flag.word) for flag in flags), default=len(URGENT) + 1)
    return (worst if fork.chapters else -1, -len(flags))
