"""Back to the todo: a whole chapter, or one exercise and its tick, in both files of the pair.

    words --> Change, Change, ... --> backup --> files

Everything that would change is in a backup before the first byte is written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit import backup, disk, mirror
from kit.backup import Backup
from kit.cell import Cell, to_percent
from kit.chapter import Chapter
from kit.course import EXERCISE_ID, Course, unknown
from kit.errors import KitError
from kit.merge import align
from kit.notebook import to_notebook
from kit.pair import Pair, read, visible
from kit.render import learner_cells
from kit.tick import set_ticks


@dataclass(frozen=True, slots=True)
class Change:
    """One file that a reset writes: what it holds now (`None`: it is missing) and what it shall hold."""

    path: Path
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Reset:
    """What a reset has written, and the backup that it made before."""

    paths: tuple[Path, ...] = ()
    backup: Backup | None = None


def targets(course: Course, words: Sequence[str]) -> dict[str, set[str]]:
    """The exercises to reset by chapter; an empty set means the whole chapter.

    Raises:
        KitError: a word names nothing; the nearest ids are named.
    """
    found: dict[str, set[str]] = {}
    for word in words:
        chosen = course.select([word])
        for chapter, exercise in chosen:
            if not EXERCISE_ID.fullmatch(word):
                found[chapter.id] = set()
            elif found.get(chapter.id, {""}):
                found.setdefault(chapter.id, set()).add(exercise.id)
    return found


def changes(course: Course, words: Sequence[str], language: str = "en") -> list[Change]:
    """What a reset of these chapters and exercises would write, in the course's order.

    Raises:
        KitError: a word or the language is unknown, or a file of which a part shall stay cannot be read.
    """
    if language not in course.languages:
        raise unknown(language, list(course.languages))
    if language != "en":
        raise KitError(f"the todo of the language {language!r} is not in this course", "", "reset the English one")
    found: list[Change] = []
    for id, exercises in sorted(targets(course, words).items()):
        chapter = course.chapter(id)
        pair = Pair(course.root, language, chapter.entry.stem)
        found += part(chapter, pair, exercises) if exercises else whole(chapter, pair)
    return [change for change in found if change.before != change.after]


def whole(chapter: Chapter, pair: Pair) -> list[Change]:
    """Both files, as the build makes them."""
    cells = learner_cells(chapter)
    made = {pair.script: to_percent(cells).encode(), pair.notebook: to_notebook(cells, chapter.id).encode()}
    return [Change(path, disk.read(path, pair.root), after) for path, after in made.items()]


def part(chapter: Chapter, pair: Pair, exercises: Collection[str]) -> list[Change]:
    """Both files with these exercises and their ticks as in the todo, and all else as it is."""
    sides = read(pair)
    if sides.script is None and sides.notebook is None:
        advice = f"python scripts/reset_to_todo.py {chapter.id} brings the whole chapter back"
        raise KitError("neither the .py nor the notebook has anything in it", pair.name, advice)
    script = emptied(sides.script or sides.notebook or (), chapter, exercises)
    notebook = emptied(sides.notebook or sides.script or (), chapter, exercises)
    found = []
    if sides.script is None or mirror.keys(sides.script) != mirror.keys(script):
        after = visible(mirror.script(script), sides.script_bytes)
        found.append(Change(pair.script, sides.script_bytes, after))
    if sides.notebook is None or mirror.keys(sides.notebook) != mirror.keys(notebook):
        old = sides.notebook_bytes if sides.notebook else None
        after = visible(mirror.notebook(notebook, chapter.id, old), sides.notebook_bytes)
        found.append(Change(pair.notebook, sides.notebook_bytes, after))
    return found


def emptied(cells: Sequence[Cell], chapter: Chapter, exercises: Collection[str]) -> tuple[Cell, ...]:
    """The cells with these exercises empty and unticked. One whose cell is gone comes back at its place."""
    todo = learner_cells(chapter)
    fresh = {cell.exercise: cell for cell in todo if cell.exercise in exercises}
    off = dict.fromkeys(exercises, False)
    waiting, made = dict(fresh), list[Cell]()
    for cell in cells:
        if cell.exercise in waiting:
            made.append(waiting.pop(cell.exercise))
        else:
            made.append(Cell(cell.kind, set_ticks(cell.source, off), cell.line) if cell.kind == "markdown" else cell)
    for id, cell in waiting.items():
        there = {place: at for at, place in align(todo, made).items()}
        own = next(place for place, other in enumerate(todo) if other.exercise == id)
        before = [there[place] for place in range(own) if place in there]
        made.insert(max(before, default=-1) + 1, cell)
    return tuple(made)


def reset(course: Course, words: Sequence[str], language: str = "en") -> Reset:
    """Reset these chapters and exercises, after a backup; nothing at all where they are todo already.

    Raises:
        KitError: as `changes`; or there is no git to back up with, or a file cannot be written.
    """
    return disk.steadily(course.root, lambda: reset_once(course, words, language))


def reset_once(course: Course, words: Sequence[str], language: str) -> Reset:
    """One attempt at a reset; `disk.Changed` when somebody else wrote in the middle of it."""
    planned = changes(course, words, language)
    if not planned:
        return Reset()
    paths = tuple(change.path for change in planned)
    saved = backup.make(course.root, "reset", " ".join(words), paths)
    for change in planned:
        if disk.read(change.path, course.root) != change.before:
            raise disk.Changed(change.path)
    try:
        for change in planned:
            disk.write(change.path, change.after, course.root, expected=(change.before,))
    except KitError as error:
        raise KitError(error.what, error.where, f"{error.next}; what was there before: {saved.command}") from error
    return Reset(paths, saved)
