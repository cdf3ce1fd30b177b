"""What of the package is a learner's own: the exercises that define its classes, read, judged, made into modules.

    the pair's cells --> answers --> verdicts --> [Part, ...]

What has passed is remembered by what was judged: the same cell is judged once, be it here
or by `check` in a notebook.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from kit.course import package
from kit.course.answers import is_filled
from kit.course.chapter import Chapter, Code, Exercise
from kit.course.course import Course
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.redraw import MAGIC
from kit.judge.verdict_cache import verdict_cache
from kit.pairs.pair import Pair, read
from kit.pairs.sync import combine

Task = tuple[Chapter, Exercise, str]


@dataclass(frozen=True, slots=True)
class Part:
    """The classes of one chapter, and the text of the module that defines them.

    `reason` says why they are not the learner's; where it is empty, `theirs` is made of the learner's cells. What a
    text needs of other chapters it imports from the package.
    """

    chapter: str
    slug: str
    names: tuple[str, ...]
    finished: str
    theirs: str = ""
    reason: str = ""

    def without(self, reason: str) -> Part:
        """The part with the workshop's own classes, for a reason."""
        return replace(self, theirs="", reason=reason)


def exercises(chapter: Chapter) -> tuple[Exercise, ...]:
    """The exercises whose cells define what the chapter exports."""
    return tuple(cell.exercise for cell in package.exported(chapter) if cell.exercise)


def names(chapter: Chapter) -> tuple[str, ...]:
    """The functions and classes that these exercises define."""
    return tuple(name for exercise in exercises(chapter) for name in package.defined(exercise.code))


def answers(course: Course, pair: Pair) -> dict[str, str]:
    """The cells of a learner's exercises by id, from both files of the pair as a sync would make them. Writes nothing.

    Raises:
        KitError: a file cannot be read.
    """
    sides = read(pair)
    if sides.script and sides.notebook:
        cells, _ = combine(course, pair, sides.script, sides.notebook, hook=False)
    else:
        cells = sides.script or sides.notebook or ()
    found: dict[str, str] = {}
    for cell in cells:
        if cell.kind == "code" and cell.exercise:
            found.setdefault(cell.exercise, cell.source)
    return found


def module(chapter: Chapter, theirs: Mapping[str, str], homes: Mapping[str, str]) -> str:
    """The text of a chapter's module with other cells in the place of its exported exercises.

    What the chapter exports without an exercise is imported from the package, so that there is one of each.

    Raises:
        KitError: a cell uses a name that a module of its own does not have.
    """
    cells: list[Code] = []
    own = dict(homes)
    for cell in chapter.cells:
        if not isinstance(cell, Code):
            continue
        if cell.exported and cell.exercise:
            cells.append(replace(cell, code=MAGIC.sub("", theirs.get(cell.exercise.id, cell.code))))
        elif cell.exported and package.defined(cell.code):
            own |= dict.fromkeys(package.defined(cell.code), chapter.entry.slug)
            cells.append(replace(cell, exported=False))
        else:
            cells.append(cell)
    return package.module_text(replace(chapter, cells=tuple(cells)), own)


def parts(course: Course, language: str, start: Callable[[], Judge], say: Callable[[str], object] = bool) -> list[Part]:
    """The parts of the package, in the chapters' order. `start` gives a judge, and is called if one is needed; `say`
    is told the id of each chapter before its classes are judged, which may take seconds.

    A chapter whose file is broken, blank or wrong has a reason.
    """
    homes: dict[str, str] = {}
    found: list[Part] = []
    tasks: list[Task] = []
    for chapter in course.chapters:
        if exercises(chapter):
            part = Part(chapter.id, chapter.entry.slug, names(chapter), module(chapter, {}, homes))
            try:
                cells = filled(chapter, answers(course, Pair(course.root, language, chapter.entry.stem)))
                found.append(replace(part, theirs=module(chapter, cells, homes)))
                tasks += [(chapter, exercise, cells[exercise.id]) for exercise in exercises(chapter)]
            except SyntaxError as error:
                found.append(part.without(f"Python cannot read it: {error.msg}"))
            except KitError as error:
                found.append(part.without(error.what))
        homes |= {name: chapter.entry.slug for cell in package.exported(chapter) for name in package.defined(cell.code)}
    wrong = failed(course, tasks, start, say)
    return [
        part.without(f"{wrong[part.chapter]} does not pass yet") if part.chapter in wrong else part for part in found
    ]


def filled(chapter: Chapter, cells: Mapping[str, str]) -> Mapping[str, str]:
    """The cells again, if each that matters is there and filled.

    Raises:
        KitError: one is not.
    """
    for exercise in exercises(chapter):
        if exercise.id not in cells:
            raise KitError(f"{exercise.id} is not in your file")
        if not is_filled(cells[exercise.id]):
            raise KitError(f"{exercise.id} is still blank")
    return cells


def failed(
    course: Course, tasks: Sequence[Task], start: Callable[[], Judge], say: Callable[[str], object]
) -> dict[str, str]:
    """By chapter, the first exercise that does not pass. A chapter's verdicts are remembered as soon as they are there,
    so who stops in the middle loses none."""
    memory = verdict_cache(course)
    waiting = [task for task in tasks if memory.outcome(task[1].id, task[2]) != "passed"]
    judge = start() if waiting else None
    wrong: dict[str, str] = {}
    for id, group in groupby(waiting, key=lambda task: task[0].id):
        chapter = list(group)
        assert judge is not None
        say(id)
        verdicts = judge.judge_all(chapter)
        memory.keep((verdict, source) for verdict, (_, _, source) in zip(verdicts, chapter, strict=True))
        first = next((verdict.id for verdict in verdicts if verdict.outcome != "passed"), "")
        if first:
            wrong[id] = first
    return wrong


def needs(text: str) -> Iterator[tuple[str, str]]:
    """What a module imports from the package: each name there, and the name it gets here."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nanogpt":
            yield from ((alias.name, alias.asname or alias.name) for alias in node.names)
