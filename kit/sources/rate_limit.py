"""A gate in front of each server: shut while the server asks for a pause, so that all fetches wait together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from kit.sources.git_transport import HALT
from kit.terminal import duration, say


class PauseGate:
    """When each server may be asked again. `wait` sleeps for some seconds, and returns whether to give up waiting."""

    def __init__(
        self,
        say: Callable[[str], None] = say,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] = HALT.wait,
    ) -> None:
        self.say = say
        self.clock = clock
        self.wait = wait
        self.lock = threading.Lock()
        self.until: dict[str, float] = {}

    def enter(self, host: str) -> bool:
        """Wait until the server may be asked; False if the command is being stopped."""
        while (left := self.until.get(host, 0.0) - self.clock()) > 0:
            if self.wait(left):
                return False
        return True

    def shut(self, host: str, ask: Callable[[], float | None], usual: float, longest: float) -> bool:
        """Shut the gate for as many seconds as `ask` says, or the usual time if it says None; False if that's too long.

        If another thread shut it a moment ago, it stays as it is, and the server isn't asked again.
        """
        with self.lock:
            if self.until.get(host, 0.0) > self.clock():
                return True
            asked = ask()
            seconds = usual if asked is None else asked
            if seconds > longest:
                return False
            self.until[host] = self.clock() + seconds
            end = datetime.now() + timedelta(seconds=seconds)
            self.say(f"{host}: too many requests; waiting {duration(seconds)}, until {end:%H:%M}")
            return True
