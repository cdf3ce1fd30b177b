"""A gate before each server: it is shut while the server asks for a pause, and all who fetch wait at it together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from kit.terminal import duration, say


class PauseGate:
    """When each server may be asked again. `wait` sleeps some seconds and says whether to give up waiting."""

    def __init__(
        self,
        say: Callable[[str], None] = say,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self.say = say
        self.clock = clock
        self.wait = wait or halted
        self.lock = threading.Lock()
        self.until: dict[str, float] = {}

    def enter(self, host: str) -> bool:
        """Wait until the server may be asked; False when nobody wants the answer any more."""
        while (left := self.until.get(host, 0.0) - self.clock()) > 0:
            if self.wait(left):
                return False
        return True

    def shut(self, host: str, ask: Callable[[], float | None], usual: float, longest: float) -> bool:
        """Shut the gate for as long as the server says when asked, else for the usual time; False if that is too long.

        Where another has shut it a moment ago, it stays as it is, and the server is not asked again.
        """
        with self.lock:
            if self.until.get(host, 0.0) > self.clock():
                return True
            told = ask()
            seconds = usual if told is None else told
            if seconds > longest:
                return False
            self.until[host] = self.clock() + seconds
            end = datetime.now() + timedelta(seconds=seconds)
            self.say(f"{host}: too many requests; waiting {duration(seconds)}, until {end:%H:%M}")
            return True


def halted(seconds: float) -> bool:
    """Sleep, unless the command is stopped; whether it was."""
    from kit.sources.git_transport import HALT

    return HALT.wait(seconds)
