"""The instructor's desk: what `scripts/progress.py` does, from SOURCE words to a report on the screen or in a file."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kit.cohort import Cohort, read_cohort
from kit.course import Course
from kit.disk import OWN, write
from kit.fork import Fork
from kit.report import RENDERERS
from kit.shelf import spare_garbage
from kit.source import find_forks
from kit.table import Page

if TYPE_CHECKING:
    from kit.address import Address
    from kit.remote import Fetched

FETCHES = 8
EVERY = 0.1  # seconds between two pictures of the bar
PRINTED_WIDTH = 120  # columns of a table that goes to a file or a pipe


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to know: the SOURCE words, the form of the report, and how it is come by.

    `jobs` are fetches at a time and processes that read or judge; 0 leaves them to us. `seconds` is for one fetch. With
    `verify` what is filled is judged, in a sandbox or, where there is none and `unsafe` says so, without; by the Dask
    cluster at `scheduler` if one is named.
    """

    words: Sequence[str]
    form: str = "table"
    output: Path | None = None
    jobs: int = 0
    cache: Path | None = None
    seconds: float = 120.0
    verify: bool = False
    unsafe: bool = False
    scheduler: str = ""


def report(course: Course, wish: Wish) -> None:
    """Read the forks that are wished for, and print or write the report.

    Raises:
        KitError: a word is unusable, git is missing, or the file cannot be written.
    """
    spare_garbage()
    origins = find_forks(wish.words)
    folder = wish.cache or course.root / OWN / "forks"

    def fetched(address: Address) -> Fetched:
        from kit.remote import fetch

        return fetch(address, folder, wish.seconds)

    cells: list[Mapping[str, tuple[str, ...]]] | None = [] if wish.verify else None
    with bar(len(origins)) as seen:
        processes = wish.jobs or os.cpu_count() or 1
        cohort = read_cohort(course, origins, fetched, wish.jobs or FETCHES, processes, seen, cells)
    if cells is not None:
        cohort = verified(course, cohort, cells, wish)
    terminal = sys.stdout.isatty() and wish.output is None
    width = shutil.get_terminal_size().columns if terminal else PRINTED_WIDTH
    text = RENDERERS[wish.form](cohort, Page(width, terminal))
    if wish.output is None:
        sys.stdout.write(text)
    else:
        target = wish.output.absolute()
        write(target, text.encode(errors="replace"), target.parent)


def verified(course: Course, cohort: Cohort, cells: Sequence[Mapping[str, tuple[str, ...]]], wish: Wish) -> Cohort:
    """The cohort with what was found of its filled cells; how far that is stands on stderr where it is a terminal.

    Raises:
        KitError: nothing here keeps a stranger's code in, or the judge cannot run.
    """
    from kit.verification import Means, verify

    def seen(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(
                f"\rjudged {done:,} of {total:,} cells", end="" if done < total else "\n", file=sys.stderr, flush=True
            )

    found = verify(course, cohort.forks, cells, Means(wish.unsafe, wish.jobs, wish.scheduler), seen)
    return replace(cohort, forks=found.forks)


@contextmanager
def bar(total: int) -> Iterator[Callable[[Fork], None]]:
    """A progress bar on stderr while forks are read; nothing where that is no terminal."""
    if not sys.stderr.isatty():
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
    shown = 0.0
    # No thread that draws: helpers are forked while the bar is there.
    with Progress(*columns, console=Console(file=sys.stderr), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("forks", total=total, name="")

        def seen(fork: Fork) -> None:
            nonlocal shown
            now = time.monotonic()
            progress.update(task, advance=1, name=fork.name, refresh=now > shown + EVERY)
            shown = now if now > shown + EVERY else shown

        yield seen
