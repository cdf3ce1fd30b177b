"""The proof that a chapter's checks can be trusted.

For every exercise: the todo is `blank`; the answer passes on five sets of inputs, alternatives on two; every listed
mistake fails with its own message; an answer replaced by its own printed value fails, unless the author lists it as an
alternative; the given cells up to the next one run in time; and its cell is read the same way whatever is in the other
cells.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from kit.course import render
from kit.course.answers import read_work
from kit.course.cells import to_percent
from kit.course.chapter import Chapter, Exercise
from kit.judge.compare import numbers
from kit.judge.diagnosis import judge_text
from kit.judge.fault import explain
from kit.judge.judge import Judge
from kit.judge.records import Verdict
from kit.judge.values import Plain

PROOF_SALTS = (0, 1, 2, 3, 4)
VALUE = "blank_value"

Claim = Literal["todo", "answer", "alternative", "mistake", "pasted", "given", "alone"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A claim that doesn't hold: which exercise, which claim, where, and what happens instead."""

    exercise: str
    claim: Claim
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Case:
    """A cell made from an exercise, and the verdict it must get. `mistake` is its index in the list of mistakes."""

    exercise: Exercise
    claim: Claim
    code: str
    line: int
    mistake: int = 0

    def flaw(self, verdict: Verdict) -> Flaw | None:
        """None if this cell got the verdict it must get."""
        got = f"{verdict.outcome}: {verdict.message}" if verdict.message else verdict.outcome
        if self.claim in ("answer", "alternative"):
            broken = verdict.outcome != "passed"
            what = f"the {self.claim} doesn't pass: {got}"
        elif self.claim == "pasted":
            broken = verdict.outcome == "passed"
            what = "the answer's printed value, pasted, passes: add a `#! redraw:` line, or list it as an alternative"
        else:
            broken = verdict.outcome not in ("failed", "error") or verdict.mistake != self.mistake
            expression = self.exercise.mistakes[self.mistake].expression
            what = f"the mistake `{expression}` doesn't get its own message: {got}"
        return Flaw(self.exercise.id, self.claim, self.line, what) if broken else None


def cases(exercise: Exercise) -> Iterator[Case]:
    """The cells that must pass, and those that must fail with their own message."""
    yield Case(exercise, "answer", exercise.code + "\n", exercise.line)
    for a in exercise.alternatives:
        yield Case(exercise, "alternative", exercise.with_answer(a.blank, a.expression), a.line)
    for number, m in enumerate(exercise.mistakes):
        yield Case(exercise, "mistake", exercise.with_answer(m.blank, m.expression), m.line, number)


def literal(plain: Plain) -> str | None:
    """A value as a person would paste it, or None if it can't be pasted."""
    if plain["kind"] in ("int", "float", "str") and len(repr(plain["value"])) < 2000:
        return repr(plain["value"])
    if plain["kind"] == "tensor" and numbers(plain).size <= 256:
        return f"torch.tensor({numbers(plain).tolist()!r})"
    if plain["kind"] in ("list", "tuple"):
        if "packed" in plain:
            items: list[str | None] = [repr(int(n)) for n in numbers(plain)[:257]]
        else:
            items = [literal(item) for item in plain["items"]]
        if len(items) > 256 or None in items:
            return None
        inside = ", ".join(item for item in items if item)
        return f"[{inside}]" if plain["kind"] == "list" else f"({inside}{',' if len(items) == 1 else ''})"
    return None


def is_constant(expression: str) -> bool:
    """Whether an answer is a constant anyway, so that pasting it is the answer."""
    try:
        ast.literal_eval(expression)
    except (ValueError, SyntaxError):
        return False
    return True


def top_level_blanks(exercise: Exercise) -> list[int]:
    """The blanks outside functions and classes that hide a computed value."""
    tree = ast.parse(exercise.code)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
    return [
        place
        for place, blank in enumerate(exercise.blanks)
        if not any(f.lineno <= blank.line <= (f.end_lineno or f.lineno) for f in functions)
        and not is_constant(exercise.answer(place))
        and not exercise.code[: blank.start].endswith(".")
    ]


def pasted(judge: Judge, chapter: Chapter) -> Iterator[Case]:
    """For each of those blanks, the cell with the answer's printed value in its place."""
    probes = []
    for exercise in chapter.exercises:
        for blank in top_level_blanks(exercise):
            code = exercise.with_answer(blank, f"({VALUE} := ({exercise.answer(blank)}))")
            try:
                ast.parse(code)
            except SyntaxError:
                continue
            job = judge.job(chapter, exercise, 0, code)
            probes.append((exercise, blank, replace(job, names=(VALUE,), probes=())))
    seen = judge.observe(job for _, _, job in probes)
    for exercise, blank, job in probes:
        value = seen[job].values.get(VALUE)
        text = literal(value) if value else None
        listed = {a.expression for a in exercise.alternatives if a.blank == blank}
        if text is not None and text not in listed:
            yield Case(exercise, "pasted", exercise.with_answer(blank, text), exercise.line)


def alone(chapter: Chapter) -> Iterator[Flaw]:
    """Break all the other exercises in a learner's file: each one must still be read as it is."""
    for exercise in chapter.exercises:
        answers = {other.id: f'raise SystemExit("broken")\ncheck("{other.id}")' for other in chapter.exercises}
        answers[exercise.id] = exercise.code
        work = read_work(to_percent(render.learner_cells(chapter, answers)).encode(), notebook=False)
        if exercise.id not in work.answers or work.answers[exercise.id].source != exercise.code:
            yield Flaw(exercise.id, "alone", exercise.line, "its cell is read differently when the others are broken")


def given(judge: Judge, chapter: Chapter) -> Iterator[Flaw]:
    """The exercises after which a given cell raises or takes too long: the judge couldn't tell what it makes of one."""
    pairs = [(e, jobs) for e in chapter.exercises if (jobs := judge.given_jobs((chapter, e, e.code)))]
    seen = judge.observe(jobs.ours for _, jobs in pairs)
    for exercise, jobs in pairs:
        error = seen[jobs.ours].error
        if error:
            what = f"the given cells after it don't run: {explain(error)} (`#! slow:` leaves one out)"
            yield Flaw(exercise.id, "given", exercise.line, what)


def refused(judge: Judge, chapter: Chapter, seeds: Iterable[int]) -> Iterator[tuple[int, Verdict]]:
    """The finished answers and alternatives that don't pass on the inputs of some seed, each with that seed.

    Raises:
        KitError: the finished chapter itself fails on one.
    """
    claims = ("answer", "alternative")
    cells = [(chapter, e, case.code) for e in chapter.exercises for case in cases(e) if case.claim in claims]
    for seed in seeds:
        once = Judge(judge.runner, (seed,), judge.limit)
        yield from ((seed, verdict) for verdict in once.judge_all(cells) if verdict.outcome != "passed")


def prove(judge: Judge, chapter: Chapter) -> list[Flaw]:
    """All flaws of a chapter's exercises; none if its checks can be trusted."""
    judge = Judge(judge.runner, PROOF_SALTS[:2], judge.limit, judge.known)  # the same inputs each time
    flaws = [
        Flaw(exercise.id, "todo", exercise.line, "the todo isn't blank")
        for exercise in chapter.exercises
        for verdict in [judge_text(exercise, exercise.todo)]
        if verdict is None or verdict.outcome != "blank"
    ]
    thorough = Judge(judge.runner, PROOF_SALTS, judge.limit, judge.known)
    found = [*(case for exercise in chapter.exercises for case in cases(exercise)), *pasted(judge, chapter)]
    answers = [case for case in found if case.claim == "answer"]
    right = [case for case in found if case.claim == "alternative"]
    wrong = [case for case in found if case.claim in ("mistake", "pasted")]
    judge.observe([judge.job(chapter, case.exercise, judge.salts[0], case.code) for case in wrong], keep=True)
    for chosen, group in ((thorough, answers), (judge, right), (judge, wrong)):
        cells = [(chapter, case.exercise, case.code) for case in group]
        verdicts = chosen.judge_all(cells, at_once=group is not wrong)
        flaws += [flaw for case, verdict in zip(group, verdicts, strict=True) if (flaw := case.flaw(verdict))]
    return [*flaws, *given(judge, chapter), *alone(chapter)]
