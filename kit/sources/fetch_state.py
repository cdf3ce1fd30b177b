"""What we noted beside a cached fork when git last asked for it, compared with what a server's list says now.

    ListedState   what an API's list says now        FetchState   what the cache holds, and since when

A fork whose list entry still matches its state has nothing new, so it costs no request.
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
    """When git last asked (seconds since 1970), the push that was listed then, and where the server redirected us."""

    checked: float
    pushed_at: str = ""
    moved: str = ""


def read_fetch_state(folder: Path) -> FetchState | None:
    """The state of a fork in the cache; None if there's no valid one."""
    try:
        found = json.loads((folder / FETCH_STATE_FILE).read_bytes())
        return FetchState(float(found["checked"]), str(found["pushed_at"]), str(found["moved"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_fetch_state(folder: Path, state: FetchState) -> None:
    """Note that git has asked for the fork.

    Raises:
        KitError: the cache can't be written.
    """
    write(folder.absolute() / FETCH_STATE_FILE, json.dumps(asdict(state)).encode(), folder.absolute())


def unchanged(known: ListedState | None, state: FetchState, cached_head: Callable[[], tuple[str, str]]) -> bool:
    """Whether the list says that a cached fork has nothing new. `cached_head` reads its default branch and tip."""
    if known is None or not (known.tip and known.branch and known.pushed_at):
        return False
    return known.pushed_at == state.pushed_at and cached_head() == (known.branch, known.tip)
