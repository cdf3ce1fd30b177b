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
from datetime import datetime
from pathlib import Path

from kit.cache import Cache
from kit.course.blanks import empty
from kit.course.course import Course
from kit.errors import KitError
from kit.files import WORKSHOP_FOLDER, write
from kit.forks.cohort import Cohort, CohortOptions, read_cohort
from kit.forks.records import Fetched, Fork, ForkTrouble, Origin
from kit.forks.stuck import find_stuck
from kit.forks.workers import collect_garbage_less
from kit.instructor.anonymise import Key, anonymised, load_key, store_key
from kit.instructor.live import follow
from kit.instructor.marks import read_marks, with_marks
from kit.instructor.snapshot import Snapshot, keep_commits, load_snapshot, parse_until, pinned, store_snapshot
from kit.judge.show import coloured
from kit.report.formats import RENDERERS
from kit.report.options import Count, Points, RenderOptions
from kit.sources.fetch import cache_folder, fetching
from kit.sources.find import searching
from kit.terminal import say

FETCHES = 8
REDRAW_SECONDS = 0.1  # between two pictures of the progress bar
PRINTED_WIDTH = 120  # columns of a table that goes to a file or a pipe
GRADEBOOKS = ("canvas", "moodle")


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Which forks, which report, and how to get it.

    `jobs` is how many fetches run at a time, and how many processes read or judge; 0 leaves it to us. `seconds` is the
    time limit for one fetch. `pseudonymous` makes a report without names; `key` keeps its pseudonyms between runs. With
    `watch`, the report is made again every so many seconds. With `history`, each fork's commits are read. With
    `verify`, filled cells are judged in a sandbox (without one, only if `unsafe` allows it), on the Dask cluster at
    `scheduler` if one is named; with `again`, also those that were judged before. A gradebook gives its `points` for
    each chapter or exercise; what they're for is `count`. With `until` or a `snapshot`, forks are read as they were
    then; a snapshot that isn't there yet is made. `marks` is a file with marks that people gave. Answers that are alike
    are written to `similar`.
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
    points: Points = "chapter"
    count: Count = "verified"
    until: str = ""
    snapshot: Path | None = None
    marks: Path | None = None
    similar: Path | None = None
    again: bool = False


def report(course: Course, options: ReportOptions) -> None:
    """Read the forks, and print or write the report; again and again with `watch`.

    Raises:
        KitError: a word is unusable, git is missing, or the file can't be written.
    """
    collect_garbage_less()
    if options.watch and options.form == "html" and options.output is None:
        raise KitError("--watch with --format html needs a file", "", "add --output class.html, and open that")
    if options.form in GRADEBOOKS:
        check_gradebook(options)
    if options.similar and options.pseudonymous:
        raise KitError(
            "answers that are alike are shown with names and code", "", "leave out --pseudonymous or --similar"
        )
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


def check_gradebook(options: ReportOptions) -> None:
    """Refuse a gradebook that couldn't say what it should.

    Raises:
        KitError: it has no names, or nobody has checked what it gives points for.
    """
    if options.pseudonymous:
        raise KitError("a gradebook needs its students' names", "", "leave out --pseudonymous")
    if options.count == "verified" and not options.verify:
        raise KitError(
            "a gradebook gives points for what passes, and nothing has been checked",
            "",
            "add --verify; or add --count filled, to give points for every exercise without a blank",
        )


def on_terminal(options: ReportOptions) -> bool:
    """Whether the report goes to a terminal in which a new one can replace the old one."""
    return coloured(sys.stdout) and options.output is None


def read_forks(course: Course, options: ReportOptions, key: Key) -> Cohort:
    """The forks as they are now.

    Raises:
        KitError: a word is unusable, git is missing, or the key or snapshot can't be written.
    """
    folder = options.cache or course.root / WORKSHOP_FOLDER / "forks"
    snapshot, until = wanted_time(options)
    marks = read_marks(options.marks) if options.marks else ()
    processes = options.jobs or os.cpu_count() or 1
    how = CohortOptions(processes, Cache(folder), options.history, options.verify or bool(options.similar), until)
    with searching(options.words, folder, options.seconds) as search:
        origins = pinned(search.origins, snapshot) if snapshot else search.origins
        with (
            fetching(origins, search.fetch, options.jobs or FETCHES) as fetched,
            progress_bar(len(origins), named=not options.pseudonymous) as on_done,
        ):
            copies = Copies(folder, fetched)
            cohort = read_cohort(course, origins, how, copies.fetched, on_done)
    if options.snapshot and not snapshot:
        store_snapshot(options.snapshot, cohort, until)
        keep_commits(copies.folders, cohort)
    if options.similar:
        write_similar(course, cohort, options.similar)
        cohort = cohort if options.verify else replace(cohort, cells=())
    if options.verify:
        cohort = verified(course, cohort, options)
    if options.marks and not options.pseudonymous:
        cohort, remarks = with_marks(cohort, marks, options.marks)
        for remark in remarks:
            say(remark)
    if not options.pseudonymous:
        return cohort
    cohort = anonymised(cohort, key, course_messages(course, cohort))
    if options.key:
        store_key(options.key, key)  # before anybody sees a pseudonym that would be different next time
    return cohort


def wanted_time(options: ReportOptions) -> tuple[Snapshot | None, datetime | None]:
    """The snapshot to read again, if there is one, and the time to read forks at, if it isn't now.

    Raises:
        KitError: the date or the snapshot is something else, or they don't agree.
    """
    until = parse_until(options.until) if options.until else None
    snapshot = load_snapshot(options.snapshot) if options.snapshot else None
    if snapshot and until and snapshot.until != until:
        advice = "leave out --until to read it again, or name another file for a new one"
        raise KitError("this snapshot was made for another date", str(options.snapshot), advice)
    return snapshot, snapshot.until if snapshot else until


class Copies:
    """Where each fork was fetched to. One that has vanished since its snapshot was made is read from our copy."""

    def __init__(self, cache: Path, fetched: Callable[[Origin], Fetched | None]) -> None:
        self.cache, self.fetch = cache, fetched
        self.folders: dict[str, Path] = {}

    def fetched(self, origin: Origin) -> Fetched | None:
        """A fork, once it's fetched; raises what the fetching raises."""
        try:
            found = self.fetch(origin)
        except ForkTrouble as trouble:
            folder = cache_folder(origin.address, self.cache) if origin.address else None
            if not origin.commit or folder is None or not folder.is_dir():
                raise
            return Fetched(folder, trouble.status, f"{trouble.reason}; this is our copy, from when it was fetched")
        if found:
            self.folders[origin.shown] = found.path
        return found


def write_similar(course: Course, cohort: Cohort, file: Path) -> None:
    """Write which students' answers are alike.

    Raises:
        KitError: the file can't be written.
    """
    from kit.report.similar import find_similar, to_similar
    from kit.verify.listed import listed_results

    ours: dict[str, list[str]] = {}
    for exercise_id, cell in listed_results(course):
        ours.setdefault(exercise_id, []).append(cell)
    todos = {each.id: empty(each.code, each.blanks) for chapter in course.chapters for each in chapter.exercises}
    text = to_similar(cohort, find_similar(cohort, ours, todos))
    target = file.absolute()
    write(target, text.encode(errors="replace"), target.parent)


def gradebook_remarks(form: str, cohort: Cohort, how: RenderOptions) -> list[str]:
    """What a gradebook's importer won't take, or takes for something else."""
    from kit.report.gradebook import canvas_remarks, moodle_remarks

    return canvas_remarks(cohort, how) if form == "canvas" else moodle_remarks(cohort, how)


def course_messages(course: Course, cohort: Cohort) -> frozenset[str]:
    """The course's messages for common mistakes; they're read only if something failed, since that takes a while."""
    if not any(progress.failed for fork in cohort.forks for progress in fork.chapters.values()):
        return frozenset()
    exercises = (exercise for chapter in course.chapters for exercise in chapter.exercises)
    return frozenset(mistake.message for exercise in exercises for mistake in exercise.mistakes)


def show(cohort: Cohort, options: ReportOptions) -> None:
    """Print or write the report.

    Raises:
        KitError: the file can't be written, or a gradebook would be empty.
    """
    terminal = sys.stdout.isatty() and options.output is None
    width = shutil.get_terminal_size().columns if terminal else PRINTED_WIDTH
    how = RenderOptions(width, on_terminal(options), options.watch, options.points, options.count)
    remarks = gradebook_remarks(options.form, cohort, how) if options.form in GRADEBOOKS else []
    text = RENDERERS[options.form](cohort, how)
    if options.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        target = options.output.absolute()
        write(target, text.encode(errors="replace"), target.parent)
    for remark in remarks:
        say(remark)


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
