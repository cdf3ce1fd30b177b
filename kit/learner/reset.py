"""Back to the todo: a whole chapter, or one exercise and its tick, in both files of the pair.

    words --> Change, Change, ... --> backup --> files

Everything that would change is in a backup before the first byte is written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit import files
from kit.course.cells import Cell, to_percent
from kit.course.checklist import with_ticks
from kit.course.course import BEGINS_AS_ID, Course, names_chapter, typed_id
from kit.course.notebook import to_notebook
from kit.errors import KitError
from kit.git import backup
from kit.git.backup import Backup
from kit.lock import while_locked
from kit.pairs.align import align
from kit.pairs.pair import Cells, Pair, PairFiles, bytes_to_write, read_pair, todo_cells


@dataclass(frozen=True, slots=True)
class Change:
    """A file to write: what's in it now (`None`: it doesn't exist) and what will be in it."""

    path: Path
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Reset:
    """What a reset wrote, and the backup that it made first."""

    paths: tuple[Path, ...] = ()
    backup: Backup | None = None


def targets(course: Course, words: Sequence[str]) -> dict[str, set[str]]:
    """The exercises to reset, by chapter; an empty set means the whole chapter.

    Raises:
        KitError: a word names nothing.
    """
    found: dict[str, set[str]] = {}
    for word in words:
        for chapter, exercise in course.select([word]):
            if names_chapter(word):
                found[chapter.id] = set()
            elif found.get(chapter.id, {""}):
                found.setdefault(chapter.id, set()).add(exercise.id)
    return found


def changes(course: Course, words: Sequence[str], language: str = "en") -> list[Change]:
    """What a reset of these chapters and exercises would write, in the course's order.

    Raises:
        KitError: a word or the language is unknown, or a file that is only partly reset can't be read.
    """
    course.require_language(language)
    found: list[Change] = []
    for chapter_id, exercises in sorted(targets(course, words).items()):
        pair = Pair(course.root, language, course.chapter(chapter_id).entry.stem)
        todo = todo_cells(course, pair)
        found += exercise_changes(pair, todo, exercises) if exercises else chapter_changes(pair, todo)
    return [change for change in found if change.before != change.after]


def chapter_changes(pair: Pair, todo: Cells) -> list[Change]:
    """Both files, as the build makes them."""
    built = {pair.script: to_percent(todo).encode(), pair.notebook: to_notebook(todo, pair.id).encode()}
    return [Change(path, files.read(path, pair.root), after) for path, after in built.items()]


def exercise_changes(pair: Pair, todo: Cells, exercises: Collection[str]) -> list[Change]:
    """Both files with these exercises and their ticks as in the todo, and everything else as it is.

    Raises:
        KitError: neither file has a cell, or one can't be read.
    """
    found = read_pair(pair)
    if found.cells is None:
        advice = f"python scripts/reset_to_todo.py {pair.id} resets the whole chapter"
        raise KitError("both the .py and the notebook are empty or missing", pair.name, advice)

    def emptied(cells: Cells) -> Cells:
        return with_ticks(replaced(cells, todo, exercises), dict.fromkeys(exercises, False))

    return pair_changes(pair, found, emptied(found.script or found.cells), emptied(found.notebook or found.cells))


def pair_changes(pair: Pair, found: PairFiles, script: Cells, notebook: Cells) -> list[Change]:
    """What to write so that both files end up with these cells."""
    before = {pair.script: found.script_bytes, pair.notebook: found.notebook_bytes}
    wanted = bytes_to_write(pair, found, script, notebook)
    return [Change(path, before[path], after) for path, after in wanted.items()]


def replaced(cells: Cells, source: Cells, exercises: Collection[str]) -> Cells:
    """The cells, with these exercises as they are in `source`. A missing one is put back where it belongs.

    Copies of one go, since a filled copy would count.
    """
    waiting = {cell.exercise: cell for cell in source if cell.exercise in exercises}
    known, result = set(waiting), list[Cell]()
    for cell in cells:
        if cell.exercise not in known:
            result.append(cell)
        elif cell.exercise in waiting:
            result.append(waiting.pop(cell.exercise))
    for cell in waiting.values():
        places = {old: new for new, old in align(source, result).items()}
        before = [places[old] for old in range(source.index(cell)) if old in places]
        result.insert(max(before, default=-1) + 1, cell)
    return tuple(result)


def reset(course: Course, words: Sequence[str], language: str = "en") -> Reset:
    """Reset these chapters and exercises, after a backup. Does nothing if they're already at their todo.

    Raises:
        KitError: as `changes`; or there's no git to make a backup with, or a file can't be written.
    """

    def attempt() -> Reset:
        planned = changes(course, words, language)
        if not planned:
            return Reset()
        saved = write_after_backup(course.root, "reset", " ".join(words), planned)
        return Reset(tuple(change.path for change in planned), saved)

    return while_locked(course.root, attempt)


def write_after_backup(root: Path, kind: str, subject: str, planned: Sequence[Change]) -> Backup:
    """Make a backup, then these changes. Call it with the lock held.

    Raises:
        files.FileChanged: a file no longer holds what was read.
        KitError: the backup can't be made, or a file can't be written.
    """
    saved = backup.make(root, kind, subject, [change.path for change in planned])
    for change in planned:
        if files.read(change.path, root) != change.before:
            raise files.FileChanged(change.path)
    try:
        for change in planned:
            files.write(change.path, change.after, root, expected=change.before)
    except KitError as error:
        raise KitError(error.what, error.where, f"{error.next}; to undo what was done: {saved.command}") from error
    return saved


def describe(done: Reset, root: Path, words: Sequence[str]) -> list[str]:
    """What a reset of the chapters and exercises that these words name did, as lines."""
    if done.backup is None:
        if len(words) == 1:
            return [f"nothing to do: {typed_id(words[0])} is already at its todo"]
        return [f"nothing to do: {', '.join(map(typed_id, words))} are already at their todo"]
    names = [files.shown(path, root) for path in done.paths]
    alone = typed_id(words[0]) if len(words) == 1 and BEGINS_AS_ID.match(words[0]) else ""
    lines = [f"{alone} reset to its todo in {name}" if alone else f"{name} reset to its todo" for name in names]
    skipped = done.backup.skipped
    lines += [f"{name} isn't in the backup (too large, or not a regular file); it wasn't changed" for name in skipped]
    return [*lines, f"to undo: {done.backup.command}"]
