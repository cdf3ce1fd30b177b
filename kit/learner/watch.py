"""While a learner works: each saved exercise is judged at once, and a line says what is done and what comes next.

saved files --> cells that changed --> warm judge --> verdicts, progress, the next exercise
keys        --> hint, solution, next, list, quit
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kit.course.answers import read_file
from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.records import Verdict
from kit.judge.show import SIGNS, fold, terminal_width
from kit.learner import hints
from kit.learner.check import Finding, Placed, find, from_pair, remember
from kit.learner.hints import next_rung
from kit.learner.locate import shown
from kit.learner.status import Status, status

AHEAD = 3  # exercises that are looked at before they are asked for
KEYS = "h hint · s solution · n next · l list · q quit"


@dataclass
class Watch:
    """A watch over one language's files. `say` shows a text or a verdict; `known` are the cells of each file as they
    were when it was last read; `findings` what was last found about each exercise; `fresh` what is to be remembered."""

    course: Course
    language: str
    judge: Judge
    known: dict[Path, dict[str, str]] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    at: str = ""
    done: set[str] = field(default_factory=set)
    fresh: list[tuple[Verdict, str]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the watched files are."""
        return self.course.pairs(self.language)

    def begin(self) -> Status:
        """Read every file as it is now, find out where the learner is, and warm up the judge for that chapter."""
        for path in sorted([*self.folder.glob("ch*.py"), *self.folder.glob("ch*.ipynb")]):
            self.known[path] = self.cells(path)
        where = status(self.course, self.language)
        self.at = where.next
        self.done = {place.outline.id for place in where.places if not place.blank}
        self.warm(self.at)
        return where

    def warm(self, id: str) -> None:
        """Let the judge walk the chapter of an exercise, so that the first verdict in it is as quick as all others."""
        if id:
            chapter, exercise = self.course.exercise(id)
            self.judge.observe(self.judge.job(chapter, exercise, salt, exercise.code) for salt in self.judge.salts)

    def cells(self, path: Path) -> dict[str, str]:
        """The cells of the exercises in a file; none where it cannot be read (an editor may be writing it)."""
        try:
            return {id: answer.source for id, answer in read_file(path).answers.items()}
        except KitError:
            return {}

    def touched(self, paths: Iterable[Path]) -> list[str]:
        """The exercises whose cells differ in these files from what was last read, in order."""
        found: set[str] = set()
        for path in paths:
            now, before = self.cells(path), self.known.get(path, {})
            found |= {id for id, source in now.items() if before.get(id) != source}
            if now:
                self.known[path] = now
        return sorted(found)

    def saved(self, paths: Iterable[Path]) -> list[Finding]:
        """Judge what these files have new. A cell that the course does not know is passed over.

        Raises:
            KitError: the judge cannot run.
        """
        cells: list[tuple[Chapter, Exercise, Placed]] = []
        latest = {id: path for path in sorted(paths) for id in self.touched([path])}
        for id, path in sorted(latest.items()):
            try:
                chapter, exercise = self.course.exercise(id)
                work = read_file(path)
            except KitError:
                continue
            answer = work.answers.get(id)
            file, line = shown(path), answer.line if answer else 1
            if path.suffix == ".ipynb":  # a person goes to lines of the .py
                stem = self.folder / chapter.entry.stem
                if stem.with_suffix(".py").exists():
                    [placed] = from_pair(stem, [exercise])
                    file, line = placed.file, placed.line
            cells.append((chapter, exercise, Placed(answer, file, line)))
        found = find(self.judge, cells)
        sources = {exercise.id: placed.answer.source for _, exercise, placed in cells if placed.answer}
        self.fresh += [(f.verdict, sources[f.verdict.id]) for f in found if f.verdict.id in sources]
        self.findings |= {finding.verdict.id: finding for finding in found}
        if found:
            self.at = next((f.verdict.id for f in found if f.verdict.outcome != "passed"), found[-1].verdict.id)
        return found

    def remember(self) -> None:
        """Keep the fresh verdicts for other commands: it writes a file, so not while the person waits for them."""
        remember(self.course, self.fresh)
        self.fresh.clear()

    def foresee(self) -> Iterator[None]:
        """While nothing happens: see what the exercise at hand and those behind it give when they are right, and with
        each of their common mistakes, a piece at a time. A wrong answer is then diagnosed as fast as a right one."""
        if not self.at:
            return
        chapter, exercise = self.course.exercise(self.at)
        place = chapter.exercises.index(exercise)
        for near in chapter.exercises[place : place + AHEAD]:
            codes = [near.code, *(near.with_answer(m.blank, m.expression) for m in near.mistakes)]
            for code in codes:
                for salt in self.judge.salts if code == near.code else self.judge.salts[:1]:
                    job = self.judge.job(chapter, near, salt, code)
                    if job not in self.judge.known:
                        self.judge.observe([job], keep=True)
                        yield

    @property
    def problems(self) -> list[Finding]:
        """What was found wrong and has not been mended since."""
        return [f for _, f in sorted(self.findings.items()) if f.verdict.outcome in ("failed", "error")]

    def advance(self) -> tuple[Status, str]:
        """Where the learner is now, and the chapter that has been finished by the last save, if one has."""
        where = status(self.course, self.language)
        passed = {id for id, finding in self.findings.items() if finding.verdict.outcome == "passed"}
        finished = [place.outline.id for place in where.places if not place.blank and not place.failing]
        fresh = [id for id in finished if id not in self.done and any(one.startswith(id) for one in passed)]
        self.done = set(finished)
        return where, fresh[0] if fresh else ""

    def following(self, where: Status) -> str:
        """The exercise to do next: the first open one behind the last that was looked at, else the first of all.

        One that passes is done here, ticked or not.
        """
        passed = {id for id, finding in self.findings.items() if finding.verdict.outcome == "passed"}
        waiting = [id for place in where.places for id in (*place.blank, *place.failing) if id not in passed]
        return min((id for id in waiting if id > self.at), default=min(waiting, default=""))

    def place(self, id: str) -> str:
        """`file:line` of an exercise's cell."""
        chapter, exercise = self.course.exercise(id)
        stem = self.folder / chapter.entry.stem
        try:
            [placed] = from_pair(stem, [exercise])
        except KitError:
            return shown(stem.with_suffix(".py"))
        return f"{placed.file}:{placed.line}"

    def hint(self) -> str:
        """The next hint for the exercise that was looked at last."""
        if not self.at:
            return "nothing is open"
        return hints.told(self.course.exercise(self.at)[1], next_rung(self.course.root, self.at, hints.RUNGS))

    def solution(self) -> str:
        """The finished cell of the exercise that was looked at last."""
        if not self.at:
            return "nothing is open"
        code = hints.solution(self.course.exercise(self.at)[1], terminal_width() - 2)
        return f"solution of {self.at}\n  " + code.replace("\n", "\n  ")

    def next(self) -> str:
        """Go on to the next exercise, and say where it is."""
        self.at = self.following(status(self.course, self.language)) or self.at
        return fold(f"next: {self.at}, {self.place(self.at)}", terminal_width()) if self.at else "nothing is open"

    def list(self) -> str:
        """The exercises of the chapter, each with its sign."""
        if not self.at:
            return "nothing is open"
        chapter = self.course.exercise(self.at)[0]
        lines = []
        places = from_pair(self.folder / chapter.entry.stem, chapter.exercises)
        for exercise, placed in zip(chapter.exercises, places, strict=True):
            found = self.findings.get(exercise.id)
            filled = placed.answer is not None and placed.answer.filled
            outcome = found.verdict.outcome if found else "blank"
            sign, word = ("·", "filled") if filled and not found else (SIGNS[outcome], outcome)
            line = f"{sign} {exercise.id} {word:<6} {placed.file}:{placed.line}"
            lines.append(
                line if len(line) <= terminal_width() else f"{sign} {exercise.id} {word:<6} line {placed.line}"
            )
        return "\n".join(lines)


def progress(where: Status, chapter: str) -> str:
    """What is filled in the chapter, and in all."""
    place = next((place for place in where.places if place.outline.id == chapter), None)
    filled, total = sum(p.filled for p in where.places), sum(p.exercises for p in where.places)
    here = f"chapter {chapter}: {place.filled} of {place.exercises} filled · " if place else ""
    return f"{here}all: {filled} of {total}"
