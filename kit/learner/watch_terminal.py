"""A watch in a terminal, or feeding an editor's list of problems: events in, lines out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from kit.course.course import Course
from kit.errors import KitError
from kit.i18n import told
from kit.judge.resident.remote import ResidentJudge
from kit.judge.show import print_folded, tell
from kit.learner.check import Finding, to_problems
from kit.learner.file_events import Event, events, events_arrive
from kit.learner.placed import said
from kit.learner.told import verdict_in
from kit.learner.watch import KEYS, Watch, progress

BEGIN, END = "watch: judging", "watch: done"  # what an editor's background problem matcher waits for


def tell_findings(course: Course, language: str, found: Sequence[Finding]) -> None:
    """Print verdicts in a language, with the places they are about."""
    for finding in found:
        place = "" if finding.verdict.outcome == "passed" else said(finding.places)
        tell(verdict_in(course, finding.verdict, language), place)


def tell_problems(watch: Watch) -> None:
    """Print all known problems between the two lines that an editor waits for. Those that were fixed are left out."""
    print(BEGIN)
    sys.stdout.write(to_problems(watch.problems))
    print(END, flush=True)


def gather(queue: SimpleQueue[Event]) -> Event:
    """The next event; saves that are already in the queue count as one."""
    event = queue.get()
    while isinstance(event, set):
        try:
            other = queue.get_nowait()
        except Empty:
            break
        if isinstance(other, str):
            queue.put(other)
            break
        event = event | other
    return event


def run(course: Course, language: str, form: str = "text") -> int:
    """Watch until `q` or Ctrl+C; 0.

    Raises:
        KitError: the course can't be read.
    """
    watch = Watch(course, language, ResidentJudge(course.root))
    verbs = {"h": watch.hint, "s": watch.solution, "n": watch.next, "l": watch.list}
    arrival = events_arrive(course.root)
    try:
        with events(watch.folder, not arrival) as queue:
            now = watch.begin()
            if form == "problems":
                tell_problems(watch)
            if not arrival:
                print_folded(told(arrival.told))
            print_folded(f"{told(f'watching workshop/{language}')}; {told(KEYS)}")
            print_folded(progress(now, watch.at[:2]))
            if watch.at:
                print_folded(f"next: {watch.at}, {watch.place(watch.at)}")
            while (event := gather(queue)) != "q":
                if isinstance(event, str):
                    if event in verbs:
                        print(verbs[event](), flush=True)
                    continue
                try:
                    found = watch.saved(event)
                except KitError as error:
                    print_folded(str(error))
                    continue
                if form == "problems":
                    tell_problems(watch)
                if found:
                    tell_findings(course, language, found)
                    watch.cache_verdicts()
                    now, finished = watch.advance()
                    print_folded(progress(now, watch.at[:2]))
                    coming = watch.following(now)
                    if finished:
                        end = f"chapter {finished} is done, and so is the course"
                        print_folded(f"chapter {finished} is done" if coming else end)
                    if coming and found[-1].verdict.outcome == "passed":
                        print_folded(f"next: {coming}, {watch.place(coming)}")
                    if finished:
                        watch.warm(coming)
    except KeyboardInterrupt:
        pass
    finally:
        watch.judge.close()
    return 0
