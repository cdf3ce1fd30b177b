"""Where a learner's answers are: the cell that counts for each exercise, and the files and lines to name.

    ids + a pair, or one file --> Placed, ... --> Place: a line of a `.py`, or of a notebook's cell

Nothing here runs a cell or loads the judge.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from kit.course.answers import Answer, Work, decode, read_file
from kit.course.blanks import sentinel_lines
from kit.course.cells import ANCHOR, CALL, Cell, from_notebook, from_percent
from kit.course.course import Course
from kit.course.own_code import to_judge
from kit.errors import KitError
from kit.i18n import noted, told
from kit.judge.show import SEVERAL
from kit.judge.verdict_cache import verdict_cache
from kit.learner.locate import shown
from kit.pairs import convert
from kit.pairs.fast_read import read_side

TWICE = "it's in this file more than once, at {unit} {places}; the one at {unit} {first} counts"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a chapter's file, from 1: of a `.py`, or of the notebook's cell with this number, from 1."""

    file: str
    line: int
    cell: int | None = None

    def __str__(self) -> str:
        """The place for a person to go to."""
        if self.cell is None:
            return f"{self.file}:{self.line}"
        return told(f"{self.file}, cell {self.cell}, line {self.line}")

    def below(self, line: int) -> Place:
        """The place of a line, from 1, of the cell that begins here."""
        return replace(self, line=self.line + line - 1)


Places = tuple[Place, ...]  # the same line in each file of a pair that says the same there, the `.py` first


def said(places: Places) -> str:
    """Where something is, for a person."""
    if len(places) == 1:
        return str(places[0])
    script, notebook = places
    return told(f"{script} (in the notebook: cell {notebook.cell}, line {notebook.line})")


@dataclass(frozen=True, slots=True)
class Placed:
    """A learner's answer (None if its cell is missing), and the places where its cell begins.

    `note` says why this is the cell that counts, where that isn't plain to see. Where no cell counts, `lost` says what
    has become of it, and the command that brings it back.
    """

    answer: Answer | None
    places: Places
    note: str = ""
    lost: str = ""

    def at(self, line: int) -> Places:
        """The places of a line, from 1, of the cell."""
        return tuple(place.below(line) for place in self.places)


def in_pair(stem: Path, ids: Sequence[str]) -> list[Placed]:
    """The answers in a pair. Where the two files differ, the filled answer counts, or else the one saved last.

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
        found = [(path, works[path].answers[each]) for path in latest if each in works[path].answers]
        chosen = next((one for one in found if one[1].filled), found[0] if found else None)
        placed.append(place_answer(works, *chosen) if chosen else missing_in(present[0], works[present[0]], each))
    return placed


def in_file(path: Path, ids: Sequence[str]) -> list[Placed]:
    """The answers to these exercises in one file."""
    work = read_file(path)
    found = ((each, work.answers.get(each)) for each in ids)
    return [place_answer({}, path, answer) if answer else missing_in(path, work, each) for each, answer in found]


def place_answer(works: Mapping[Path, Work], path: Path, answer: Answer) -> Placed:
    """A file's answer with its places: there, and wherever else among these files its cell says the same."""
    others = {other: work.answers[answer.id] for other, work in works.items() if answer.id in work.answers}
    same = {other: own for other, own in others.items() if are_same(own, answer)} | {path: answer}
    script_first = sorted(same, key=lambda each: each.suffix == ".ipynb")
    places = tuple(beginning(each, same[each], answer) for each in script_first)
    return Placed(answer, places, note_on(same[script_first[0]], script_first[0]))


def are_same(one: Answer, two: Answer) -> bool:
    """Whether two cells say the same, as a sync sees it."""
    sources = {one.source, two.source}
    return len(sources) == 1 or len({convert.key(convert.for_script(Cell("code", each))) for each in sources}) == 1


def beginning(path: Path, own: Answer, judged: Answer) -> Place:
    """The place in a file of the first line of a judged cell, which the file has as its `own`."""
    shift = lead(own) - lead(judged)
    if path.suffix == ".ipynb":
        return Place(shown(path), 1 + shift, own.line)
    return Place(shown(path), own.line + shift)


def lead(answer: Answer) -> int:
    """The number of empty lines at the top of an answer's cell. A `.py` has none; part of a cell begins with others."""
    first = next((n for n, line in enumerate(answer.source.split("\n")) if line.strip()), 0)
    return 0 if answer.beside else first


def missing_in(path: Path, work: Work, exercise_id: str) -> Placed:
    """That a file has no cell of this exercise, and the line to look at."""
    line, lost = lost_in(path, work, exercise_id)
    place = Place(shown(path), 1, line) if path.suffix == ".ipynb" else Place(shown(path), line)
    return Placed(None, (place,), lost=lost)


def lost_in(path: Path, work: Work, exercise_id: str) -> tuple[int, str]:
    """The line of a `.py`, or the cell of a notebook, to look at if it has no cell of this exercise; and what has
    become of it."""
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


def ticked_in(stem: Path) -> set[str]:
    """The items that are ticked in either file of a pair."""
    found: set[str] = set()
    for path in (stem.with_suffix(".py"), stem.with_suffix(".ipynb")):
        with suppress(OSError):
            side = read_side(path.read_bytes(), path.suffix == ".ipynb")
            found |= {item_id for item_id, ticked in side.ticks.items() if ticked}
    return found


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


def looked_at(course: Course, placed: Placed, known: Collection[str]) -> Places:
    """Where to look at an answer, without judging it: at the first blank, or the known fault.

    `known` are the names that the finished chapter has after the exercise.
    """
    answer = placed.answer
    if answer is None:
        return placed.places
    blanks = sentinel_lines(answer.source)
    text = to_judge(answer.source, answer.above, known)
    return placed.at(blanks[0] if blanks else verdict_cache(course).line(answer.id, text))
