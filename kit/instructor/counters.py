"""What stderr shows on a capable terminal while a report is made: how many forks are read, how many cells judged."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kit.forks.records import Fork
from kit.judge.show import coloured

REDRAW_SECONDS = 0.1  # between two pictures of the progress bar


def count_judged(done: int, total: int) -> None:
    """Say how many cells have been judged, on the line where it was said before."""
    if coloured(sys.stderr):
        end = "" if done < total else "\n"
        print(f"\rjudged {done:,} of {total:,} cells", end=end, file=sys.stderr, flush=True)


@contextmanager
def progress_bar(total: int, named: bool = True) -> Iterator[Callable[[Fork], None]]:
    """A bar on stderr while forks are read, `named` or not; nothing where stderr can't take escape sequences."""
    if not coloured(sys.stderr):
        yield lambda fork: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("forks"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[name]}", markup=False),
    )
    drawn = 0.0
    # auto_refresh would draw from a thread, and worker processes are forked while the bar is shown.
    with Progress(*columns, console=Console(file=sys.stderr), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("forks", total=total, name="")

        def advance(fork: Fork) -> None:
            nonlocal drawn
            now = time.monotonic()
            due = now > drawn + REDRAW_SECONDS
            progress.update(task, advance=1, name=fork.name if named else "", refresh=due)
            drawn = now if due else drawn

        yield advance
