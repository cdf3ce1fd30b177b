"""A report that follows a class: read it, show it if it has changed, and start over, until somebody presses Ctrl+C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from kit.errors import KitError
from kit.forks.cohort import Cohort
from kit.text import label

CLEAR = "\x1b[H\x1b[2J\x1b[3J"


def one_line(error: Exception) -> str:
    """What went wrong in a round, on one line."""
    return label(str(error) if isinstance(error, KitError) else f"{type(error).__name__}: {error}", 400)


def follow(
    read: Callable[[], Cohort],
    show: Callable[[Cohort], None],
    seconds: float,
    redraw: bool,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Read and show the report in rounds that start `seconds` apart, or later if one takes longer.

    A report that hasn't changed is shown again only with `redraw`. A round that fails is reported on stderr, and the
    next one follows all the same. Only the first must succeed, since a wrong SOURCE would stay wrong.

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
            except Exception as error:  # whatever it is, there's a class going on
                if shown is None:
                    raise
                trouble = f"this round failed, trying again: {one_line(error)}"
            if redraw or trouble:
                now = f"{datetime.now(UTC):%H:%M:%S} UTC"
                print(trouble or f"{now}, every {seconds:g} s, Ctrl+C stops it", file=sys.stderr, flush=True)
            wait(max(0.0, seconds - (time.monotonic() - start)))
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
