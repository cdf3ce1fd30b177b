"""The judge: one answer to "is this right?", wherever it is asked.

    exercise + learner's cell --> jobs --> runner --> observations --> Verdict

The learner's cell and the finished cell run on equal states. The names that the finished cell assigns are compared,
then the exercise's probes. What passes must pass again on redrawn inputs; what fails is compared with the exercise's
listed mistakes. Nothing here runs a learner's code: the runner does.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kit.course.blanks import SENTINEL_WORD, sentinel_lines
from kit.course.chapter import Chapter, Exercise
from kit.errors import KitError
from kit.judge.records import LIMIT, Job, Outcome, Verdict, job_of
from kit.judge.redraw import MAGIC, line_of
from kit.judge.runners import Runner
from kit.judge.values import Error, Observation

SALTS = (0, 1)
TOGETHER = 2  # mistakes to run at once; the first ones listed are the likeliest, and the search ends at one that fits
PASTED = "this works for the numbers on this page but not for others; did you type in a value instead of computing it?"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first difference from what the finished cell gives: which name or probe, and a sentence about it."""

    key: str
    sentence: str
    raised: Error | None = None


def find_fault(expected: Observation, actual: Observation) -> Fault | None:
    """None if the learner's cell gives what the finished one does."""
    from kit.judge.compare import difference

    if actual.error:
        return Fault("", explain(actual.error), actual.error)
    for key, plain in expected.values.items():
        seen = actual.values.get(key)
        if seen is None:
            return Fault(key, f"the cell doesn't give `{key}` a value")
        if seen["kind"] == "raised" and plain["kind"] != "raised":
            error = Error(seen["type"], seen["text"], seen["line"])
            return Fault(key, f"`{key}` raises {explain(error)}", error)
        if plain["kind"] == "raised" and seen["kind"] == "raised":
            if plain["type"] != seen["type"]:
                return Fault(key, f"`{key}` should raise {plain['type']}, but raises {seen['type']}")
            continue
        if plain["kind"] == "raised":
            return Fault(key, f"`{key}` should raise {plain['type']}, but doesn't")
        found = difference(f"`{key}`", plain, seen)
        if found:
            return Fault(key, found)
    return None


def explain(error: Error) -> str:
    """An exception in one line."""
    text = error.text.split("\n")[0][:300]
    return f"{error.type}: {text}" if text else error.type


def same_fault(expected: Observation, learner: Observation, wrong: Observation, fault: Fault) -> bool:
    """Whether a listed mistake differs from the finished cell in the same way as the learner's cell does."""
    from kit.judge.compare import difference

    own = find_fault(expected, wrong)
    if own is None or own.key != fault.key:
        return False
    if fault.raised or own.raised:
        return bool(
            fault.raised and own.raised and (fault.raised.type, fault.raised.text) == (own.raised.type, own.raised.text)
        )
    if fault.key not in learner.values or fault.key not in wrong.values:
        return fault.key not in learner.values and fault.key not in wrong.values
    return difference("", wrong.values[fault.key], learner.values[fault.key]) is None


@dataclass
class Judge:
    """Judges cells of a course's chapters. It remembers what the finished cells and the listed mistakes give.

    With `parses` it parses the cells, to find a fault's line. Strangers' cells mustn't be parsed in a process that we
    trust, so there `parses` is off.
    """

    runner: Runner
    salts: Sequence[int] = SALTS
    limit: float = LIMIT
    known: dict[Job, Observation] = field(default_factory=dict)
    parses: bool = True

    def job(self, chapter: Chapter, exercise: Exercise, salt: int, code: str) -> Job:
        """The job of running `code` in place of an exercise's cell."""
        return job_of(chapter, exercise, salt, code, self.limit)

    def observe(self, jobs: Iterable[Job], keep: bool = False) -> dict[Job, Observation]:
        """The observations of these jobs. With `keep`, they're remembered, and the jobs never run again."""
        wanted = list(dict.fromkeys(jobs))
        missing = [job for job in wanted if job not in self.known]
        fresh = dict(zip(missing, self.runner.observe(missing), strict=True)) if missing else {}
        if keep:
            self.known |= fresh
        return {job: fresh.get(job) or self.known[job] for job in wanted}

    def judge(self, chapter: Chapter, exercise: Exercise, source: str) -> Verdict:
        """The verdict on one cell."""
        return self.judge_all([(chapter, exercise, source)])[0]

    def judge_all(self, cells: Sequence[tuple[Chapter, Exercise, str]], at_once: bool = True) -> list[Verdict]:
        """The verdicts on many cells, each judged alone, in order.

        `at_once` runs all redraws together, which is faster for cells that pass. Without it, a cell that has failed
        isn't run on the next redraw.

        Raises:
            KitError: the judge itself can't run, or a finished chapter fails.
        """
        importlib.import_module("kit.judge.compare")  # and numpy, while the runner's process imports torch
        read = judge_text if self.parses else judge_blanks
        verdicts = [read(exercise, source) for _, exercise, source in cells]
        for salts in [self.salts] if at_once else [[salt] for salt in self.salts]:
            waiting = [place for place, verdict in enumerate(verdicts) if verdict is None]
            pairs = [(*cells[place], salt) for place in waiting for salt in salts]
            finished = [self.job(c, e, salt, e.code) for c, e, _, salt in pairs]
            theirs = [self.job(c, e, salt, source) for c, e, source, salt in pairs]
            seen = self.observe([*finished, *theirs])
            listed = [job for job, (_, e, source, _) in zip(theirs, pairs, strict=True) if source in mistaken(e)]
            self.known |= {job: seen[job] for job in (*finished, *listed)}
            for place in waiting:
                verdicts[place] = self.compare(*cells[place], salts, seen)
        return [v or Verdict(exercise.id, "passed") for v, (_, exercise, _) in zip(verdicts, cells, strict=True)]

    def compare(
        self,
        chapter: Chapter,
        exercise: Exercise,
        source: str,
        salts: Sequence[int],
        seen: dict[Job, Observation],
    ) -> Verdict | None:
        """The verdict on a cell that doesn't pass, from these observations; None if it passes. May run mistakes."""
        for salt in salts:
            expected = self.known[self.job(chapter, exercise, salt, exercise.code)]
            learner = seen[self.job(chapter, exercise, salt, source)]
            if expected.error:
                raise broken(chapter, exercise, expected.error)
            fault = find_fault(expected, learner)
            if fault is None:
                continue
            outcome: Outcome = "error" if fault.raised else "failed"
            line = (fault.raised.line if fault.raised else 0) or (
                place_of(exercise, source, fault.key) if self.parses else 1
            )
            mistake = self.diagnose(chapter, exercise, salt, expected, learner, fault)
            if mistake is not None:
                named = exercise.mistakes[mistake]
                line = place_of_blank(exercise, source, named.blank) or line
                said = f"{named.message} ({fault.sentence})" if fault.raised else named.message
                return Verdict(exercise.id, outcome, said, line, mistake)
            said = fault.sentence if salt == self.salts[0] else f"{PASTED} ({fault.sentence})"
            return Verdict(exercise.id, outcome, said, line)
        return None

    def diagnose(
        self,
        chapter: Chapter,
        exercise: Exercise,
        salt: int,
        expected: Observation,
        learner: Observation,
        fault: Fault,
    ) -> int | None:
        """The index of the first listed mistake that gives what the learner's cell gives, or None.

        If the learner's cell is right for the first inputs, a mistake that is already wrong for them doesn't count.
        """
        codes = mistaken(exercise)
        jobs = [self.job(chapter, exercise, salt, code) for code in codes]
        for start in range(0, len(jobs), TOGETHER):
            seen = self.observe(jobs[start : start + TOGETHER], keep=True)
            for place, job in enumerate(jobs[start : start + TOGETHER], start):
                if same_fault(expected, learner, seen[job], fault) and (
                    salt == self.salts[0] or self.passes_first(chapter, exercise, codes[place])
                ):
                    return place
        return None

    def passes_first(self, chapter: Chapter, exercise: Exercise, code: str) -> bool:
        """Whether a cell is right for the first inputs."""
        jobs = [self.job(chapter, exercise, self.salts[0], source) for source in (exercise.code, code)]
        seen = self.observe(jobs, keep=True)
        return find_fault(seen[jobs[0]], seen[jobs[1]]) is None


def mistaken(exercise: Exercise) -> list[str]:
    """The cells with an exercise's mistakes, in the order they're listed in."""
    return [exercise.with_answer(mistake.blank, mistake.expression) for mistake in exercise.mistakes]


def broken(chapter: Chapter, exercise: Exercise, error: Error) -> KitError:
    """The error when a finished cell raises: always its author's mistake, never the learner's."""
    where = f"{chapter.path}:{exercise.line + max(error.line, 1) - 1}"
    return KitError(f"the finished chapter fails here: {explain(error)}", where)


def judge_blanks(exercise: Exercise, source: str) -> Verdict | None:
    """The verdict on a cell with a blank left in it; None if there is none."""
    empty = sentinel_lines(source)
    return Verdict(exercise.id, "blank", still_empty(exercise, source, empty), empty[0]) if empty else None


def judge_text(exercise: Exercise, source: str) -> Verdict | None:
    """The verdict that can be given without running anything: a blank is left, or it isn't Python. None otherwise."""
    blank = judge_blanks(exercise, source)
    if blank:
        return blank
    try:
        ast.parse(MAGIC.sub("", source))
    except SyntaxError as error:
        text = (error.text or "").strip()
        return Verdict(
            exercise.id,
            "error",
            f"this isn't valid Python: {error.msg}" + (f" in `{text}`" if text else ""),
            error.lineno or 1,
        )
    return None


def still_empty(exercise: Exercise, source: str, lines: list[int]) -> str:
    """How many blanks are left, and what the first one asks for."""
    total = len(exercise.blanks)
    count = min(len(SENTINEL_WORD.findall(source)), total)
    left = f"{count} of {total} blanks {'is' if count == 1 else 'are'}" if total > 1 else "the blank is"
    first = source.split("\n")[lines[0] - 1]
    asked = next((blank.comment for blank in exercise.blanks if blank.comment and f"# {blank.comment}" in first), "")
    return f"{left} still empty" + (f": {asked}" if asked else "")


def place_of(exercise: Exercise, source: str, key: str) -> int:
    """The line of the learner's cell to look at when `key`, a name or a probe, is wrong."""
    if key and key.isidentifier():
        return line_of(source, key)
    return place_of_blank(exercise, source, 0) or 1


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
