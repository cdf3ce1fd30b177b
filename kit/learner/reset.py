"""Back to the todo: a whole chapter, or one exercise and its tick, in both files of the pair.

    words --> Change, Change, ... --> backup --> files

Everything that would change is in a backup before the first byte is written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit import files
from kit.course.cells import to_percent
from kit.course.checklist import with_ticks
from kit.course.course import EXERCISE_ID, Course, unknown_id
from kit.course.notebook import to_notebook
from kit.errors import KitError
from kit.git import backup
from kit.git.backup import Backup
from kit.lock import while_locked
from kit.pairs.align import align
from kit.pairs.pair import Cells, Pair, read, todo, written


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
        raise unknown_id(language, list(course.languages))
    found: list[Change] = []
    for id, exercises in sorted(targets(course, words).items()):
        pair = Pair(course.root, language, course.chapter(id).entry.stem)
        cells = todo(course, pair)
        found += part(pair, cells, exercises) if exercises else whole(pair, cells)
    return [change for change in found if change.before != change.after]


def whole(pair: Pair, todo: Cells) -> list[Change]:
    """Both files, as the build makes them."""
    made = {pair.script: to_percent(todo).encode(), pair.notebook: to_notebook(todo, pair.id).encode()}
    return [Change(path, files.read(path, pair.root), after) for path, after in made.items()]


def part(pair: Pair, todo: Cells, exercises: Collection[str]) -> list[Change]:
    """Both files with these exercises and their ticks as in the todo, and all else as it is.

    Raises:
        KitError: neither file has a cell, or one cannot be read.
    """
    sides = read(pair)
    if sides.script is None and sides.notebook is None:
        advice = f"python scripts/reset_to_todo.py {pair.id} brings the whole chapter back"
        raise KitError("neither the .py nor the notebook has anything in it", pair.name, advice)
    script = emptied(sides.script or sides.notebook or (), todo, exercises)
    notebook = emptied(sides.notebook or sides.script or (), todo, exercises)
    before = {pair.script: sides.script_bytes, pair.notebook: sides.notebook_bytes}
    return [Change(path, before[path], after) for path, after in written(pair, sides, script, notebook).items()]


def emptied(cells: Cells, todo: Cells, exercises: Collection[str]) -> Cells:
    """The cells with these exercises empty and unticked."""
    return with_ticks(replaced(cells, todo, exercises), dict.fromkeys(exercises, False))


def replaced(cells: Cells, source: Cells, exercises: Collection[str]) -> Cells:
    """The cells with these exercises as `source` has them. One whose cell is gone comes back at its place."""
    waiting = {cell.exercise: cell for cell in source if cell.exercise in exercises}
    made = [waiting.pop(cell.exercise) if cell.exercise in waiting else cell for cell in cells]
    for cell in waiting.values():
        there = {place: at for at, place in align(source, made).items()}
        before = [there[place] for place in range(source.index(cell)) if place in there]
        made.insert(max(before, default=-1) + 1, cell)
    return tuple(made)


def reset(course: Course, words: Sequence[str], language: str = "en") -> Reset:
    """Reset these chapters and exercises, after a backup; nothing at all where they are todo already.

    Raises:
        KitError: as `changes`; or there is no git to back up with, or a file cannot be written.
    """
    return while_locked(course.root, lambda: reset_once(course, words, language))


def reset_once(course: Course, words: Sequence[str], language: str) -> Reset:
    """One attempt at a reset; `disk.Changed` when somebody else wrote in the middle of it."""
    planned = changes(course, words, language)
    if not planned:
        return Reset()
    paths = tuple(change.path for change in planned)
    saved = backup.make(course.root, "reset", " ".join(words), paths)
    for change in planned:
        if files.read(change.path, course.root) != change.before:
            raise files.FileChanged(change.path)
    try:
        for change in planned:
            files.write(change.path, change.after, course.root, expected=change.before)
    except KitError as error:
        raise KitError(error.what, error.where, f"{error.next}; what was there before: {saved.command}") from error
    return Reset(paths, saved)
