"""The walls around a stranger's cell, put up from the inside: each process on the way to it adds more.

    server --> walker --> holder --> trial (where the cell runs)

Each kind of process calls its method before it goes on. Walls are permanent: whatever it forks is behind them too.
`SandboxWalls` is for a server in a sandbox; `LimitsOnly` for one without, where it contains accidents, not attackers.
"""

from __future__ import annotations

import contextlib
import resource
from typing import TypeAlias

from kit.verify import confine
from kit.verify.library import Mapped, copy_into, load_what_needs_the_system
from kit.verify.seccomp import refuse_calls

TEMPORARY = "/tmp"


class SandboxWalls:
    """All of them. Each method raises `OSError` if a wall can't be put up, and then no cell is run."""

    def __init__(self) -> None:
        self.memory = 0
        self.process_ids = 0

    def around_server(self) -> None:
        """No other process can read this one; nothing is writable. What trials will see of the system is copied."""
        confine.shut()
        load_what_needs_the_system()
        mapped = Mapped()
        confine.make_root(copy_into)
        mapped.wait()

    def around_forker(self) -> None:
        """What the next fork makes sees no process outside of itself and its descendants."""
        confine.new_process_ids()

    def around_walker(self) -> None:
        """Only this chapter sees what it writes."""
        confine.own_mounts()
        confine.own_copy(TEMPORARY)

    def around_holder(self) -> None:
        """Nothing is in sight but the copy of the libraries, and each trial is alone among processes."""
        self.memory = confine.size() + confine.GROWTH
        confine.own_mounts()
        self.process_ids = confine.process_ids()
        confine.enter_root()

    def before_trial(self) -> None:
        """Called in the holder before each fork: the trial can name no other process."""
        confine.renew_process_ids(self.process_ids)

    def around_trial(self, limit: float) -> None:
        """Only this cell sees what it writes; it's one process and stays one."""
        confine.own_mounts()
        confine.own_copy(TEMPORARY)
        confine.drop_capabilities()
        confine.limit(self.memory, limit)
        refuse_calls()


class LimitsOnly:
    """What a process can do without a sandbox: limits and refused calls, where the system has them."""

    def __init__(self) -> None:
        self.memory = resource.RLIM_INFINITY

    def around_server(self) -> None:
        """Nothing."""

    def around_forker(self) -> None:
        """Nothing."""

    def around_walker(self) -> None:
        """Nothing."""

    def around_holder(self) -> None:
        """Note how much memory a trial may have."""
        with contextlib.suppress(OSError):
            self.memory = confine.size() + confine.GROWTH

    def before_trial(self) -> None:
        """Nothing."""

    def around_trial(self, limit: float) -> None:
        """Limits on time and memory; one process, which reaches no other."""
        with contextlib.suppress(OSError, ValueError):
            confine.limit(self.memory, limit)
        with contextlib.suppress(OSError):
            refuse_calls()


Walls: TypeAlias = SandboxWalls | LimitsOnly
