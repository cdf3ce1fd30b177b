"""A report that follows a class: read, shown when it has changed, and read again, until somebody presses Ctrl+C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from kit.errors import KitError
from kit.forks.cohort import Cohort
from kit.text import label

CLEAR = "\x1b[H\x1b[2J\x1b[3J"


def said(error: Exception) -> str:
    """What went wrong in a round, on one line."""
    return label(str(error) if isinstance(error, KitError) else f"{type(error).__name__}: {error}", 400)


def follow(
    read: Callable[[], Cohort],
    show: Callable[[Cohort], None],
    seconds: float,
    redraw: bool,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Read and show in rounds, `seconds` from the start of one to the start of the next, if it takes no longer.

    A report of the same forks is shown again only where `redraw` asks for it. A round that fails is told on stderr, and
    the next one comes all the same; only the first must succeed, since a wrong word would be wrong for ever.

    Raises:
        KitError: the first round failed.
    """
    shown: Cohort | None = None
    try:
        while True:
            start = time.monotonic()
            try:
                cohort = read()
                changed = shown is None or (cohort.outlines, cohort.forks) != (shown.outlines, shown.forks)
                if redraw:
                    sys.stdout.write(CLEAR)
                if changed or redraw:
                    show(cohort)
                    shown = cohort
                trouble = ""
            except Exception as error:  # whatever it is, a class is going on
                if shown is None:
                    raise
                trouble = f"this round failed, the next one comes: {said(error)}"
            if redraw or trouble:
                now = f"{datetime.now(UTC):%H:%M:%S} UTC"
                print(trouble or f"{now}, again every {seconds:g} s, Ctrl+C ends it", file=sys.stderr, flush=True)
            wait(max(0.0, seconds - (time.monotonic() - start)))
    except KeyboardInterrupt:
        print("\nended", file=sys.stderr)
