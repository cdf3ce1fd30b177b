"""A learner moves to another language: their answers, own cells and ticks are there, merged with what they have there.

    pairs in en --carried--> the same in ja --+
                                              +--merge--> pairs in ja
    what en and ja had in common, pairs in ja +

The files that they leave stay as they are. Everything that's overwritten is in a backup, and so is the note of which
language was theirs: undoing the move undoes that as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kit import files
from kit.cache import files_digest
from kit.course.answers import read_cells
from kit.course.cells import Cell
from kit.course.checklist import tick_marks
from kit.course.course import Course
from kit.errors import KitError
from kit.git.backup import Backup
from kit.git.committer import unfinished
from kit.git.worktree import open_clone
from kit.i18n import noted
from kit.learner.language import setting, usual, work
from kit.learner.move import ancestry
from kit.learner.move.ancestry import State
from kit.learner.move.carry import bare, carried
from kit.learner.reset import Change, pair_changes, write_after_backup
from kit.lock import while_locked
from kit.pairs import convert
from kit.pairs.base import store_base
from kit.pairs.merge import Merged, merge
from kit.pairs.pair import Cells, Pair, PairFiles, todo_cells
from kit.pairs.sync import read_synced, work_in
from kit.text import plural
from kit.translation.edition import spoken

ABOVE = "it was changed in two languages. The one above is from workshop/{above}, this one is from workshop/{below}."


@dataclass(frozen=True, slots=True)
class MovedChapter:
    """A chapter in the new language: how many filled exercises and ticks are new there, and what's kept twice."""

    pair: Pair
    cells: Cells
    answers: int
    ticks: int
    clashes: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """What was done: from where to where, the chapters that changed there, and the backup made beforehand.

    `sources` are the languages whose work was merged; the one that the learner comes from is the first.
    """

    sources: tuple[str, ...]
    target: str
    chapters: tuple[MovedChapter, ...] = ()
    backup: Backup | None = None

    @property
    def clashes(self) -> tuple[str, ...]:
        """The cells that are kept in two versions."""
        return tuple(each for chapter in self.chapters for each in chapter.clashes)


class Todos:
    """The todos of each chapter and language, made when they're asked for."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.made: dict[tuple[str, str], Cells] = {}

    def get(self, language: str, stem: str) -> Cells:
        """The todo of one chapter; a folder of somebody's own has the English ones."""
        key = (spoken(self.course.root, language), stem)
        if key not in self.made:
            self.made[key] = todo_cells(self.course, Pair(self.course.root, *key))
        return self.made[key]


def move(course: Course, target: str) -> Move:
    """Move the learner to this language.

    Raises:
        KitError: the course has no such files, one can't be read or written, a merge is unfinished in git, or an answer
            would change on the way. Then nothing is written.
    """
    course.require_language(target)
    return while_locked(course.root, lambda: move_once(course, target))


def move_once(course: Course, target: str) -> Move:
    """One attempt at a move; raises `files.FileChanged` if something else writes to a file meanwhile."""
    require_finished(course)
    note, path = ancestry.path_of(course), setting(course)
    before = files.read(note, course.root)
    states, todos = ancestry.from_bytes(before), Todos(course)
    sources = sources_of(course, target, states)
    found: dict[str, tuple[PairFiles, Cells]] = {}
    clashes: dict[str, list[str]] = {}
    for source in sources:
        texts: dict[str, str] = {}
        for stem, cells in worked(course, todos, source):
            texts[stem] = convert.script_bytes(cells).decode("utf-8", "replace")
            if stem not in found:
                pair_files = read_synced(course, Pair(course.root, target, stem))
                found[stem] = pair_files, pair_files.cells or todos.get(target, stem)
            base = base_of(states, todos, source, target, stem)
            pair_files, there = found[stem]
            brought = required(carried(cells, todos.get(source, stem), todos.get(target, stem)), cells, source, stem)
            merged = combined(base, (source, brought), (target, there), newest=source == sources[0])
            found[stem] = pair_files, merged.cells
            clashes.setdefault(stem, []).extend(merged.clashes)
        states = ancestry.moved(states, source, target, texts, digest(course, source))
    chapters = tuple(
        chapter_of(Pair(course.root, target, stem), *found[stem], todos.get(target, stem), clashes[stem])
        for stem in sorted(found)
    )
    changed = tuple(chapter for chapter in chapters if chapter.changes)
    writes = [change for chapter in changed for change in chapter.changes]
    writes += [Change(note, before, ancestry.to_bytes(states))] if sources else []
    writes += [Change(path, files.read(path, course.root), f"{target}\n".encode())]
    writes = [change for change in writes if change.before != change.after]
    saved = None
    if changed:
        saved = write_after_backup(course.root, "language", " ".join([*sources, "to", target]), writes)
    else:
        for change in writes:
            files.write(change.path, change.after, course.root, expected=change.before)
    for chapter in changed:
        store_base(chapter.pair, chapter.cells)
    return Move(sources, target, changed, saved)


def require_finished(course: Course) -> None:
    """Refuse while git is in the middle of something.

    Raises:
        KitError: it is, or this isn't a clone.
    """
    waiting = unfinished(open_clone(course.root))
    if waiting:
        raise KitError(f"{waiting[0]} isn't finished", str(course.root), waiting[1])


def sources_of(course: Course, target: str, states: Mapping[str, State]) -> tuple[str, ...]:
    """The languages whose work comes along: the one that the learner has been in, then all others that have some.

    What the first of them or the target has seen already needn't come again.
    """
    current, amounts = usual(course), work(course)
    others = [each for each in course.languages if amounts[each] and each not in (current, target)]
    new = [each for each in others if not ancestry.is_known(states, each, (current, target), digest(course, each))]
    return (*([current] if current != target else []), *new)


def digest(course: Course, language: str) -> str:
    """A digest of a language's files."""
    paths = [path for path in sorted(course.pairs(language).glob("ch*")) if path.is_file()]
    return files_digest(course.root, paths)


def worked(course: Course, todos: Todos, language: str) -> Iterable[tuple[str, Cells]]:
    """The chapters of a language that aren't at their todo any more, with their cells. Both files are synced first."""
    for entry in course.written.values():
        cells = read_synced(course, Pair(course.root, language, entry.stem)).cells
        if cells is not None and convert.keys(cells) != convert.keys(todos.get(language, entry.stem)):
            yield entry.stem, cells


def base_of(states: Mapping[str, State], todos: Todos, source: str, target: str, stem: str) -> Cells:
    """What a chapter in two languages comes from, in the words of the `target`."""
    known = ancestry.common(states, source, target)
    text = states[known].texts.get(stem, "") if known else ""
    if not text:
        return todos.get(target, stem)
    cells = convert.script_cells(text.encode(), stem)
    return carried(cells, todos.get(known, stem), todos.get(target, stem))


def combined(base: Cells, source: tuple[str, Cells], target: tuple[str, Cells], newest: bool) -> Merged:
    """A chapter of two languages, merged. Of two answers to an exercise the source's counts, if it's the `newest`."""
    (above, first), (below, second) = (source, target) if newest else (target, source)
    reasons = (ABOVE.format(above=above, below=below), ABOVE.format(above=below, below=above))
    return merge(base, first, second, reasons)


def required(brought: Cells, cells: Cells, language: str, stem: str) -> Cells:
    """The cells as they were brought over, if no answer and no tick differs.

    Raises:
        KitError: one does.
    """
    old, new = (
        {each: bare(Cell("code", a.source)) for each, a in read_cells(x).answers.items()} for x in (cells, brought)
    )
    if old != new or tick_marks(cells) != tick_marks(brought):
        differing = [each for each in {**old, **new} if old.get(each) != new.get(each)] or ["a tick"]
        where = f"workshop/{language}/{stem}"
        advice = f"python scripts/status.py --lang {language}: all is as it was there; please report this"
        raise KitError(f"{differing[0]} would change on the way, so nothing was moved", where, advice)
    return brought


def chapter_of(pair: Pair, found: PairFiles, cells: Cells, todo: Cells, clashes: Sequence[str]) -> MovedChapter:
    """A chapter with these cells, and what's new in them."""
    new = work_in(cells) - work_in(found.cells or todo)
    ticks = sum(each.startswith("item ") for each in new)
    changes = tuple(pair_changes(pair, found, cells, cells))
    return MovedChapter(pair, cells, len(new) - ticks, ticks, tuple(dict.fromkeys(clashes)), changes)


def describe(done: Move) -> list[str]:
    """What was done, as lines."""
    lines = []
    for chapter in done.chapters:
        new = [plural(chapter.answers, "more answer")] if chapter.answers else []
        new += [plural(chapter.ticks, "more tick")] if chapter.ticks else []
        lines.append(f"{chapter.pair.name}: {'; '.join(new or [noted('updated')])}")
        lines += [f"  both versions of {each} are kept: pick one and delete the lower cell" for each in chapter.clashes]
    lines.append(f"every command looks in workshop/{done.target} now")
    return lines + ([f"to undo: {done.backup.command}"] if done.backup else [])
