"""While a learner works: each saved exercise is judged at once, and a line says what's done and what comes next.

saved files --> edited cells --> warm judge --> verdicts, progress, the next exercise
keys        --> hint, solution, next, list, quit
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kit.course.answers import Answer, Work, read_file
from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.errors import KitError
from kit.i18n import told
from kit.judge.records import Verdict, around, text_of
from kit.judge.resident.remote import Judging
from kit.judge.show import SIGNS, fold, word
from kit.judge.verdict_cache import verdict_cache
from kit.learner import hints
from kit.learner.check import Finding, find, from_pair
from kit.learner.locate import shown
from kit.learner.placed import Placed, Places, looked_at, place_answer, said
from kit.learner.status import Status, status
from kit.learner.told import exercise_in
from kit.terminal import terminal_width
from kit.wrap import is_wider, padded

KEYS = "h hint · s solution · n next · l list · q quit"
ALL_DONE = "every exercise is done"


@dataclass
class Watch:
    """A watch over one language's files. `at` is the last exercise that was judged, or that `next` moved to.

    `known` has each file's answers as of the last read, `findings` the last finding about each exercise, `done` the
    chapters without a blank, `fresh` the verdicts that aren't cached yet.
    """

    course: Course
    language: str
    judge: Judging
    known: dict[Path, dict[str, Answer]] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    at: str = ""
    done: set[str] = field(default_factory=set)
    fresh: list[tuple[Verdict, str]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The folder of the watched files."""
        return self.course.pairs(self.language)

    def begin(self) -> Status:
        """Read every file, find out where the learner is, and warm up the judge for that chapter."""
        for path in sorted([*self.folder.glob("ch*.py"), *self.folder.glob("ch*.ipynb")]):
            self.known[path] = answers_in(path)
        now = status(self.course, self.language)
        self.at = now.next
        self.done = {chapter.outline.id for chapter in now.chapters if not chapter.blank}
        self.warm(self.at)
        return now

    def warm(self, exercise_id: str) -> None:
        """Have the judge get ready for an exercise."""
        if exercise_id:
            self.judge.warm(*self.course.exercise(exercise_id))

    def edited(self, path: Path) -> dict[str, Answer]:
        """The answers in a file that have changed since it was last read."""
        now, before = answers_in(path), self.known.get(path, {})
        if now:
            self.known[path] = now
        return {each: a for each, a in now.items() if each not in before or before[each].source != a.source}

    def saved(self, paths: Iterable[Path]) -> list[Finding]:
        """Judge what's new in these files. A cell that isn't in the course is skipped.

        Raises:
            KitError: the judge can't run.
        """
        latest = {each: (path, answer) for path in sorted(paths) for each, answer in self.edited(path).items()}
        cells: list[tuple[Chapter, Exercise, Placed]] = []
        for exercise_id, (path, answer) in sorted(latest.items()):
            try:
                chapter, exercise = self.course.exercise(exercise_id)
            except KitError:
                continue
            cells.append((chapter, exercise, place_answer(works_of(path), path, answer)))
        found = find(self.judge, cells)
        texts = {exercise.id: text_of(chapter, placed.answer) for chapter, exercise, placed in cells if placed.answer}
        self.fresh += [(f.verdict, texts[f.verdict.id]) for f in found]
        self.findings |= {finding.verdict.id: finding for finding in found}
        if found:
            self.at = next((f.verdict.id for f in found if f.verdict.outcome != "passed"), found[-1].verdict.id)
        return found

    def cache_verdicts(self) -> None:
        """Keep the fresh verdicts for other commands. This writes a file, so not while the person is waiting."""
        verdict_cache(self.course).keep(self.fresh)
        self.fresh.clear()

    @property
    def problems(self) -> list[Finding]:
        """The findings about exercises that are still wrong."""
        return [f for _, f in sorted(self.findings.items()) if f.verdict.outcome in ("failed", "error")]

    @property
    def passed(self) -> set[str]:
        """The exercises whose last verdict here was a pass."""
        return {each for each, finding in self.findings.items() if finding.verdict.outcome == "passed"}

    def advance(self) -> tuple[Status, str]:
        """Where the learner is now, and the chapter that the last save finished, if any."""
        now = status(self.course, self.language)
        finished = [chapter.outline.id for chapter in now.chapters if not chapter.blank and not chapter.failing]
        fresh = [each for each in finished if each not in self.done and any(p.startswith(each) for p in self.passed)]
        self.done = set(finished)
        return now, fresh[0] if fresh else ""

    def following(self, now: Status) -> str:
        """The exercise to do next: the first unsolved one after the last one judged, or else the first of all.

        One that passes counts as done here, ticked or not.
        """
        unsolved = {each for chapter in now.chapters for each in (*chapter.blank, *chapter.failing)} - self.passed
        return min((each for each in unsolved if each > self.at), default=min(unsolved, default=""))

    def places_of(self, chapter: Chapter, placed: Placed) -> Places:
        """Where to look at an answer."""
        known = around(chapter).names.get(placed.answer.id, ()) if placed.answer else ()
        return looked_at(self.course, placed, known)

    def place(self, exercise_id: str) -> str:
        """Where to look at an exercise, for a person."""
        chapter, exercise = self.course.exercise(exercise_id)
        stem = self.folder / chapter.entry.stem
        try:
            [placed] = from_pair(stem, [exercise])
        except KitError:
            return shown(stem.with_suffix(".py"))
        return said(self.places_of(chapter, placed))

    def hint(self) -> str:
        """The next hint for the current exercise."""
        if not self.at:
            return told(ALL_DONE)
        rung = hints.next_rung(self.course.root, self.at, hints.RUNGS)
        return hints.to_text(exercise_in(self.course, self.at, self.language), rung)

    def solution(self) -> str:
        """The finished cell of the current exercise."""
        if not self.at:
            return told(ALL_DONE)
        code = hints.solution(exercise_in(self.course, self.at, self.language), terminal_width() - 2)
        return told(f"solution of {self.at}") + "\n  " + code.replace("\n", "\n  ")

    def next(self) -> str:
        """Go on to the next exercise, and say where it is."""
        self.at = self.following(status(self.course, self.language)) or self.at
        if not self.at:
            return told(ALL_DONE)
        return fold(told(f"next: {self.at}, {self.place(self.at)}"), terminal_width())

    def list(self) -> str:
        """The chapter's exercises with their outcomes."""
        if not self.at:
            return told(ALL_DONE)
        chapter = self.course.exercise(self.at)[0]
        lines = []
        places = from_pair(self.folder / chapter.entry.stem, chapter.exercises)
        for exercise, placed in zip(chapter.exercises, places, strict=True):
            found = self.findings.get(exercise.id)
            filled = placed.answer is not None and placed.answer.filled
            outcome = found.verdict.outcome if found else "blank"
            sign, state = ("·", told("filled")) if filled and not found else (SIGNS[outcome], word(outcome))
            place = (found.places if found else self.places_of(chapter, placed))[0]
            line = f"{sign} {exercise.id} {padded(state, 6)} {place}"
            short = f"{sign} {exercise.id} {padded(state, 6)} {told(f'line {place.line}')}"
            lines.append(short if is_wider(line, terminal_width()) else line)
        return "\n".join(lines)


def works_of(path: Path) -> dict[Path, Work]:
    """Both files of a chapter that can be read now."""
    found = {}
    for each in (path.with_suffix(".py"), path.with_suffix(".ipynb")):
        with suppress(KitError):
            found[each] = read_file(each)
    return found


def answers_in(path: Path) -> dict[str, Answer]:
    """The answers in a file; none if it can't be read, since an editor may be writing it."""
    try:
        return read_file(path).answers
    except KitError:
        return {}


def progress(now: Status, chapter_id: str) -> str:
    """How much is filled in this chapter, and in total."""
    chapter = next((chapter for chapter in now.chapters if chapter.outline.id == chapter_id), None)
    here = [f"chapter {chapter_id}: {chapter.filled} of {chapter.exercises} filled"] if chapter else []
    return " · ".join(map(told, [*here, f"all: {now.filled} of {now.exercises}"]))
