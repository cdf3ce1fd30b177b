"""How high a learner has climbed on an exercise's ladder of hints, from one command to the next."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from kit import disk
from kit.errors import KitError

FILE = "hints.json"


def climb(root: Path, id: str, rungs: int, wanted: int | None = None) -> int:
    """The rung to show now, from 1: the `wanted` one, else the one above the last; it is remembered.

    Where nothing can be remembered, the ladder begins anew each time.
    """
    known: dict[str, int] = {}
    with suppress(OSError, ValueError, AttributeError):
        known = {key: int(value) for key, value in json.loads((root / disk.OWN / FILE).read_bytes()).items()}
    number = min(max(wanted or known.get(id, 0) + 1, 1), rungs)
    with suppress(KitError):
        disk.write(root / disk.OWN / FILE, json.dumps(known | {id: number}).encode(), root)
    return number
