"""The judge: one answer to "is this right?", wherever it is asked.

    exercise + learner's cell --> jobs --> runner --> observations --> Verdict

The learner's cell and the finished cell run on equal states. The names that the finished cell assigns are compared,
then the exercise's probes. What passes must pass again on redrawn inputs; what fails is compared with the exercise's
listed mistakes. Nothing here runs a learner's code: the runner does.
"""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, permutations, product

from kit.course.blanks import SENTINEL_WORD, sentinel_lines
from kit.course.chapter import Chapter, Exercise
from kit.errors import KitError
from kit.judge.cause import makes_the_change, types_in_a_value
from kit.judge.records import LIMIT, Job, Outcome, Verdict, around, job_after, job_of
from kit.judge.redraw import MAGIC, line_of
from kit.judge.runners import Runner
from kit.judge.values import HIDDEN, IN_GIVEN, Error, Observation

SALTS = (0, 1)
TOGETHER = 2  # mistakes to run at once; the first ones listed are the likeliest, and one that fits ends the search
OTHER_INPUTS = "this works for the inputs on this page but not for others"
UNORDERED = (
    "this depends on the order of a set, and a set of strings has a different one each time Python starts; "
    "sort it and it's always the same"
)
STOPS = "your cell gives what it should, but then the given cell after it stops: {sentence}"
DIFFERS = "your cell gives what it should, but then the given cell after it gives something else: {sentence}"
MOST_MATCHES = 24  # ways to match parameters that have other names
PASTED = "this works for the numbers on this page but not for others; did you type in a value instead of computing it?"


NO_CAPTIONS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Fault:
    """The first difference from what the finished cell gives: which name or probe, and a sentence about it."""

    key: str
    sentence: str
    raised: Error | None = None


def find_fault(
    expected: Observation, actual: Observation, captions: Mapping[str, str] = NO_CAPTIONS, loosely: bool = False
) -> Fault | None:
    """None if the learner's cell gives what the finished one does. `captions` say what probes are about."""
    from kit.judge.compare import LOOSE, RELATIVE, difference

    if actual.error:
        return Fault("", explain(actual.error), actual.error)
    for key, plain in expected.values.items():
        seen = actual.values.get(key)
        name = captions.get(key) or f"`{key}`"
        if seen is None:
            return Fault(key, f"the cell doesn't give `{key}` a value")
        if seen["kind"] == "raised" and plain["kind"] != "raised":
            error = Error(seen["type"], seen["text"], seen["line"])
            return Fault(key, f"{name} raises {explain(error)}", error)
        if plain["kind"] == "raised" and seen["kind"] == "raised":
            if plain["type"] != seen["type"]:
                return Fault(key, f"{name} should raise {plain['type']}, but raises {seen['type']}")
            continue
        if plain["kind"] == "raised":
            return Fault(key, f"{name} should raise {plain['type']}, but doesn't")
        found = difference(name, plain, seen, LOOSE if loosely else RELATIVE)
        if found:
            return Fault(key, found)
        stuck: Counter[str] = Counter(seen.get("still", ())) - Counter(plain.get("still", ()))
        if stuck:
            shapes = ", ".join(sorted(stuck))
            return Fault(key, f"{name} starts with zeros ({shapes}) that get no gradient, so no step ever moves them")
    changed = sorted(set(actual.changed) - set(expected.changed))
    if changed:
        name = changed[0]
        return Fault(
            f"changed {name}", f"the cell changes `{name}`, which was there before and is still needed as it was"
        )
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
        right = [place for place, verdict in enumerate(verdicts) if verdict is None]
        for place, verdict in zip(right, self.spoils_what_follows([cells[place] for place in right]), strict=True):
            verdicts[place] = verdict
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
            fault = find_fault(expected, learner, exercise.captions)
            if fault is None:
                continue
            if self.passes_under_other_names(chapter, exercise, source, salts, seen):
                return None
            outcome: Outcome = "error" if fault.raised else "failed"
            line = (fault.raised.line if fault.raised else 0) or (
                place_of(exercise, source, fault.key) if self.parses else 1
            )
            mistake = self.diagnose(chapter, exercise, source, salt, expected, learner, fault)
            named = exercise.mistakes[mistake] if mistake is not None else None
            if named is not None and self.is_cause(exercise, mistaken(exercise)[mistake or 0], source):
                line = place_of_blank(exercise, source, named.blank) or line
                said = f"{named.message} ({fault.sentence})" if fault.raised else named.message
                return Verdict(exercise.id, outcome, said, line, mistake)
            if ("set" in source or "{" in source) and self.depends_on_order(chapter, exercise, source):
                return Verdict(exercise.id, outcome, UNORDERED, line)
            if named is not None:
                said = f"{fault.sentence}. It comes out as it would with `{named.expression}`"
                return Verdict(exercise.id, outcome, said, line, mistake)
            said = fault.sentence
            if salt != self.salts[0]:
                pasted = not self.parses or types_in_a_value(exercise.code, source)
                said = f"{PASTED if pasted else OTHER_INPUTS} ({fault.sentence})"
            return Verdict(exercise.id, outcome, said, line)
        return None

    def passes_under_other_names(
        self,
        chapter: Chapter,
        exercise: Exercise,
        source: str,
        salts: Sequence[int],
        seen: dict[Job, Observation],
    ) -> bool:
        """Whether a cell is right once its modules' parameters are matched with ours, whatever they are called."""
        first = self.job(chapter, exercise, salts[0], source)
        expected = self.known[self.job(chapter, exercise, salts[0], exercise.code)]
        for renames in matches(filled(expected), filled(seen[first])):
            jobs = [replace(self.job(chapter, exercise, salt, source), renames=renames) for salt in salts]
            theirs = self.observe(jobs)
            ours = [self.known[self.job(chapter, exercise, salt, exercise.code)] for salt in salts]
            if not any(find_fault(want, theirs[job]) for want, job in zip(ours, jobs, strict=True)):
                return True
        return False

    def depends_on_order(self, chapter: Chapter, exercise: Exercise, source: str) -> bool:
        """Whether a cell gives something else once its sets of strings come in another order."""
        job = self.job(chapter, exercise, self.salts[0], source)
        one, other = self.observe([job, replace(job, draw=1)]).values()
        return one.error is None and one.values != other.values

    def spoils_what_follows(self, cells: Sequence[tuple[Chapter, Exercise, str]]) -> list[Verdict | None]:
        """What is wrong with cells that pass by themselves, once the given cells after them run."""
        followed = [(place, around(c).after.get(exercise.id, ())) for place, (c, exercise, _) in enumerate(cells)]
        jobs: dict[int, tuple[Job, Job]] = {}
        for place, given in followed:
            chapter, exercise, source = cells[place]
            if given:
                ours, theirs = (self.job(chapter, exercise, self.salts[0], code) for code in (exercise.code, source))
                jobs[place] = job_after(ours, given), job_after(theirs, given)
        expected = self.observe((ours for ours, _ in jobs.values()), keep=True)
        redrawn = self.observe((replace(ours, draw=1) for ours, _ in jobs.values()), keep=True)
        seen = self.observe(theirs for _, theirs in jobs.values())
        verdicts: list[Verdict | None] = [None] * len(cells)
        for place, (ours, theirs) in jobs.items():
            _, exercise, source = cells[place]
            if expected[ours].error or seen[theirs].error == HIDDEN:
                continue
            fault = find_fault(steady(expected[ours], redrawn[replace(ours, draw=1)]), seen[theirs], loosely=True)
            if fault is None:
                continue
            raised = fault.raised and fault.raised.line == IN_GIVEN
            said = (STOPS if raised else DIFFERS).format(sentence=fault.sentence)
            verdicts[place] = Verdict(exercise.id, "failed", said, place_of(exercise, source, ""))
        return verdicts

    def diagnose(
        self,
        chapter: Chapter,
        exercise: Exercise,
        source: str,
        salt: int,
        expected: Observation,
        learner: Observation,
        fault: Fault,
    ) -> int | None:
        """The index of a listed mistake that gives what the learner's cell gives; its text decides between several.

        If the learner's cell is right for the first inputs, a mistake that is already wrong for them doesn't count.
        """
        codes = mistaken(exercise)
        places = sorted(range(len(codes)), key=lambda place: not self.is_cause(exercise, codes[place], source))
        for start in range(0, len(places), TOGETHER):
            some = {
                place: self.job(chapter, exercise, salt, codes[place]) for place in places[start : start + TOGETHER]
            }
            seen = self.observe(some.values(), keep=True)
            for place, job in some.items():
                if same_fault(expected, learner, seen[job], fault) and (
                    salt == self.salts[0] or self.passes_first(chapter, exercise, codes[place])
                ):
                    return place
        return None

    def is_cause(self, exercise: Exercise, wrong: str, source: str) -> bool:
        """Whether the learner's text makes a mistake's change; where no text is parsed, it's taken to."""
        return not self.parses or makes_the_change(exercise.code, wrong, source)

    def passes_first(self, chapter: Chapter, exercise: Exercise, code: str) -> bool:
        """Whether a cell is right for the first inputs."""
        jobs = [self.job(chapter, exercise, self.salts[0], source) for source in (exercise.code, code)]
        seen = self.observe(jobs, keep=True)
        return find_fault(seen[jobs[0]], seen[jobs[1]]) is None


def filled(observation: Observation) -> list[tuple[str, str]]:
    """The names and shapes of the parameters that `same_weights` has filled for an observation's probes, each once."""
    pairs = (pair for plain in observation.values.values() for pair in plain.get("filled", ()))
    return list(dict.fromkeys((name, shape) for name, shape in pairs))


def matches(
    ours: Sequence[tuple[str, str]], theirs: Sequence[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], ...]]:
    """Ways to pair parameters that only one side has with the other's of the same shape, in order of declaration first.

    None where all names agree, or where the shapes don't.
    """
    left, own = ([pair for pair in one if pair not in other] for one, other in ((ours, theirs), (theirs, ours)))
    shapes = sorted({shape for _, shape in own})
    groups = [([n for n, s in own if s == shape], [n for n, s in left if s == shape]) for shape in shapes]
    if not own or len(left) != len(own) or any(len(mine) != len(there) for mine, there in groups):
        return
    ways = product(*(permutations(there) for _, there in groups))
    for way in islice(ways, MOST_MATCHES):
        matched = zip(groups, way, strict=True)
        yield tuple(pair for (mine, _), there in matched for pair in zip(mine, there, strict=True))


def steady(one: Observation, other: Observation) -> Observation:
    """An observation without the values that another draw of random numbers changes."""
    return replace(one, values={key: plain for key, plain in one.values.items() if other.values.get(key) == plain})


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
