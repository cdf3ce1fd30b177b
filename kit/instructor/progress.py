"""What `scripts/progress.py` does: a cohort as a report, on the screen or in a file, once or again and again.

ReportOptions --read_forks--> Cohort --RENDERERS--> report
"""

from __future__ import annotations

import shutil
import sys

from kit.course.course import Course
from kit.errors import KitError
from kit.files import write
from kit.forks.cohort import Cohort
from kit.forks.workers import collect_garbage_less
from kit.instructor.anonymise import Key, load_key
from kit.instructor.cohort import read_forks
from kit.instructor.live import follow
from kit.instructor.options import ReportOptions
from kit.judge.show import coloured
from kit.report.formats import RENDERERS
from kit.report.options import RenderOptions
from kit.terminal import say

PRINTED_WIDTH = 120  # columns of a table that goes to a file or a pipe
GRADEBOOKS = ("canvas", "moodle")


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


def gradebook_remarks(form: str, cohort: Cohort, how: RenderOptions) -> list[str]:
    """What a gradebook's importer won't take, or takes for something else."""
    from kit.report.gradebook import canvas_remarks, moodle_remarks

    return canvas_remarks(cohort, how) if form == "canvas" else moodle_remarks(cohort, how)


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
