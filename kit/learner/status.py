"""Where a learner is: the chapters of one language, measured in the working folder, and what comes next. Pure but for
the reading.

    outlines + files of the pairs --> Standing --> table
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from kit import files
from kit.course.course import Course
from kit.course.outline import Outline, outlines_of
from kit.errors import KitError
from kit.git.command import git
from kit.git.committer import committer_email
from kit.judge.verdict_cache import verdict_cache
from kit.pairs.fast_read import Side, read_side
from kit.pairs.pair import Pair
from kit.pairs.progress import ChapterProgress, chapter_progress

PAUSE = timedelta(minutes=45)  # a longer gap between two commits was no work
MOST = 1000  # commits
BAR = 10  # signs
FIRST = timedelta(minutes=10)  # what is credited for the work before a sitting's first commit


@dataclass(frozen=True, slots=True)
class ChapterStatus:
    """A chapter and how far the learner is in it. `file` is the `.py`, `blank` the exercises not filled, in order.

    `failing` are those that are filled and did not pass when they were last judged.
    """

    outline: Outline
    progress: ChapterProgress
    file: Path
    blank: tuple[str, ...]
    failing: tuple[str, ...] = ()

    @property
    def exercises(self) -> int:
        """How many exercises the chapter has."""
        return len(self.outline.exercises)

    @property
    def filled(self) -> int:
        """How many of them are filled."""
        return len(self.progress.filled)

    @property
    def ticked(self) -> tuple[str, ...]:
        """The exercises that are ticked."""
        return tuple(id for id in self.progress.ticked if id in self.outline.blanks)

    @property
    def promised(self) -> tuple[str, ...]:
        """The exercises that are ticked and, as far as is known, do not pass."""
        return tuple(id for id in self.ticked if id in {*self.blank, *self.failing})

    @property
    def open(self) -> tuple[str, ...]:
        """The exercises that wait for the learner: blank, failing, or filled and not ticked."""
        ticked = set(self.ticked)
        return tuple(id for id in self.outline.exercises if id not in ticked or id in {*self.blank, *self.failing})


@dataclass(frozen=True, slots=True)
class Status:
    """All chapters; the next exercise and the line of the `.py` that it stands on; time spent by the commits."""

    places: tuple[ChapterStatus, ...]
    next: str
    line: int
    spent: timedelta | None

    @property
    def place(self) -> ChapterStatus | None:
        """The chapter of the next exercise."""
        return next((place for place in self.places if self.next.startswith(place.outline.id)), None)


def side(path: Path, root: Path) -> Side | None:
    """One file of a pair as it is on the disk; None where it is missing or cannot be read."""
    try:
        data = files.read(path, root)
    except KitError:
        return None
    return None if data is None else read_side(data, path.suffix == ".ipynb")


def spent(times: Sequence[int]) -> timedelta:
    """The time between commits (seconds since 1970), gaps longer than `PAUSE` left out, `FIRST` for each sitting."""
    total = timedelta()
    for before, after in zip([None, *sorted(times)], sorted(times), strict=False):
        gap = timedelta(seconds=after - before) if before is not None else PAUSE * 2
        total += gap if gap <= PAUSE else FIRST
    return total


def commit_times(root: Path, folder: str) -> list[int]:
    """When the learner's own commits were made that changed a folder below `root`, along first parents, newest first.

    Theirs are those with git's address for whoever commits here; the one that brought the folder is the workshop's.
    None where there is no git, or nobody's address.
    """
    try:
        address = committer_email(root)
        words = ("--first-parent", "--format=%ct %ae", f"--max-count={MOST}", "HEAD", "--", folder)
        found = git(root, "log", *words).stdout.splitlines()
    except KitError:
        return []
    commits = [line.partition(" ") for line in found[:-1]]
    return [int(time) for time, _, author in commits if address and author == address]


def status(course: Course, language: str = "en") -> Status:
    """Where the learner is in one language.

    Raises:
        KitError: the course itself cannot be read.
    """
    places, memory = [], verdict_cache(course)
    for outline in outlines_of(course):
        pair = Pair(course.root, language, outline.stem)
        sides = [side(pair.script, course.root), side(pair.notebook, course.root)]
        progress = chapter_progress(outline, *sides)
        filled = set(progress.filled)
        blank = tuple(id for id in outline.exercises if id not in filled)
        answers = {id: one.answers[id] for one in sides if one for id in one.answers if one.answers[id].filled}
        wrong = tuple(id for id, a in answers.items() if memory.outcome(id, a.source) in ("failed", "error"))
        places.append(ChapterStatus(outline, progress, pair.script, blank, wrong))
    first = next((place for place in places if place.open), None)
    exercise = first.open[0] if first else ""
    times = commit_times(course.root, f"workshop/{language}")
    return Status(tuple(places), exercise, line_of(first, exercise), spent(times) if times else None)


def rows(found: Status, width: int) -> list[str]:
    """A line for each chapter, in as many words as fit into `width` signs: with a bar, without, or its count alone."""
    wide = max((len(place.outline.title) for place in found.places), default=0)
    lines = []
    for place in found.places:
        full = BAR * place.filled // max(place.exercises, 1)
        bar = "█" * full + "·" * (BAR - full)
        count = f"{place.filled:>2} of {place.exercises:<2}"
        words = f"{count} filled, {len(place.ticked):>2} ticked"
        head = f"{'>' if place is found.place else ' '} {place.outline.id} {place.outline.title:<{wide}}"
        forms = [f"{head} {bar} {words}", f"{head} {words}", f"{head} {count}", f"{head[:4]} {count} filled"]
        odd = dict.fromkeys(flag.word for flag in place.progress.flags if flag.word != "ticked but blank")
        lines.append("; ".join([next((form for form in forms if len(form) <= width), forms[-1]), *odd]))
    return lines


def line_of(place: ChapterStatus | None, id: str) -> int:
    """The line of the chapter's `.py` on which an exercise's `check` stands; 1 where it cannot be found."""
    if place is not None:
        try:
            lines = place.file.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return 1
        return next((number for number, line in enumerate(lines, 1) if f'check("{id}")' in line), 1)
    return 1
