"""What `scripts/progress.py` does: from SOURCE words to a report on the screen or in a file.

words --searching, fetching--> origins --read_cohort--> Cohort --verify, anonymise--> Cohort --RENDERERS--> report
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kit.cache import Cache
from kit.course.course import Course
from kit.errors import KitError
from kit.files import WORKSHOP_FOLDER, write
from kit.forks.cohort import Cohort, CohortOptions, read_cohort
from kit.forks.records import Fork
from kit.forks.stuck import find_stuck
from kit.forks.workers import collect_garbage_less
from kit.instructor.anonymise import Key, anonymised, load_key, store_key
from kit.instructor.live import follow
from kit.judge.show import coloured
from kit.report.formats import RENDERERS
from kit.report.options import RenderOptions
from kit.sources.fetch import fetching
from kit.sources.find import searching

FETCHES = 8
REDRAW_SECONDS = 0.1  # between two pictures of the progress bar
PRINTED_WIDTH = 120  # columns of a table that goes to a file or a pipe


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Which forks, which report, and how to get it.

    `jobs` is how many fetches run at a time, and how many processes read or judge; 0 leaves it to us. `seconds` is the
    time limit for one fetch. `pseudonymous` makes a report without names; `key` keeps its pseudonyms between runs. With
    `watch`, the report is made again every so many seconds. With `history`, each fork's commits are read. With
    `verify`, filled cells are judged in a sandbox (without one, only if `unsafe` allows it), on the Dask cluster at
    `scheduler` if one is named; with `again`, also those that were judged before.
    """

    words: Sequence[str]
    form: str = "table"
    output: Path | None = None
    jobs: int = 0
    cache: Path | None = None
    seconds: float = 120.0
    pseudonymous: bool = False
    key: Path | None = None
    watch: float = 0.0
    history: bool = False
    verify: bool = False
    unsafe: bool = False
    scheduler: str = ""
    again: bool = False


def report(course: Course, options: ReportOptions) -> None:
    """Read the forks, and print or write the report; again and again with `watch`.

    Raises:
        KitError: a word is unusable, git is missing, or the file can't be written.
    """
    collect_garbage_less()
    if options.watch and options.form == "html" and options.output is None:
        raise KitError("--watch with --format html needs a file", "", "add --output class.html, and open that")
    key = load_key(options.key) if options.key else Key()
    if not options.watch:
        show(read_forks(course, options, key), options)
        return
    follow(
        lambda: read_forks(course, options, key),
        lambda cohort: show(cohort, options),
        options.watch,
        on_terminal(options),
    )


def on_terminal(options: ReportOptions) -> bool:
    """Whether the report goes to a terminal in which a new one can replace the old one."""
    return coloured(sys.stdout) and options.output is None


def read_forks(course: Course, options: ReportOptions, key: Key) -> Cohort:
    """The forks as they are now.

    Raises:
        KitError: a word is unusable, git is missing, or the key can't be written.
    """
    folder = options.cache or course.root / WORKSHOP_FOLDER / "forks"
    how = CohortOptions(options.jobs or os.cpu_count() or 1, Cache(folder), options.history, options.verify)
    with (
        searching(options.words, folder, options.seconds) as search,
        fetching(search.origins, search.fetch, options.jobs or FETCHES) as fetched,
        progress_bar(len(search.origins), named=not options.pseudonymous) as on_done,
    ):
        cohort = read_cohort(course, search.origins, how, fetched, on_done)
    if options.verify:
        cohort = verified(course, cohort, options)
    if not options.pseudonymous:
        return cohort
    cohort = anonymised(cohort, key, course_messages(course, cohort))
    if options.key:
        store_key(options.key, key)  # before anybody sees a pseudonym that would be different next time
    return cohort


def course_messages(course: Course, cohort: Cohort) -> frozenset[str]:
    """The course's messages for common mistakes; they're read only if something failed, since that takes a while."""
    if not any(progress.failed for fork in cohort.forks for progress in fork.chapters.values()):
        return frozenset()
    exercises = (exercise for chapter in course.chapters for exercise in chapter.exercises)
    return frozenset(mistake.message for exercise in exercises for mistake in exercise.mistakes)


def show(cohort: Cohort, options: ReportOptions) -> None:
    """Print or write the report.

    Raises:
        KitError: the file can't be written.
    """
    terminal = sys.stdout.isatty() and options.output is None
    width = shutil.get_terminal_size().columns if terminal else PRINTED_WIDTH
    text = RENDERERS[options.form](cohort, RenderOptions(width, on_terminal(options), options.watch))
    if options.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        target = options.output.absolute()
        write(target, text.encode(errors="replace"), target.parent)


def verified(course: Course, cohort: Cohort, options: ReportOptions) -> Cohort:
    """The cohort with its filled cells judged; on a capable terminal, stderr shows how far along that is.

    Raises:
        KitError: there's no sandbox for a stranger's code, or the judge can't run.
    """
    from kit.verify.verify import VerifyOptions, verify

    def count(done: int, total: int) -> None:
        if coloured(sys.stderr):
            end = "" if done < total else "\n"
            print(f"\rjudged {done:,} of {total:,} cells", end=end, file=sys.stderr, flush=True)

    how = VerifyOptions(options.unsafe, options.jobs, options.scheduler, again=options.again)
    forks = verify(course, cohort.forks, cohort.cells, how, count).forks
    return replace(cohort, forks=find_stuck(cohort.outlines, forks) if options.history else forks, cells=())


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
