"""A command in a real terminal: what it writes there, and how it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.course.course import ROOT

PATIENCE = 60.0  # seconds
Act = str | Callable[[], object]  # a key to press, or something to do


@dataclass(frozen=True, slots=True)
class Seen:
    """What arrived at the terminal, and the exit code."""

    code: int
    data: bytes

    @property
    def lines(self) -> list[str]:
        """The lines as the command wrote them; the terminal breaks those that are wider than it is."""
        return self.data.decode().replace("\r\n", "\n").splitlines()


def terminal(
    argv: Sequence[str],
    folder: Path,
    *,
    columns: int = 80,
    acts: Sequence[tuple[bytes, Act]] = (),
    **environment: str,
) -> Seen:
    """Run `scripts/NAME.py WORD ...` in a terminal with colours, unless the environment says otherwise.

    Each of `acts` is done as soon as its text has appeared since the previous act.
    """
    given = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    mine, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "scripts" / argv[0]), *argv[1:]],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=given | {"TERM": "xterm-256color"} | environment,
    )
    os.close(theirs)
    seen, since, waiting, end = b"", 0, list(acts), time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            if select.select([mine], [], [], 0.1)[0]:
                try:
                    piece = os.read(mine, 65536)
                except OSError:  # nobody is writing there any more
                    break
                if not piece:
                    break
                seen += piece
            if waiting and waiting[0][0] in seen[since:]:
                act, since = waiting.pop(0)[1], len(seen)
                if isinstance(act, str):
                    os.write(mine, act.encode())
                else:
                    act()
        return Seen(process.wait(max(0.1, end - time.monotonic())), seen)
    finally:
        process.kill()
        process.wait()
        os.close(mine)
