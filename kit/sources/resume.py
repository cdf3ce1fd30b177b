"""What an unfinished run had already read, so that the next run continues where it was killed.

    run begins -> pages are kept as they're read -> run ends -> they're all removed

A run that finishes leaves nothing, so the next one reads everything again. Pages older than an hour are read again too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kit.errors import KitError
from kit.files import write

AGE = 3600.0  # seconds for which a page of an unfinished run stays good
LONGEST = 6 * AGE  # seconds for which a run can be picked up again: it may have waited for a limit


class UnfinishedRun:
    """The pages of one run. `since` is when it began, in seconds since 1970; the first time, if it is `resumed`."""

    def __init__(self, cache: Path, words: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        digest = hashlib.sha256("\0".join(words).encode(errors="replace")).hexdigest()[:16]
        self.folder = cache.absolute() / f".unfinished-{digest}"
        self.clock = clock
        self.since = clock()
        self.begun = self.resumed = False

    def begin(self) -> None:
        """Start the run, or pick up the one that wasn't finished.

        Raises:
            KitError: the folder can't be written.
        """
        if self.begun:
            return
        self.begun = True
        now = self.clock()
        began = self.page("began", LONGEST)
        if isinstance(began, float):
            self.since, self.resumed = max(began, now - AGE), True
            return
        self.end()
        self.since = now
        self.keep("began", now)

    def path(self, key: str) -> Path:
        """The file of the page with this key."""
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"

    def page(self, key: str, age: float = AGE) -> Any:
        """What was kept under this key in the last `age` seconds, or else None."""
        try:
            held = json.loads(self.path(key).read_bytes())
            return held["page"] if held["key"] == key and 0 <= self.clock() - held["at"] < age else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, key: str, page: Any) -> None:
        """Keep, under this key, what was read.

        Raises:
            KitError: the folder can't be written.
        """
        data = json.dumps({"key": key, "at": self.clock(), "page": page}).encode()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"the cache can't be written: {error.strerror}"
            raise KitError(what, str(self.folder.parent), "name another folder with --cache") from error
        write(self.path(key), data, self.folder)

    def end(self) -> None:
        """Forget all of it: the run has finished."""
        with contextlib.suppress(OSError):
            shutil.rmtree(self.folder)
