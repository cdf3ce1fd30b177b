"""What to tell a learner whose cell isn't right: a listed mistake where the text makes it, or else what it does.

    cell, fault --> a listed mistake that gives the same --> its message, if the text makes the same change
                --> none                                 --> what differs, on which inputs, and where

A mistake's message speaks of a cause, so it needs the text's evidence (kit.judge.cause). What can be told without
running anything, a blank or a syntax error, is told here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from kit.course.blanks import SENTINEL_WORD, sentinel_lines
from kit.course.chapter import Chapter, Exercise, Mistake
from kit.course.own_code import parted
from kit.course.syntax import parse
from kit.judge.cause import agreement, changed_lines, changed_spans, method_lines, types_in_a_value
from kit.judge.fault import Fault, find_fault, same_fault
from kit.judge.records import Job, Outcome, Verdict, around
from kit.judge.redraw import line_of
from kit.judge.values import IN_GIVEN, Observation
from kit.text import label

LONGEST_LINE = 80  # characters of a line that isn't Python
BESIDE = re.compile(r"____.*?#\s*(?P<comment>\S.*)$")
TOGETHER = 2  # mistakes to run at once; the first ones listed are the likeliest, and one that fits ends the search
OTHER_INPUTS = "this works for the inputs on this page but not for others"
PASTED = "this works for the numbers on this page but not for others; did you type in a value instead of computing it?"
UNORDERED = (
    "this depends on the order of a set, and a set of strings has a different one each time Python starts; "
    "sort it and it's always the same"
)
ALONE = "An exercise is judged alone, with what the cells of your own above it import and define"
MODULE = "`{name}` belongs to this notebook. This code becomes a module, which has only what it imports and is handed"
STOPS = "your cell gives what it should, but then the given cell after it stops: {sentence}"
DIFFERS = "your cell gives what it should, but then the given cell after it gives something else: {sentence}"

CALLED = re.compile(r"(\w+)\(")
Cell: TypeAlias = tuple[Chapter, Exercise, str]


@dataclass(frozen=True, slots=True)
class FaultAt:
    """A fault, the salt of the inputs that showed it, both observations, and whether a given cell after showed it."""

    fault: Fault
    salt: int
    expected: Observation
    learner: Observation
    given: bool = False


class Observer(Protocol):
    """What a diagnosis needs of the judge."""

    salts: tuple[int, ...]
    parses: bool

    def job(self, chapter: Chapter, exercise: Exercise, salt: int, code: str) -> Job:
        """The job of running `code` in place of an exercise's cell."""

    def observe(self, jobs: Iterable[Job], keep: bool = False) -> dict[Job, Observation]:
        """The observations of these jobs."""


def verdict_on(judge: Observer, cell: Cell, found: FaultAt) -> Verdict:
    """The verdict on a cell with a fault. May run listed mistakes."""
    chapter, exercise, text = cell
    source = parted(text)[1]
    fault = found.fault
    if found.given:
        raised = fault.raised and fault.raised.line == IN_GIVEN
        said = (STOPS if raised else DIFFERS).format(sentence=fault.sentence)
        return Verdict(exercise.id, "failed", said, place_of(exercise, source, "") if judge.parses else 1)
    outcome: Outcome = "error" if fault.raised else "failed"
    line = (fault.raised.line if fault.raised else 0) or (place_of(exercise, source, fault.key) if judge.parses else 1)
    mistake = listed_mistake(judge, cell, found)
    named = exercise.mistakes[mistake] if mistake is not None else None
    known = evidence(judge, exercise, mistaken(exercise)[mistake], source) if mistake is not None else 0
    if named is not None and known:
        if judge.parses and (known >= 2 or not (fault.raised and fault.raised.line)):
            line = place_of_mistake(exercise, source, named.blank) or line
        said = f"{named.message} ({fault.sentence})" if fault.raised else named.message
        return Verdict(exercise.id, outcome, said, line, mistake)
    if ("set" in source or "{" in source) and depends_on_order(judge, cell):
        return Verdict(exercise.id, outcome, UNORDERED, line)
    said = fault.sentence
    if named is not None:
        said = f"{said}. It comes out as it would with `{line_with(exercise, named)}`"
        if found.salt != judge.salts[0]:
            said = f"{OTHER_INPUTS}: {said}"
        return Verdict(exercise.id, outcome, said, line, mistake)
    if fault.raised and fault.raised.type == "NameError":
        said = f"{said}. {unknown_name(chapter, exercise, fault.raised.text)}"
    if found.salt != judge.salts[0]:
        pasted = not judge.parses or types_in_a_value(exercise.code, source)
        said = f"{PASTED if pasted else OTHER_INPUTS} ({fault.sentence})"
    return Verdict(exercise.id, outcome, said, line)


def line_with(exercise: Exercise, mistake: Mistake) -> str:
    """The line of the cell with a mistake in it."""
    code = exercise.with_answer(mistake.blank, mistake.expression)
    start = exercise.blanks[mistake.blank].start
    first, last = code.rfind("\n", 0, start) + 1, start + len(mistake.expression)
    end = code.find("\n", last)
    return " ".join(code[first : end if end >= 0 else None].partition("  #")[0].split())


def unknown_name(chapter: Chapter, exercise: Exercise, text: str) -> str:
    """What to say about a name that isn't defined where a cell is judged."""
    name = text.split("'")[1] if text.count("'") >= 2 else ""
    if exercise.id in around(chapter).scopes and name in around(chapter).names[exercise.id]:
        return MODULE.format(name=name)
    return ALONE


def depends_on_order(judge: Observer, cell: Cell) -> bool:
    """Whether a cell gives something else once its sets of strings come in another order."""
    chapter, exercise, source = cell
    job = judge.job(chapter, exercise, judge.salts[0], source)
    one, other = judge.observe([job, replace(job, draw=1)]).values()
    return one.error is None and one.values != other.values


def listed_mistake(judge: Observer, cell: Cell, found: FaultAt) -> int | None:
    """The index of a listed mistake that gives what the learner's cell gives; its text decides between several.

    If the learner's cell is right for the first inputs, a mistake that is already wrong for them doesn't count.
    """
    chapter, exercise, text = cell
    source = parted(text)[1]
    codes = mistaken(exercise)
    places = sorted(range(len(codes)), key=lambda place: -evidence(judge, exercise, codes[place], source))
    together = TOGETHER if judge.parses else 1  # a sandbox runs one after another
    for start in range(0, len(places), together):
        some = {
            place: judge.job(chapter, exercise, found.salt, codes[place]) for place in places[start : start + together]
        }
        seen = judge.observe(some.values(), keep=True)
        for place, job in some.items():
            if same_fault(found.expected, found.learner, seen[job], found.fault) and (
                found.salt == judge.salts[0] or passes_first(judge, chapter, exercise, codes[place])
            ):
                return place
    return None


def evidence(judge: Observer, exercise: Exercise, wrong: str, source: str) -> int:
    """How well the learner's text makes a mistake's change, 0 for not at all; where no text is parsed, 2 if it has the
    mistake's lines, or else 1.
    """
    if judge.parses:
        return agreement(exercise.code, wrong, source)
    return 2 if set(wrong.split("\n")) - set(exercise.code.split("\n")) <= set(source.split("\n")) else 1


def passes_first(judge: Observer, chapter: Chapter, exercise: Exercise, code: str) -> bool:
    """Whether a cell is right for the first inputs."""
    jobs = [judge.job(chapter, exercise, judge.salts[0], source) for source in (exercise.code, code)]
    seen = judge.observe(jobs, keep=True)
    return find_fault(seen[jobs[0]], seen[jobs[1]]) is None


def mistaken(exercise: Exercise) -> list[str]:
    """The cells with an exercise's mistakes, in the order they're listed in."""
    return [exercise.with_answer(mistake.blank, mistake.expression) for mistake in exercise.mistakes]


def judge_blanks(exercise: Exercise, source: str) -> Verdict | None:
    """The verdict on a cell with a blank left in it; None if there is none."""
    source = parted(source)[1]
    empty = sentinel_lines(source)
    return Verdict(exercise.id, "blank", still_empty(exercise, source, empty), empty[0]) if empty else None


def judge_text(exercise: Exercise, source: str) -> Verdict | None:
    """The verdict that can be given without running anything: a blank is left, or it isn't Python. None otherwise."""
    blank = judge_blanks(exercise, source)
    if blank:
        return blank
    try:
        parse(parted(source)[1])
    except SyntaxError as error:
        text = label(error.text or "", LONGEST_LINE)
        return Verdict(
            exercise.id,
            "error",
            f"this isn't valid Python: {error.msg} in `{text}`" if text else f"this isn't valid Python: {error.msg}",
            error.lineno or 1,
        )
    return None


def still_empty(exercise: Exercise, source: str, lines: list[int]) -> str:
    """How many blanks are left, and what the first one asks for."""
    total = len(exercise.blanks)
    count = min(len(SENTINEL_WORD.findall(source)), total)
    left = f"{count} of {total} blanks are still empty"
    if count == 1:
        left = f"1 of {total} blanks is still empty" if total > 1 else "the blank is still empty"
    first = source.split("\n")[lines[0] - 1]
    asked = BESIDE.search(first)  # the file's own comment, which may be in the learner's language
    return left + (f": {asked['comment']}" if asked else "")


def place_of(exercise: Exercise, source: str, key: str) -> int:
    """The line of the learner's cell to look at when `key`, a name or a probe, is wrong."""
    changed = changed_lines(exercise.code, source)
    if key and key.isidentifier() and not key[:1].isupper() and f"def {key}(" not in source:
        return changed[0] if len(changed) == 1 else line_of(source, key)
    for method in reversed(CALLED.findall(key)):
        lines = method_lines(source, method)
        inside = [line for line in changed if line in lines]
        if inside or lines:
            return inside[0] if inside else (changed[0] if len(changed) == 1 else lines[0])
    return changed[0] if changed else place_of_blank(exercise, source, 0) or 1


def place_of_mistake(exercise: Exercise, source: str, blank: int) -> int:
    """The line of the learner's cell with a mistake in a blank: the blank's, if it's part of what they have changed."""
    line, spans = place_of_blank(exercise, source, blank), changed_spans(exercise.code, source)
    if not line or not spans or any(line in lines for lines in spans):
        return line
    return spans[0].start


def place_of_blank(exercise: Exercise, source: str, blank: int) -> int:
    """The line of the learner's cell on which a blank was; 0 if the cell has been rearranged."""
    lines = source.split("\n")
    todo = exercise.todo.split("\n")
    line = exercise.blanks[blank].line
    shift = 0
    for number in range(blank):
        before = exercise.blanks[number]
        shift += exercise.code.count("\n", before.start, before.end)
    line -= shift
    head = todo[line - 1].split("____")[0]
    if line <= len(lines) and lines[line - 1].startswith(head):
        return line
    found = [n for n, text in enumerate(lines, 1) if head.strip() and text.startswith(head)]
    return found[0] if found else 0
