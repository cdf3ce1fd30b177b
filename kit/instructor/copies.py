"""Where the forks of a report were fetched to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kit.forks.records import Fetched, ForkTrouble, Origin
from kit.sources.fetch import cache_folder


class Copies:
    """Where each fork was fetched to. One that has vanished since its snapshot was made is read from our copy."""

    def __init__(self, cache: Path, fetched: Callable[[Origin], Fetched | None]) -> None:
        self.cache, self.fetch = cache, fetched
        self.folders: dict[str, Path] = {}

    def fetched(self, origin: Origin) -> Fetched | None:
        """A fork, once it's fetched; raises what the fetching raises."""
        try:
            found = self.fetch(origin)
        except ForkTrouble as trouble:
            folder = cache_folder(origin.address, self.cache) if origin.address else None
            if not origin.commit or folder is None or not folder.is_dir():
                raise
            return Fetched(folder, trouble.status, f"{trouble.reason}; this is our copy, from when it was fetched")
        if found:
            self.folders[origin.shown] = found.path
        return found
