"""The walls around a stranger's cell, put up from the inside: each process on the way to it adds more.

    server --> walker --> holder --> trial (where the cell runs)

Each kind of process calls its method before it goes on. Walls are permanent: whatever it forks is behind them too.
`SandboxWalls` is for a server in a sandbox; `LimitsOnly` for one without, where it contains accidents, not attackers.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path
from typing import TypeAlias

from kit.verify import confine
from kit.verify.seccomp import refuse_calls

TEMPORARY = "/tmp"


class SandboxWalls:
    """All of them. Each method raises `OSError` if a wall can't be put up, and then no cell is run."""

    def __init__(self, stage: Path) -> None:
        courses = (folder for folder in installed_courses() if not folder.is_relative_to(stage))
        self.hidden = [str(stage), "/proc", *map(str, courses)]
        self.memory = 0

    def around_server(self) -> None:
        """No other process can read this one; nothing is writable except what each trial gets its own copy of."""
        confine.shut()

    def around_walker(self) -> None:
        """Only this chapter sees what it writes."""
        confine.own_mounts()
        confine.own_copy(TEMPORARY)

    def around_holder(self) -> None:
        """The rest of the chapter and all other processes are out of sight."""
        self.memory = confine.size() + confine.GROWTH
        confine.own_mounts()
        confine.own_copy(TEMPORARY)
        for folder in self.hidden:
            confine.hide(folder)

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

    def around_walker(self) -> None:
        """Nothing."""

    def around_holder(self) -> None:
        """Note how much memory a trial may have."""
        with contextlib.suppress(OSError):
            self.memory = confine.size() + confine.GROWTH

    def around_trial(self, limit: float) -> None:
        """Limits on time and memory; one process, which reaches no other."""
        with contextlib.suppress(OSError, ValueError):
            confine.limit(self.memory, limit)
        with contextlib.suppress(OSError):
            refuse_calls()


Walls: TypeAlias = SandboxWalls | LimitsOnly


def installed_courses() -> list[Path]:
    """Folders of a course that are part of the system: in a container's image, or in an installed package."""
    found = {Path(folder).resolve() for folder in ("/workshop", *sys.path) if folder}
    parts = (folder / name for folder in found for name in ("checkpoints", "nanogpt", "workshop"))
    return [part for part in parts if part.is_dir()]
