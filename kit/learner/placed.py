"""Where a learner's answers are: the cell that counts for each exercise, and the file and line to name.

    ids + a pair, or one file --> Placed, ...

Nothing here runs a cell or loads the judge.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.course.answers import Answer, Work, read_file
from kit.course.blanks import sentinel_lines
from kit.course.course import Course
from kit.course.own_code import to_judge
from kit.errors import KitError
from kit.i18n import noted
from kit.judge.show import SEVERAL
from kit.judge.verdict_cache import verdict_cache
from kit.learner.locate import shown

TWICE = "it's in this file more than once, at {unit} {places}; the one at {unit} {first} counts"


@dataclass(frozen=True, slots=True)
class Placed:
    """A learner's answer (None if its cell is missing), and the file and line that a finding about it names.

    `note` says why this is the cell that counts, where that isn't plain to see.
    """

    answer: Answer | None
    file: str
    line: int
    note: str = ""


def in_pair(stem: Path, ids: Sequence[str]) -> list[Placed]:
    """The answers in a pair. Where the two files differ, the filled answer counts, or else the one saved last.

    Findings name the `.py`, since an editor can jump to its lines.

    Raises:
        KitError: neither file exists.
    """
    python, notebook = stem.with_suffix(".py"), stem.with_suffix(".ipynb")
    present = [path for path in (python, notebook) if path.exists()]
    if not present:
        raise KitError("this chapter's files are missing", shown(python), "git checkout -- workshop brings them back")
    works: dict[Path, Work] = {path: read_file(path) for path in present}
    latest = sorted(present, key=lambda path: -path.stat().st_mtime_ns)
    placed = []
    for each in ids:
        found = [works[path].answers[each] for path in latest if each in works[path].answers]
        chosen = next((answer for answer in found if answer.filled), found[0] if found else None)
        in_python = works[python].answers.get(each) if python in works else None
        file, line = (python, in_python.line) if in_python else (present[0], 1)
        placed.append(Placed(chosen, shown(file), line, note_on(in_python or chosen, file)))
    return placed


def in_file(path: Path, ids: Sequence[str]) -> list[Placed]:
    """The answers to these exercises in one file."""
    work = read_file(path)
    answers = [work.answers.get(each) for each in ids]
    return [Placed(a, shown(path), a.line if a else 1, note_on(a, path)) for a in answers]


def note_on(answer: Answer | None, path: Path) -> str:
    """Why this answer, in this file, is the one that counts; empty if that's plain to see."""
    if answer is None or not (answer.also or answer.beside):
        return ""
    if not answer.also:
        return SEVERAL
    unit = noted("cell") if path.suffix == ".ipynb" else noted("line")
    return TWICE.format(unit=unit, places=", ".join(map(str, (answer.line, *answer.also))), first=answer.line)


def looked_at(course: Course, placed: Placed, known: Collection[str]) -> int:
    """The line of its file to look at for an answer, without judging it: that of the first blank or the known fault.

    `known` are the names that the finished chapter has after the exercise.
    """
    answer = placed.answer
    if answer is None:
        return placed.line
    blanks = sentinel_lines(answer.source)
    text = to_judge(answer.source, answer.above, known)
    return placed.line - 1 + (blanks[0] if blanks else verdict_cache(course).line(answer.id, text))
