"""The proof of a chapter: that its checks can be trusted.

For every exercise: the todo is `blank`; the answer passes on five redraws, every alternative on two; every mistake
fails with its own message; an answer replaced by its own printed value fails, unless the author lists it as an
alternative; and the exercise is read the same whatever stands in the others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kit.course import render
from kit.course.answers import read_work
from kit.course.cells import to_percent
from kit.course.chapter import Chapter, Exercise
from kit.judge.compare import numbers
from kit.judge.judge import Judge, judge_text
from kit.judge.records import Verdict
from kit.judge.values import Plain

PROOF_SALTS = (0, 1, 2, 3, 4)
VALUE = "blank_value"

Claim = Literal["todo", "answer", "alternative", "mistake", "pasted", "alone"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A claim that does not hold: which exercise, what it should do, and what it does."""

    exercise: str
    claim: Claim
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A cell made from an exercise, and the verdict it must get. `place` counts the mistake."""

    exercise: Exercise
    claim: Claim
    code: str
    line: int
    place: int = 0

    def flaw(self, verdict: Verdict) -> Flaw | None:
        """None when the verdict is the one that this cell must get."""
        says = f"{verdict.outcome}: {verdict.message}" if verdict.message else verdict.outcome
        if self.claim in ("answer", "alternative"):
            broken = verdict.outcome != "passed"
            what = f"the {self.claim} does not pass: {says}"
        elif self.claim == "pasted":
            broken = verdict.outcome == "passed"
            what = "a pasted value passes: add a `#! redraw:` above it, or list it as an alternative"
        else:
            broken = verdict.outcome not in ("failed", "error") or verdict.mistake != self.place
            mistake = self.exercise.mistakes[self.place].expression
            what = f"the mistake `{mistake}` does not get its own message: {says}"
        return Flaw(self.exercise.id, self.claim, self.line, what) if broken else None


def trials(exercise: Exercise) -> Iterator[Trial]:
    """The cells that must pass, and those that must fail with their own message."""
    yield Trial(exercise, "answer", exercise.code + "\n", exercise.line)
    for a in exercise.alternatives:
        yield Trial(exercise, "alternative", exercise.with_answer(a.blank, a.expression), a.line)
    for place, m in enumerate(exercise.mistakes):
        yield Trial(exercise, "mistake", exercise.with_answer(m.blank, m.expression), m.line, place)


def literal(plain: Plain) -> str | None:
    """A value as a person would paste it, or None for what has no such form."""
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
    """Whether an answer is a constant already, so that pasting it is writing it."""
    try:
        ast.literal_eval(expression)
    except (ValueError, SyntaxError):
        return False
    return True


def top_level_blanks(exercise: Exercise) -> list[int]:
    """The blanks that stand in no function and hide a computed value."""
    tree = ast.parse(exercise.code)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
    return [
        place
        for place, blank in enumerate(exercise.blanks)
        if not any(f.lineno <= blank.line <= (f.end_lineno or f.lineno) for f in functions)
        and not is_constant(exercise.answer(place))
        and not exercise.code[: blank.start].endswith(".")
    ]


def pasted(judge: Judge, chapter: Chapter) -> Iterator[Trial]:
    """For each blank outside of functions: the cell with the answer's own printed value in its place."""
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
            yield Trial(exercise, "pasted", exercise.with_answer(blank, text), exercise.line)


def alone(chapter: Chapter) -> Iterator[Flaw]:
    """Break every other exercise of a learner's file: each one must still be read as it is."""
    for exercise in chapter.exercises:
        answers = {other.id: f'raise SystemExit("broken")\ncheck("{other.id}")' for other in chapter.exercises}
        answers[exercise.id] = exercise.code
        work = read_work(to_percent(render.learner_cells(chapter, answers)).encode(), notebook=False)
        if exercise.id not in work.answers or work.answers[exercise.id].source != exercise.code:
            yield Flaw(exercise.id, "alone", exercise.line, "its cell is read differently when others are broken")


def prove(judge: Judge, chapter: Chapter) -> list[Flaw]:
    """Every flaw of a chapter's exercises; none when its checks can be trusted."""
    flaws = [
        Flaw(exercise.id, "todo", exercise.line, "the todo is not blank")
        for exercise in chapter.exercises
        for verdict in [judge_text(exercise, exercise.todo)]
        if verdict is None or verdict.outcome != "blank"
    ]
    thorough = Judge(judge.runner, PROOF_SALTS, judge.limit, judge.known)
    must: Sequence[Trial] = [trial for exercise in chapter.exercises for trial in trials(exercise)]
    must = [*must, *pasted(judge, chapter)]
    answers = [trial for trial in must if trial.claim == "answer"]
    right = [trial for trial in must if trial.claim == "alternative"]
    wrong = [trial for trial in must if trial.claim in ("mistake", "pasted")]
    judge.observe([judge.job(chapter, t.exercise, judge.salts[0], t.code) for t in wrong], keep=True)
    for chosen, group in ((thorough, answers), (judge, right), (judge, wrong)):
        cells = [(chapter, trial.exercise, trial.code) for trial in group]
        verdicts = chosen.judge_all(cells, at_once=group is not wrong)
        flaws += [flaw for trial, v in zip(group, verdicts, strict=True) if (flaw := trial.flaw(v))]
    return flaws + list(alone(chapter))
