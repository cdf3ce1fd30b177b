"""Everything before a chapter finished, so that a late-comer starts there: answers filled in, exercises ticked.

    pairs --> what is blank, and what the judge does not pass --> Change, Change, ... --> backup --> files

An answer of the learner's that passes stays; one that fails is in the backup. Self-reported items are the learner's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit import files as disk
from kit.course.answers import is_filled
from kit.course.cells import Cell
from kit.course.chapter import Chapter, Exercise
from kit.course.checklist import with_ticks
from kit.course.course import Course, chapter_id, unknown_id
from kit.course.render import finished as answers_of
from kit.course.render import learner_cells
from kit.errors import KitError
from kit.git import backup
from kit.git.backup import Backup
from kit.learner.reset import replaced
from kit.learner.update.renumber import exercises
from kit.lock import while_locked
from kit.pairs.base import store_base
from kit.pairs.convert import key
from kit.pairs.pair import Cells, Pair, Sides, read, todo, written
from kit.pairs.sync import sync

Passes = Callable[[list[tuple[Chapter, Exercise, str]]], list[bool]]  # the judge's word on many cells at once


@dataclass(frozen=True, slots=True)
class Finished:
    """What becomes of one chapter: the exercises filled in, and those of them that held an answer which fails."""

    pair: Pair
    sides: Sides
    cells: Cells
    filled: tuple[str, ...]
    replaced: tuple[str, ...]

    @property
    def files(self) -> dict[Path, bytes]:
        """What is to be written; nothing where both files have these cells."""
        return written(self.pair, self.sides, self.cells, self.cells)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a jump has done: the chapters that it has changed, and the backup that it made before."""

    chapters: tuple[Finished, ...] = ()
    backup: Backup | None = None


def finish_before(course: Course, word: str, language: str, passes: Passes) -> Checkpoint:
    """Finish every chapter before the one that `word` names, after a backup; nothing where they are finished already.

    Raises:
        KitError: the chapter or the language is unknown, or a file cannot be read or written.
    """
    id, known = chapter_id(word), [entry.id for entry in course.entries]
    if id not in known:
        raise unknown_id(word, known)
    if language not in course.languages:
        raise unknown_id(language, list(course.languages))
    return while_locked(course.root, lambda: finish_before_once(course, id, language, passes))


def finish_before_once(course: Course, id: str, language: str, passes: Passes) -> Checkpoint:
    """One attempt at a jump; `disk.Changed` when somebody else wrote in the middle of it."""
    before = [course.chapter(entry.id) for entry in course.entries if entry.id < id and not entry.planned]
    done = [found for found in finish(course, before, language, passes) if found.files]
    if not done:
        return Checkpoint()
    saved = backup.make(course.root, "checkpoint", id, [path for found in done for path in found.files])
    try:
        for found in done:
            here = {found.pair.script: found.sides.script_bytes, found.pair.notebook: found.sides.notebook_bytes}
            for path, data in found.files.items():
                disk.write(path, data, course.root, expected=here[path])
            store_base(found.pair, found.cells)
    except KitError as error:
        raise KitError(error.what, error.where, f"{error.next}; what was there before: {saved.command}") from error
    return Checkpoint(tuple(done), saved)


def finish(course: Course, chapters: Sequence[Chapter], language: str, passes: Passes) -> list[Finished]:
    """Every chapter as it shall be; the cells that are in question are judged all at once."""
    started = [start(course, chapter, language) for chapter in chapters]
    doubtful: list[tuple[Chapter, Exercise, str]] = []
    for chapter, (_, _, cells) in zip(chapters, started, strict=True):
        here = exercises(cells)
        for exercise in chapter.exercises:
            cell = here.get(exercise.id)
            if cell and is_filled(cell.source) and key(cell) != key(Cell("code", exercise.code)):
                doubtful.append((chapter, exercise, cell.source))
    verdicts = passes(doubtful) if doubtful else []
    right = {exercise.id: ok for (_, exercise, _), ok in zip(doubtful, verdicts, strict=True)}
    return [finished(chapter, *begun, right) for chapter, begun in zip(chapters, started, strict=True)]


def start(course: Course, chapter: Chapter, language: str) -> tuple[Pair, Sides, Cells]:
    """A pair whose two files say the same, and its cells; the todo's where neither file has any."""
    pair = Pair(course.root, language, chapter.entry.stem)
    sides = read(pair)
    if sides.script is None and sides.notebook is None:
        return pair, sides, todo(course, pair)
    sync(course, pair)
    sides = read(pair)
    return pair, sides, sides.script or sides.notebook or ()


def finished(chapter: Chapter, pair: Pair, sides: Sides, cells: Cells, right: Mapping[str, bool]) -> Finished:
    """One chapter with every exercise filled in that is not right, and all of them ticked."""
    here = exercises(cells)
    answers = answers_of(chapter)
    kept = {id for id, cell in here.items() if right.get(id) or key(cell) == key(Cell("code", answers.get(id, "")))}
    wrong = [id for id in answers if id not in kept]
    new = with_ticks(replaced(cells, learner_cells(chapter, answers), wrong), dict.fromkeys(answers, True))
    failing = tuple(id for id in wrong if right.get(id) is False)
    return Finished(pair, sides, new, tuple(wrong), failing)


def describe(done: Checkpoint) -> list[str]:
    """What a jump has done, in lines."""
    if done.backup is None:
        return ["nothing to do: every chapter before it is finished"]
    lines = []
    for found in done.chapters:
        count = len(found.filled)
        what = f"{count} exercise{'s' * (count != 1)} filled in" if count else "ticked"
        lost = f"; your {', '.join(found.replaced)} did not pass and is in the backup" if found.replaced else ""
        lines.append(f"{found.pair.name}: {what}{lost}")
    return [*lines, f"to undo: {done.backup.command}"]
