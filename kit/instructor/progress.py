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

from kit.cache import Cache
from kit.course.course import Course
from kit.errors import KitError
from kit.files import WORKSHOP_FOLDER, write
from kit.forks.blobs import collect_garbage_less
from kit.forks.cohort import Cohort, read_cohort
from kit.forks.records import Fork
from kit.forks.stuck import find_stuck
from kit.instructor.anonymise import Key, anonymised, load_key, store_key
from kit.instructor.live import follow
from kit.judge.show import coloured
from kit.report.formats import RENDERERS
from kit.report.options import RenderOptions
from kit.sources.fetch import fetching
from kit.sources.find import searching

FETCHES = 8
EVERY = 0.1  # seconds between two pictures of the bar
PRINTED_WIDTH = 120  # columns of a table that goes to a file or a pipe


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What somebody wants to know: the SOURCE words, the form of the report, and how it is come by.

    `jobs` are fetches at a time and processes that read or judge; 0 leaves them to us. `seconds` is for one fetch.
    `hidden` is for a report without names; `key` keeps its pseudonyms between runs. `watch`: so many seconds from round
    to round, 0 for one round. With `history` each fork's commits are walked. With `verify` what is filled is judged, in
    a sandbox or, where there is none and `unsafe` says so, without; by the Dask cluster at `scheduler` if one is named.
    """

    words: Sequence[str]
    form: str = "table"
    output: Path | None = None
    jobs: int = 0
    cache: Path | None = None
    seconds: float = 120.0
    hidden: bool = False
    key: Path | None = None
    watch: float = 0.0
    history: bool = False
    verify: bool = False
    unsafe: bool = False
    scheduler: str = ""


def report(course: Course, wish: ReportOptions) -> None:
    """Read the forks that are wished for, and print or write the report; again and again, if that is wished for.

    Raises:
        KitError: a word is unusable, git is missing, or the file cannot be written.
    """
    collect_garbage_less()
    if wish.watch and wish.form == "html" and wish.output is None:
        raise KitError("a page that is made anew needs a file", "--watch", "add --output class.html, and open that")
    key = load_key(wish.key) if wish.key else Key()
    if wish.watch:
        follow(lambda: read_forks(course, wish, key), lambda cohort: show(cohort, wish), wish.watch, redrawn(wish))
    else:
        show(read_forks(course, wish, key), wish)


def redrawn(wish: ReportOptions) -> bool:
    """Whether the report is a picture on a terminal, of which the new one takes the place of the old one."""
    return coloured(sys.stdout) and wish.output is None


def read_forks(course: Course, wish: ReportOptions, key: Key) -> Cohort:
    """The forks that are wished for, as they are now.

    Raises:
        KitError: a word is unusable, git is missing, or the key cannot be written.
    """
    folder = wish.cache or course.root / WORKSHOP_FOLDER / "forks"
    cells: list[Mapping[str, tuple[str, ...]]] | None = [] if wish.verify else None
    with (
        searching(wish.words, folder, wish.seconds) as search,
        fetching(search.origins, search.fetch, wish.jobs or FETCHES) as arrive,
        bar(len(search.origins), named=not wish.hidden) as seen,
    ):
        processes = wish.jobs or os.cpu_count() or 1
        cohort = read_cohort(course, search.origins, arrive, processes, seen, Cache(folder), wish.history, cells)
    if cells is not None:
        cohort = verified(course, cohort, cells, wish)
    if not wish.hidden:
        return cohort
    cohort = anonymised(cohort, key, sayings(course, cohort))
    if wish.key:
        store_key(wish.key, key)  # before anybody sees a pseudonym that would be another one the next time
    return cohort


def sayings(course: Course, cohort: Cohort) -> frozenset[str]:
    """The course's own messages; only read where something has failed, since that takes a while."""
    if not any(progress.failed for fork in cohort.forks for progress in fork.chapters.values()):
        return frozenset()
    return frozenset(
        mistake.message
        for chapter in course.chapters
        for exercise in chapter.exercises
        for mistake in exercise.mistakes
    )


def show(cohort: Cohort, wish: ReportOptions) -> None:
    """Print or write the report.

    Raises:
        KitError: the file cannot be written.
    """
    terminal = sys.stdout.isatty() and wish.output is None
    width = shutil.get_terminal_size().columns if terminal else PRINTED_WIDTH
    text = RENDERERS[wish.form](cohort, RenderOptions(width, redrawn(wish), wish.watch))
    if wish.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        target = wish.output.absolute()
        write(target, text.encode(errors="replace"), target.parent)


def verified(
    course: Course, cohort: Cohort, cells: Sequence[Mapping[str, tuple[str, ...]]], wish: ReportOptions
) -> Cohort:
    """The cohort with what was found of its filled cells; on a capable terminal stderr tells how far that is.

    Raises:
        KitError: nothing here keeps a stranger's code in, or the judge cannot run.
    """
    from kit.verify.verify import VerifyOptions, verify

    def seen(done: int, total: int) -> None:
        if coloured(sys.stderr):
            print(
                f"\rjudged {done:,} of {total:,} cells", end="" if done < total else "\n", file=sys.stderr, flush=True
            )

    found = verify(course, cohort.forks, cells, VerifyOptions(wish.unsafe, wish.jobs, wish.scheduler), seen)
    return replace(cohort, forks=find_stuck(cohort.outlines, found.forks) if wish.history else found.forks)


@contextmanager
def bar(total: int, named: bool = True) -> Iterator[Callable[[Fork], None]]:
    """A progress bar on stderr while forks are read, named or not; nothing where no escape sequence is wanted."""
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
    shown = 0.0
    # No thread that draws: helpers are forked while the bar is there.
    with Progress(*columns, console=Console(file=sys.stderr), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("forks", total=total, name="")

        def seen(fork: Fork) -> None:
            nonlocal shown
            now = time.monotonic()
            progress.update(task, advance=1, name=fork.name if named else "", refresh=now > shown + EVERY)
            shown = now if now > shown + EVERY else shown

        yield seen
