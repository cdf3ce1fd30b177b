"""Which classes of the package `nanogpt` are the learner's own: read from their exercises, judged, made into modules.

    the pair's cells --> answers --> verdicts --> [Part, ...]

A cell that has passed before, here or in a notebook's `check`, isn't judged again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from kit.course import package
from kit.course.answers import Answer, read_cells
from kit.course.chapter import Chapter, Code, Exercise
from kit.course.course import Course
from kit.course.own_code import lent, parted
from kit.course.syntax import without_magics
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.records import text_of
from kit.judge.verdict_cache import verdict_cache
from kit.pairs.pair import Pair, read_pair
from kit.pairs.sync import combine

Task = tuple[Chapter, Exercise, str]


@dataclass(frozen=True, slots=True)
class Part:
    """The classes of one chapter, and the text of the module that defines them.

    `theirs` is made of the learner's cells; if it's empty, `reason` says why the classes aren't the learner's. A module
    imports what it needs from other chapters from the package.
    """

    chapter: str
    slug: str
    names: tuple[str, ...]
    finished: str
    theirs: str = ""
    reason: str = ""

    def without(self, reason: str) -> Part:
        """The part with the workshop's classes instead, and the reason for it."""
        return replace(self, theirs="", reason=reason)


def exercises(chapter: Chapter) -> tuple[Exercise, ...]:
    """The exercises whose cells the chapter exports."""
    return tuple(cell.exercise for cell in package.exported(chapter) if cell.exercise)


def names(chapter: Chapter) -> tuple[str, ...]:
    """The functions and classes that these exercises define."""
    return tuple(name for exercise in exercises(chapter) for name in package.defined(exercise.code))


def answers(course: Course, pair: Pair) -> dict[str, Answer]:
    """The answers of a learner by exercise, as they would be after a sync of the pair. Writes nothing.

    Raises:
        KitError: a file can't be read.
    """
    sides = read_pair(pair)
    if sides.script and sides.notebook:
        cells, _ = combine(course, pair, sides.script, sides.notebook, hook=False)
    else:
        cells = sides.cells or ()
    return read_cells(tuple(cells)).answers


def module(chapter: Chapter, theirs: Mapping[str, str], homes: Mapping[str, str]) -> str:
    """The text of a chapter's module, with the learner's cells in place of the exported exercises.

    `theirs` are cells as the judge takes them; what they lean on in other cells goes into the module, too. Whatever the
    chapter exports outside exercises is imported from the package, so that it exists only once.

    Raises:
        KitError: a cell uses a name that the module wouldn't have.
    """
    cells: list[Code] = []
    own, imports = dict(homes), package.imports(chapter)
    for cell in chapter.cells:
        if not isinstance(cell, Code):
            continue
        if cell.exported and cell.exercise:
            lending, source = parted(theirs.get(cell.exercise.id, cell.code))
            code = without_magics(source)
            known = {*imports, *own, *(name for each in cells if each.exported for name in package.defined(each.code))}
            cells.append(replace(cell, code="\n\n\n".join([*lent(lending, code, known), code])))
        elif cell.exported and package.defined(cell.code):
            own |= dict.fromkeys(package.defined(cell.code), chapter.entry.slug)
            cells.append(replace(cell, exported=False))
        else:
            cells.append(cell)
    return package.module_text(replace(chapter, cells=tuple(cells)), own)


def parts(course: Course, language: str, start: Callable[[], Judge], say: Callable[[str], object] = bool) -> list[Part]:
    """The parts of the package, in the chapters' order. A chapter whose file is broken, blank or wrong has a reason;
    a bonus chapter that hasn't been begun isn't among them.

    `start` makes a judge, and is called only if one is needed. `say` is called with each chapter's id before its
    classes are judged, since that may take seconds.
    """
    homes: dict[str, str] = {}
    found: list[Part] = []
    tasks: list[Task] = []
    for chapter in course.chapters:
        pair = Pair(course.root, language, chapter.entry.stem)
        if exercises(chapter) and not (chapter.entry.bonus and is_untouched(course, pair)):
            part = Part(chapter.id, chapter.entry.slug, names(chapter), module(chapter, {}, homes))
            try:
                cells = texts(chapter, answers(course, pair))
                found.append(replace(part, theirs=module(chapter, cells, homes)))
                tasks += [(chapter, exercise, cells[exercise.id]) for exercise in exercises(chapter)]
            except SyntaxError as error:
                found.append(part.without(f"your file has a syntax error: {error.msg}"))
            except KitError as error:
                found.append(part.without(error.what))
        homes |= {name: chapter.entry.slug for cell in package.exported(chapter) for name in package.defined(cell.code)}
    wrong = failed(course, tasks, start, say)
    return [
        part.without(f"{wrong[part.chapter]} doesn't pass yet") if part.chapter in wrong else part for part in found
    ]


def is_untouched(course: Course, pair: Pair) -> bool:
    """Whether a learner has filled none of a chapter's exercises. A file that can't be read has been touched."""
    try:
        return not any(answer.filled for answer in answers(course, pair).values())
    except (KitError, SyntaxError):
        return False


def texts(chapter: Chapter, found: Mapping[str, Answer]) -> dict[str, str]:
    """The exported exercises' cells as the judge takes them, if all of them are there and filled.

    Raises:
        KitError: one isn't.
    """
    for exercise in exercises(chapter):
        if exercise.id not in found:
            raise KitError(f"{exercise.id} is missing from your file")
        if not found[exercise.id].filled:
            raise KitError(f"{exercise.id} is still blank")
    return {exercise.id: text_of(chapter, found[exercise.id]) for exercise in exercises(chapter)}


def failed(
    course: Course, tasks: Sequence[Task], start: Callable[[], Judge], say: Callable[[str], object]
) -> dict[str, str]:
    """The first exercise that doesn't pass, for each chapter that has one.

    A chapter's verdicts are cached as soon as they're known, so stopping in the middle loses none.
    """
    cache = verdict_cache(course)
    waiting = [task for task in tasks if cache.outcome(task[1].id, task[2]) != "passed"]
    judge = start() if waiting else None
    wrong: dict[str, str] = {}
    for chapter_id, group in groupby(waiting, key=lambda task: task[0].id):
        chapter = list(group)
        assert judge is not None
        say(chapter_id)
        verdicts = judge.judge_all(chapter)
        cache.keep((verdict, source) for verdict, (_, _, source) in zip(verdicts, chapter, strict=True))
        first = next((verdict.id for verdict in verdicts if verdict.outcome != "passed"), "")
        if first:
            wrong[chapter_id] = first
    return wrong


def needs(text: str) -> Iterator[tuple[str, str]]:
    """What a module imports from the package: each name there, and its name here."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nanogpt":
            yield from ((alias.name, alias.asname or alias.name) for alias in node.names)
