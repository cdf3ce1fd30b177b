"""Finish everything before a chapter, so that a latecomer can start there: answers filled in, exercises ticked.

    pairs --> exercises that are blank, or that the judge doesn't pass --> Change, Change, ... --> backup --> files

A learner's own answer that passes stays; one that doesn't is kept in the backup. Self-reported items are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kit.course.answers import read_cells
from kit.course.cells import Cell
from kit.course.chapter import Chapter, Exercise
from kit.course.checklist import with_ticks
from kit.course.course import Course, chapter_id
from kit.course.render import learner_cells
from kit.git.backup import Backup
from kit.i18n import noted
from kit.judge.records import text_of
from kit.learner.reset import Change, pair_changes, replaced, write_after_backup
from kit.learner.update.renumber import exercises
from kit.lock import while_locked
from kit.pairs.base import store_base
from kit.pairs.convert import key
from kit.pairs.pair import Cells, Pair, PairFiles, todo_cells
from kit.pairs.sync import read_synced
from kit.text import plural
from kit.translation.edition import edition, spoken

Passes = Callable[[list[tuple[Chapter, Exercise, str]]], list[bool]]  # judges many cells at once


@dataclass(frozen=True, slots=True)
class FinishedChapter:
    """A chapter with everything filled in: which exercises were, and which of those had an answer that fails.

    `changes` is empty if both files have these cells already.
    """

    pair: Pair
    cells: Cells
    filled: tuple[str, ...]
    replaced: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was done: the chapters that changed, the backup made beforehand, and the `.py` to begin in.

    There's no `target` file if that chapter isn't written yet, and none comes `before` the first one.
    """

    chapters: tuple[FinishedChapter, ...] = ()
    backup: Backup | None = None
    target: str = ""
    before: bool = True


def finish_before(course: Course, word: str, language: str, passes: Passes) -> Checkpoint:
    """Finish every chapter before the one that `word` names, after a backup. Does nothing if they're already finished.

    Raises:
        KitError: the chapter or the language is unknown, or a file can't be read or written.
    """
    target = chapter_id(word)
    if target not in {entry.id for entry in course.entries}:
        raise course.no_chapter(word)
    course.require_language(language)

    def attempt() -> Checkpoint:
        before = [course.chapter(entry.id) for entry in course.entries if entry.id < target and not entry.planned]
        done = [chapter for chapter in finish(course, before, language, passes) if chapter.changes]
        file = f"workshop/{language}/{course.written[target].stem}.py" if target in course.written else ""
        if not done:
            return Checkpoint(target=file, before=bool(before))
        changes = [change for chapter in done for change in chapter.changes]
        saved = write_after_backup(course.root, "checkpoint", target, changes)
        for chapter in done:
            store_base(chapter.pair, chapter.cells)
        return Checkpoint(tuple(done), saved, file)

    return while_locked(course.root, attempt)


def finish(course: Course, chapters: Sequence[Chapter], language: str, passes: Passes) -> list[FinishedChapter]:
    """Every chapter with its exercises filled in, in this language. Answers in doubt are judged all at once."""
    editions = [edition(course, chapter, spoken(course.root, language)) for chapter in chapters]
    pairs = [Pair(course.root, language, chapter.entry.stem) for chapter in chapters]
    found = [read_synced(course, pair) for pair in pairs]
    started = [files.cells or todo_cells(course, pair) for pair, files in zip(pairs, found, strict=True)]
    doubtful: list[tuple[Chapter, Exercise, str]] = []
    for chapter, local, cells in zip(chapters, editions, started, strict=True):
        answers = read_cells(cells).answers
        for exercise, same in zip(chapter.exercises, local.exercises, strict=True):
            answer = answers.get(exercise.id)
            if answer and answer.filled and key(Cell("code", answer.source)) != key(Cell("code", same.code)):
                doubtful.append((chapter, exercise, text_of(chapter, answer)))
    verdicts = passes(doubtful) if doubtful else []
    right = {exercise.id: passed for (_, exercise, _), passed in zip(doubtful, verdicts, strict=True)}
    return [finished(*each, right) for each in zip(editions, pairs, found, started, strict=True)]


def finished(
    chapter: Chapter, pair: Pair, found: PairFiles, cells: Cells, right: Mapping[str, bool]
) -> FinishedChapter:
    """One chapter with all exercises ticked, and those that weren't right yet filled in."""
    answers = {exercise.id: exercise.code for exercise in chapter.exercises}
    kept = {
        exercise_id
        for exercise_id, cell in exercises(cells).items()
        if right.get(exercise_id) or key(cell) == key(Cell("code", answers.get(exercise_id, "")))
    }
    filled = tuple(exercise_id for exercise_id in answers if exercise_id not in kept)
    new = with_ticks(replaced(cells, learner_cells(chapter, answers), filled), dict.fromkeys(answers, True))
    failing = tuple(exercise_id for exercise_id in filled if right.get(exercise_id) is False)
    return FinishedChapter(pair, new, filled, failing, tuple(pair_changes(pair, found, new, new)))


def describe(done: Checkpoint) -> list[str]:
    """What was done, in lines."""
    begin = [f"begin with {done.target}"] if done.target else []
    if not done.before:
        return ["nothing to do: no chapter comes before this one", *begin]
    if done.backup is None:
        return ["nothing to do: every chapter before it is already finished", *begin]
    lines = []
    for chapter in done.chapters:
        count = len(chapter.filled)
        what = f"filled in {plural(count, 'exercise')}" if count else noted("ticked")
        lost = f"; answers that failed are in the backup: {', '.join(chapter.replaced)}" if chapter.replaced else ""
        lines.append(f"{chapter.pair.name}: {what}{lost}")
    return [*lines, f"to undo: {done.backup.command}", *begin]
