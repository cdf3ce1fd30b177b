"""The cohort that a report shows: found, fetched, read, and, as asked, verified, marked or made anonymous.

words --searching, fetching--> origins --read_cohort--> Cohort --verified, with_marks, anonymised--> Cohort
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kit.cache import Cache
from kit.course.blanks import empty
from kit.course.course import Course
from kit.errors import KitError
from kit.files import WORKSHOP_FOLDER, write
from kit.forks.cohort import Cohort, CohortOptions, read_cohort
from kit.forks.stuck import find_stuck
from kit.instructor.anonymise import Key, anonymised, store_key
from kit.instructor.copies import Copies
from kit.instructor.counters import count_judged, progress_bar
from kit.instructor.marks import read_marks, with_marks
from kit.instructor.options import ReportOptions
from kit.instructor.snapshot import Snapshot, keep_commits, load_snapshot, parse_until, pinned, store_snapshot
from kit.report.similar import find_similar, to_similar
from kit.sources.fetch import fetching
from kit.sources.find import searching
from kit.terminal import say

FETCHES = 8


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


def verified(course: Course, cohort: Cohort, options: ReportOptions) -> Cohort:
    """The cohort with its filled cells judged.

    Raises:
        KitError: there's no sandbox for a stranger's code, or the judge can't run.
    """
    from kit.verify.verify import VerifyOptions, verify

    how = VerifyOptions(options.unsafe, options.jobs, options.scheduler, again=options.again)
    forks = verify(course, cohort.forks, cohort.cells, how, count_judged).forks
    return replace(cohort, forks=find_stuck(cohort.outlines, forks) if options.history else forks, cells=())


def write_similar(course: Course, cohort: Cohort, file: Path) -> None:
    """Write which students' answers are alike.

    Raises:
        KitError: the file can't be written.
    """
    from kit.verify.listed import listed_results

    ours: dict[str, list[str]] = {}
    for exercise_id, cell in listed_results(course):
        ours.setdefault(exercise_id, []).append(cell)
    todos = {each.id: empty(each.code, each.blanks) for chapter in course.chapters for each in chapter.exercises}
    text = to_similar(cohort, find_similar(cohort, ours, todos))
    target = file.absolute()
    write(target, text.encode(errors="replace"), target.parent)


def course_messages(course: Course, cohort: Cohort) -> frozenset[str]:
    """The course's messages for common mistakes; they're read only if something failed, since that takes a while."""
    if not any(progress.failed for fork in cohort.forks for progress in fork.chapters.values()):
        return frozenset()
    exercises = (exercise for chapter in course.chapters for exercise in chapter.exercises)
    return frozenset(mistake.message for exercise in exercises for mistake in exercise.mistakes)
