"""Where a learner is: the chapters in one language in the working folder, and what comes next. Runs nothing.

outlines + files of the pairs --> Status --> a line per chapter
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.cells import cell_len

from kit import files
from kit.course.course import Course
from kit.course.outline import Outline, outlines_of
from kit.errors import KitError
from kit.i18n import told
from kit.judge.verdict_cache import verdict_cache
from kit.learner.locate import shown
from kit.learner.placed import Place, Places, in_pair, looked_at, said
from kit.learner.time_spent import time_spent
from kit.pairs.fast_read import Side, read_side
from kit.pairs.pair import Pair
from kit.pairs.progress import EQUAL, MOST_IDS, ChapterProgress, chapter_progress
from kit.text import first_few, label
from kit.wrap import is_wider, padded

BAR_WIDTH = 10  # columns
APART = {"pair stale", "pair differs"}  # flags of a chapter whose files differ
ELSEWHERE = {*APART, "ticked but blank", EQUAL}  # flags that are said in other words, or are nothing to a learner
TITLE = re.compile(r"^# # \d\d (?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ChapterStatus:
    """A chapter, and how far the learner has got in it. `blank` are the unfilled exercises, in order.

    `failing` are those that are filled but didn't pass when they were last judged, `passing` those that did.
    """

    outline: Outline
    progress: ChapterProgress
    blank: tuple[str, ...]
    failing: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    own_title: str = ""  # in the language of the file

    @property
    def title(self) -> str:
        """What the chapter is called, in the learner's language if there's a file in it."""
        return self.own_title or self.outline.title

    @property
    def exercises(self) -> int:
        """The number of exercises in the chapter, without the challenge."""
        return len(self.outline.required)

    @property
    def filled(self) -> int:
        """The number of filled ones."""
        return len(set(self.progress.filled).intersection(self.outline.required))

    @property
    def challenge_done(self) -> bool:
        """Whether the challenge is filled, and didn't fail when it was last judged."""
        return self.outline.challenge in self.progress.filled and self.outline.challenge not in self.failing

    @property
    def ticked(self) -> tuple[str, ...]:
        """The exercises that are ticked."""
        return tuple(each for each in self.progress.ticked if each in self.outline.blanks)

    @property
    def ticks(self) -> int:
        """The number of exercises that are ticked, without the challenge."""
        return len(set(self.ticked).intersection(self.outline.required))

    @property
    def ticked_not_passing(self) -> tuple[str, ...]:
        """The exercises that are ticked even though they're blank or failing."""
        unsolved = {*self.blank, *self.failing}
        return tuple(each for each in self.ticked if each in unsolved)

    @property
    def is_asked(self) -> bool:
        """Whether this chapter is among those that are to be done: a bonus chapter isn't, until it's begun."""
        return bool(self.filled) or not self.outline.bonus

    @property
    def to_do(self) -> tuple[str, ...]:
        """The exercises that need the learner: blank, failing, or filled and not ticked. A challenge needs nobody."""
        done = {*self.ticked} - {*self.blank, *self.failing}
        return tuple(each for each in self.outline.required if each not in done)

    @property
    def to_solve(self) -> tuple[str, ...]:
        """Those of them that aren't known to pass."""
        return tuple(each for each in self.to_do if each not in self.passing)

    @property
    def apart(self) -> bool:
        """Whether the `.py` and the notebook say different things."""
        return any(flag.word in APART for flag in self.progress.flags)


@dataclass(frozen=True, slots=True)
class Status:
    """All chapters, the next exercise with where to look at it, and the time spent, going by the commits.

    A bonus chapter has the next exercise once the course is done and the learner has begun that chapter.
    """

    chapters: tuple[ChapterStatus, ...]
    next: str
    places: Places
    spent: timedelta | None

    @property
    def current(self) -> ChapterStatus | None:
        """The chapter that the next exercise is in."""
        return next((chapter for chapter in self.chapters if self.next.startswith(chapter.outline.id)), None)

    @property
    def to_solve(self) -> str:
        """The first exercise that isn't known to pass; empty if there's none. What's only left to tick comes before."""
        return next((each for chapter in self.chapters if chapter.is_asked for each in chapter.to_solve), "")

    @property
    def exercises(self) -> int:
        """The number of exercises in all chapters that count."""
        return sum(chapter.exercises for chapter in self.in_totals)

    @property
    def filled(self) -> int:
        """The number of filled ones."""
        return sum(chapter.filled for chapter in self.in_totals)

    @property
    def ticks(self) -> int:
        """The number of ticked ones."""
        return sum(chapter.ticks for chapter in self.in_totals)

    @property
    def in_totals(self) -> tuple[ChapterStatus, ...]:
        """The chapters that count: all but the bonus chapters."""
        return tuple(chapter for chapter in self.chapters if not chapter.outline.bonus)


def side(path: Path, root: Path) -> Side | None:
    """One file of a pair as it is on disk; None if it is missing or can't be read."""
    try:
        data = files.read(path, root)
    except KitError:
        return None
    return None if data is None else read_side(data, path.suffix == ".ipynb")


def status(course: Course, language: str = "en") -> Status:
    """Where the learner is in one language.

    Raises:
        KitError: the course itself can't be read.
    """
    chapters, cache = [], verdict_cache(course)
    for outline in outlines_of(course):
        pair = Pair(course.root, language, outline.stem)
        sides = [side(pair.script, course.root), side(pair.notebook, course.root)]
        progress = chapter_progress(outline, *sides)
        filled = set(progress.filled)
        blank = tuple(each for each in outline.exercises if each not in filled)
        cells = {
            each: one.to_judge(each, outline.known(each))
            for one in sides
            if one
            for each, answer in one.answers.items()
            if answer.filled and each in outline.blanks
        }
        known = {each: cache.outcome(each, text) for each, text in cells.items()}
        failing = tuple(each for each, outcome in known.items() if outcome in ("failed", "error"))
        passing = tuple(each for each, outcome in known.items() if outcome == "passed")
        title = title_in(pair.script, course.root) if language != "en" else ""
        chapters.append(ChapterStatus(outline, progress, blank, failing, passing, title))
    current = next((chapter for chapter in chapters if chapter.is_asked and chapter.to_do), None)
    exercise = current.to_do[0] if current else ""
    places = places_of(course, current.outline, language, exercise) if current else ()
    return Status(tuple(chapters), exercise, places, time_spent(course.root, f"workshop/{language}"))


def title_in(script: Path, root: Path) -> str:
    """The title in a chapter's first heading, without its number; empty if there's none."""
    with suppress(KitError):
        found = TITLE.search((files.read(script, root) or b"").decode("utf-8", "replace"))
        return label(found["title"]) if found else ""
    return ""


def next_lines(found: Status) -> list[str]:
    """What to do next, as lines."""
    chapter = found.current
    if chapter is None:
        return ["every exercise is filled and ticked"]
    if found.next in chapter.blank:
        return [f"next: {found.next}, {said(found.places)}"]
    if found.next in chapter.failing:
        return [f"next: {found.next}, which doesn't pass yet, {said(found.places)}"]
    if found.next in chapter.passing:
        lines = [f"next: {found.next} passes, so tick it: - [x] {found.next}, below {said(found.places)}"]
        if found.to_solve:
            lines.append(f"after that: {found.to_solve}")
        return lines
    return [f"next: {found.next} is filled in; python scripts/check.py {found.next} says whether it passes"]


def rows(found: Status, width: int) -> list[str]:
    """A line per chapter in at most `width` columns: with a bar, without one, or with just a count."""
    title_width = max((cell_len(chapter.title) for chapter in found.chapters), default=0)
    counts = [f"{chapter.filled} of {chapter.exercises}" for chapter in found.chapters]
    columns = zip(
        found.chapters,
        aligned(counts),
        aligned([told(f"{count} filled") for count in counts]),
        aligned([told(f"{chapter.ticks} ticked") for chapter in found.chapters]),
        strict=True,
    )
    lines = []
    for chapter, count, filled, ticked in columns:
        full = BAR_WIDTH * chapter.filled // max(chapter.exercises, 1)
        bar = "█" * full + "·" * (BAR_WIDTH - full)
        start = f"{'>' if chapter is found.current else ' '} {chapter.outline.id}"
        head = f"{start} {padded(chapter.title, title_width)}"
        forms = [
            f"{head} {bar} {filled}, {ticked}",
            f"{head} {filled}, {ticked}",
            f"{head} {count}",
            f"{start} {filled}",
        ]
        fitting = next((form for form in forms if not is_wider(form, width)), forms[-1])
        flags = [flag for flag in chapter.progress.flags if flag.word not in ELSEWHERE]
        odd = [f"{flag.word}: {first_few(flag.ids, MOST_IDS)}" if flag.ids else flag.word for flag in flags]
        more = [
            *(["bonus chapter"] if chapter.outline.bonus else []),
            *(["challenge done"] if chapter.challenge_done else []),
            *dict.fromkeys(odd),
        ]
        lines.append("; ".join([fitting, *map(told, more)]))
    return lines


def aligned(texts: Sequence[str]) -> list[str]:
    """Texts of one width, their ends below each other."""
    width = max(map(cell_len, texts), default=0)
    return [" " * (width - cell_len(text)) + text for text in texts]


def places_of(course: Course, outline: Outline, language: str, exercise_id: str) -> Places:
    """What an exercise's verdict would name; the top of the `.py` if there's neither file."""
    stem = course.pairs(language) / outline.stem
    try:
        [placed] = in_pair(stem, [exercise_id])
    except KitError:
        return (Place(shown(stem.with_suffix(".py")), 1),)
    return looked_at(course, placed, outline.known(exercise_id))
