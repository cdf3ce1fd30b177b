"""A watch on a terminal, or behind an editor's list of problems: events in, lines out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue

from kit.course import Course
from kit.errors import KitError
from kit.events import Event, events, events_arrive
from kit.finding import Finding, to_problems
from kit.judge import Judge
from kit.observer import observer
from kit.show import to_rich, to_text
from kit.watch import KEYS, Watch, progress

BEGIN, END = "watch: judging", "watch: done"  # what an editor's background problem matcher waits for


def tell(text: str) -> None:
    """A line, at once."""
    print(text, flush=True)


def tell_findings(found: Sequence[Finding]) -> None:
    """Verdicts with the places they are about; coloured in a terminal that wants colours."""
    for finding in found:
        where = "" if finding.verdict.outcome == "passed" else f"{finding.file}:{finding.line}"
        if sys.stdout.isatty():
            from rich.console import Console

            Console(highlight=False).print(to_rich(finding.verdict, where), soft_wrap=True)
        else:
            tell(to_text(finding.verdict, where))


def tell_problems(watch: Watch) -> None:
    """All problems that are known, between the two lines that an editor waits for: what is mended is gone from it."""
    tell(BEGIN)
    sys.stdout.write(to_problems(watch.problems))
    tell(END)


def gather(queue: SimpleQueue[Event], idle: Iterator[None] | None = None) -> Event:
    """The next event; saves that wait in the queue already are taken together. While there is none, `idle` goes on."""
    while idle is not None and queue.empty():
        try:
            next(idle)
        except (StopIteration, KitError):
            break
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
        KitError: the course or its language is not there.
    """
    watch = Watch(course, language, Judge(observer(course.root)))
    verbs = {"h": watch.hint, "s": watch.solution, "n": watch.next, "l": watch.list}
    polling = not events_arrive(course.root)
    try:
        with events(watch.folder, polling) as queue:
            where = watch.begin()
            if form == "problems":
                tell_problems(watch)
            how = " (looking four times a second: no events arrive from this folder)" if polling else ""
            tell(f"watching workshop/{language}{how}; {KEYS}")
            tell(progress(where, watch.at[:2]))
            if watch.at:
                tell(f"next: {watch.at}, {watch.place(watch.at)}")
            while (event := gather(queue, watch.foresee())) != "q":
                if isinstance(event, str):
                    if event in verbs:
                        tell(verbs[event]())
                    continue
                try:
                    found = watch.saved(event)
                except KitError as error:
                    tell(str(error))
                    continue
                if form == "problems":
                    tell_problems(watch)
                if found:
                    tell_findings(found)
                    watch.remember()
                    where, finished = watch.advance()
                    tell(progress(where, watch.at[:2]))
                    coming = watch.following(where)
                    if finished:
                        tell(f"chapter {finished} is done" + ("" if coming else ", and with it the course"))
                    if coming and found[-1].verdict.outcome == "passed":
                        tell(f"next: {coming}, {watch.place(coming)}")
                    if finished:
                        watch.warm(coming)
    except KeyboardInterrupt:
        pass
    finally:
        watch.judge.observer.close()
    return 0
