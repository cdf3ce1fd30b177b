"""What is known of a fork on a server before git asks for it, and what was noted in the cache when git last did.

    Known   what an API's list says now        Mark   what the cache holds, and since when

A fork whose list entry says what its mark says has nothing new: it costs no request.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from kit.files import write
from kit.forks.objects import FETCH_STATE_FILE
from kit.forks.records import ListedState


@dataclass(frozen=True, slots=True)
class FetchState:
    """When git last asked (seconds since 1970), the push that was listed then, and where the server sent us, if so."""

    checked: float
    pushed_at: str = ""
    moved: str = ""


def read_fetch_state(folder: Path) -> FetchState | None:
    """The mark of a fork in the cache, None where there is no sound one."""
    try:
        found = json.loads((folder / FETCH_STATE_FILE).read_bytes())
        return FetchState(float(found["checked"]), str(found["pushed_at"]), str(found["moved"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_fetch_state(folder: Path, mark: FetchState) -> None:
    """Note that the fork was asked for.

    Raises:
        KitError: the cache cannot be written.
    """
    write(folder.absolute() / FETCH_STATE_FILE, json.dumps(asdict(mark)).encode(), folder.absolute())


def unchanged(known: ListedState | None, mark: FetchState, head: Callable[[], tuple[str, str]]) -> bool:
    """Whether the list says that a cached fork has nothing new. `head` reads its default branch and that one's tip."""
    if known is None or not (known.tip and known.branch and known.pushed_at):
        return False
    return known.pushed_at == mark.pushed_at and head() == (known.branch, known.tip)
