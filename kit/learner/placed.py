"""Where a learner's answers are: the cell that counts for each exercise, and the file and line to name.

    ids + a pair, or one file --> Placed, ...

Nothing here runs a cell or loads the judge.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit.course.answers import Answer, Work, decode, read_file
from kit.course.blanks import sentinel_lines
from kit.course.cells import ANCHOR, CALL, Cell, from_notebook, from_percent
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

    `note` says why this is the cell that counts, where that isn't plain to see. Where no cell counts, `lost` says what
    has become of it, and the command that brings it back.
    """

    answer: Answer | None
    file: str
    line: int
    note: str = ""
    lost: str = ""


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
        file = present[0]
        line, lost = (in_python.line, "") if in_python else lost_in(file, works[file], each)
        placed.append(Placed(chosen, shown(file), line, note_on(in_python or chosen, file), "" if chosen else lost))
    return placed


def in_file(path: Path, ids: Sequence[str]) -> list[Placed]:
    """The answers to these exercises in one file."""
    work, placed = read_file(path), list[Placed]()
    for each in ids:
        answer = work.answers.get(each)
        line, lost = (answer.line, "") if answer else lost_in(path, work, each)
        placed.append(Placed(answer, shown(path), line, note_on(answer, path), lost))
    return placed


def lost_in(path: Path, work: Work, exercise_id: str) -> tuple[int, str]:
    """The line to look at in a file that has no cell of this exercise, and what has become of it."""
    back = f"python scripts/reset_to_todo.py {exercise_id}"
    for cell in cells_in(path):
        calls = (CALL if cell.kind == "code" else ANCHOR).finditer(cell.source)  # prose may mention one
        named = [call for call in calls if call["id"] == exercise_id]
        if named:
            line = cell.line + (cell.source.count("\n", 0, named[0].start()) if path.suffix == ".py" else 0)
            if cell.kind != "code":
                return line, f"its cell isn't a code cell, so it never runs. Next: make it one, or {back} for a new one"
            return line, f"its `check` is in a comment or a text, so it never runs. Next: move it out, or {back}"
    above = [answer for each, answer in work.answers.items() if each < exercise_id]
    nearest = max(above, key=lambda answer: answer.id, default=None)
    if nearest is None:
        return 1, f"no cell of the file calls its `check`. Next: {back} puts it back"
    line = nearest.line + (nearest.source.count("\n") if path.suffix == ".py" else 0)
    return line, f"its cell is missing; it belongs below the one of {nearest.id}. Next: {back} puts it back"


def cells_in(path: Path) -> tuple[Cell, ...]:
    """The cells of a file; none if it can't be read."""
    try:
        text, _ = decode(path.read_bytes())
        return from_notebook(text) if path.suffix == ".ipynb" else from_percent(text)
    except (OSError, KitError):
        return ()


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
