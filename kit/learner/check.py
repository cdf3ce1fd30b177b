"""Findings: verdicts with the file and line they're about, and the three formats they're printed in.

words --> Course.select --> the learner's cells --> Judge --> [Finding, ...] --> text | problems | json
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from kit.course.answers import Answer
from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.errors import KitError
from kit.i18n import told
from kit.judge import show
from kit.judge.records import Verdict, text_of
from kit.judge.resident.remote import Judging
from kit.judge.show import SIGNS, next_step, to_text
from kit.judge.verdict_cache import verdict_cache
from kit.learner.locate import CURSOR, exercise_at
from kit.learner.placed import Place, Placed, Places, in_file, in_pair, lead, said, ticked_in
from kit.text import first_few

SAVE_TICKS = "python scripts/save.py ticks what you've changed, if it passes"
MOST_NAMED = 8
MISSING = "its cell is missing from the file: none calls its `check`"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, its chapter's id, and the line that it's about, in each file that has the judged cell.

    `lead` is the number of empty lines at the top of the cell.
    """

    verdict: Verdict
    chapter: str
    places: Places
    lead: int = 0

    @property
    def cell_line(self) -> int:
        """The line inside the cell, from 1 at its first line that isn't empty: so it's the same in both files."""
        return max(self.verdict.line - self.lead, 1)


def from_pair(stem: Path, exercises: Sequence[Exercise]) -> list[Placed]:
    """The answers to these exercises in a pair.

    Raises:
        KitError: neither file exists.
    """
    return in_pair(stem, [exercise.id for exercise in exercises])


def from_file(path: Path, exercises: Sequence[Exercise]) -> list[Placed]:
    """The answers to these exercises in one file."""
    return in_file(path, [exercise.id for exercise in exercises])


def gather(
    course: Course, words: Sequence[str], language: str, answers: bool
) -> list[tuple[Chapter, Exercise, Placed]]:
    """The cells that `words` name; with `answers`, the finished ones instead. A word may name a file anywhere, or with
    `FILE:LINE` an exercise in it.

    Raises:
        KitError: a word names nothing, or a file can't be read.
    """
    chosen: dict[str, tuple[Chapter, Exercise, Placed]] = {}
    named_files = [word for word in words if CURSOR.fullmatch(word) or Path(word).suffix in (".py", ".ipynb")]
    for word in named_files:
        cursor = CURSOR.fullmatch(word)
        path = Path(cursor["file"] if cursor else word)
        if not path.is_file():
            raise KitError("there's no such file", word, "name a chapter, such as 01, or an exercise, such as 01.05")
        selected = course.select([exercise_at(word) if cursor else word])
        placed = from_file(path, [exercise for _, exercise in selected])
        chosen |= {e.id: (c, e, place) for (c, e), place in zip(selected, placed, strict=True)}
    others = [word for word in words if word not in named_files]
    if others or not named_files:
        for chapter_id, group in groupby(course.select(others), key=lambda selected: selected[0].id):
            chapter, exercises = course.chapter(chapter_id), [exercise for _, exercise in group]
            if answers:
                found = [Placed(Answer(e.id, e.code, e.line), (Place(chapter.path, e.line),)) for e in exercises]
            else:
                found = from_pair(course.pairs(language) / chapter.entry.stem, exercises)
            chosen |= {e.id: (chapter, e, place) for e, place in zip(exercises, found, strict=True)}
    return [chosen[exercise_id] for exercise_id in sorted(chosen)]


def find(
    judge: Judging, cells: Sequence[tuple[Chapter, Exercise, Placed]], course: Course | None = None
) -> list[Finding]:
    """Judge these cells. A missing cell is an error. With a `course`, its verdict cache keeps the verdicts."""
    present = [(c, e, text_of(c, place.answer)) for c, e, place in cells if place.answer]
    verdicts = judge.judge_all(present)
    if course is not None:
        verdict_cache(course).keep(zip(verdicts, (text for _, _, text in present), strict=True))
    given = iter(verdicts)
    found = []
    for chapter, exercise, place in cells:
        verdict = next(given) if place.answer else Verdict(exercise.id, "error", place.lost or MISSING)
        if place.note and verdict.outcome != "passed":
            verdict = replace(verdict, message="; ".join(filter(None, (verdict.message, place.note))))
        found.append(Finding(verdict, chapter.id, place.at(verdict.line), lead(place.answer) if place.answer else 0))
    return found


def to_problems(findings: Sequence[Finding]) -> str:
    """`file:line: message`, a line for each exercise that hasn't passed, as an editor's list of problems expects.

    A line of a notebook is written as ruff writes it: `file:cell 13:2: message`.
    """
    lines = []
    for f in findings:
        if f.verdict.outcome != "passed":
            message = " ".join(f.verdict.message.split())
            lines.append(f"{in_problems(f.places[0])}: {f.verdict.id} {show.word(f.verdict.outcome)}: {message}\n")
    return "".join(lines)


def in_problems(place: Place) -> str:
    """A place as editors parse it."""
    return f"{place.file}:{place.line}" if place.cell is None else f"{place.file}:cell {place.cell}:{place.line}"


def where(finding: Finding) -> dict[str, Any]:
    """Where a finding is, for a program (docs/interface.md)."""
    cells = [place.cell for place in finding.places if place.cell is not None]
    first = finding.places[0]
    return {
        "file": first.file,
        "line": first.line,
        "cell": cells[0] - 1 if cells else None,
        "cell_line": finding.cell_line,
    }


def to_json(findings: Sequence[Finding]) -> str:
    """`{"exercises": [{"id", "chapter", "outcome", "message", "file", "line", "cell", "cell_line", "seed"}]}`."""
    rows = [
        {
            "id": f.verdict.id,
            "chapter": f.chapter,
            "outcome": f.verdict.outcome,
            "message": f.verdict.message,
            **where(f),
            "seed": f.verdict.seed,
        }
        for f in findings
    ]
    return json.dumps({"exercises": rows}, ensure_ascii=False, indent=1) + "\n"


def to_plain(findings: Sequence[Finding]) -> str:
    """For people: failures in full, counts of the rest, chapter by chapter, and what to do next."""
    if len(findings) == 1:
        return "\n".join(alone(findings[0])) + "\n"
    lines: list[str] = []
    for chapter, group in groupby(findings, key=lambda finding: finding.chapter):
        rows = list(group)
        passed = [f for f in rows if f.verdict.outcome == "passed"]
        blank = [f for f in rows if f.verdict.outcome == "blank"]
        lines.append(told(f"chapter {chapter}: {len(passed)} of {len(rows)} passed"))
        for f in rows:
            if f.verdict.outcome in ("failed", "error"):
                lines += [f"  {to_text(f.verdict)}", f"    {said(f.places)}"]
        if blank:
            first = blank[0]
            counted = told(f"{len(blank)} blank; the first is {first.verdict.id}, {said(first.places)}")
            if len(blank) == 1:
                counted = told(f"1 blank: {first.verdict.id}, {said(first.places)}")
            lines.append(f"  {SIGNS['blank']} {counted}")
    if len({finding.chapter for finding in findings}) > 1:
        done = sum(f.verdict.outcome == "passed" for f in findings)
        lines.append(told(f"{done} of {len(findings)} exercises passed, challenges included"))
    failing = [f.verdict.id for f in findings if f.verdict.outcome in ("failed", "error")]
    unticked = [] if failing else passing_unticked(findings)
    if failing:
        lines.append(help_with(failing[0]))
    if unticked:
        lines.append(told(f"not ticked yet: {first_few(unticked, MOST_NAMED)}"))
        lines.append(told(SAVE_TICKS))
    return "\n".join(lines) + "\n"


def alone(finding: Finding) -> list[str]:
    """The only finding, and what to do next, as lines."""
    verdict = finding.verdict
    if verdict.outcome == "passed":
        unticked = bool(passing_unticked([finding]))
        return [to_text(verdict, next_step(verdict, not unticked)), *([f"  {told(SAVE_TICKS)}"] if unticked else [])]
    return [to_text(verdict), f"  {said(finding.places)}", help_with(verdict.id)]


def passing_unticked(findings: Sequence[Finding]) -> list[str]:
    """The exercises that have passed and are ticked in neither file of their pair. Other files have no tick to miss."""
    found = [(f.verdict.id, Path(f.places[0].file).resolve()) for f in findings if f.verdict.outcome == "passed"]
    passed = [(each, path.with_suffix("")) for each, path in found if path.parent.parent.name == "workshop"]
    ticked = {stem: ticked_in(stem) for stem in {stem for _, stem in passed}}
    return [each for each, stem in passed if each not in ticked[stem]]


def help_with(exercise_id: str) -> str:
    """What to do about an exercise that doesn't pass."""
    return told(f"stuck? python scripts/hint.py {exercise_id}")


FORMATS = {"text": to_plain, "problems": to_problems, "json": to_json}
