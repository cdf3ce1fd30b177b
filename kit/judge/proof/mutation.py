"""The proof by mutants that a chapter's checks can't be passed by accident: each small wrong variant must fail.

    chapter --mutants--> judged like a learner's cells --> killed | listed as equivalent | a flaw

A mutant that passes and isn't listed is a flaw, and so is a listing that no surviving mutant needs. Trying them all
takes minutes, so `checkpoints/mutants.json` keeps the figures of each chapter's last proof, and a digest of what it was
made of.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kit import files
from kit.course.chapter import Chapter, Code, Exercise
from kit.course.own_code import words
from kit.course.syntax import parse
from kit.judge.judge import Judge
from kit.judge.proof.mutants import Mutant, mutants
from kit.judge.redraw import assigned_names
from kit.judge.values import Plain

REPORT = "checkpoints/mutants.json"
SALTS = (0, 1)
LIMIT = 6.0  # seconds; a mutant may never end, but a slow machine mustn't kill it
NAMESAKES = 4  # names of the same kind to try in place of one
LEFT_ALONE = ("function", "class", "object", "blank")


@dataclass(frozen=True, slots=True)
class Mutation:
    """How many mutants a chapter has, how many fail, how many are listed; and what is wrong.

    `survivors` pass and aren't listed; `needless` are exercises with the names that are listed for nothing.
    """

    chapter: str
    made: int
    killed: int
    equivalent: int
    survivors: tuple[Mutant, ...]
    needless: tuple[tuple[Exercise, str], ...]

    def complaints(self, chapter: Chapter) -> Iterator[str]:
        """A line for each survivor and each needless listing, with its place."""
        for mutant in self.survivors:
            line = chapter.exercise(mutant.exercise).line + mutant.line - 1
            yield f"{chapter.path}:{line}: {mutant.exercise}: this mutant passes: {mutant.name}\n"
        for exercise, name in self.needless:
            yield f"{chapter.path}:{exercise.line}: {exercise.id}: no mutant passes that needs this line: {name}\n"


def digest(chapter: Chapter) -> str:
    """A digest of what a chapter's mutants and their verdicts come from: not its prose, but its code and the rules."""
    found = hashlib.sha256(Path(__file__).with_name("mutants.py").read_bytes())
    for cell in chapter.cells:
        if isinstance(cell, Code):
            found.update(repr((without_words(cell.code), cell.exported, cell.redraws)).encode())
        if isinstance(cell, Code) and (exercise := cell.exercise):
            answers = [exercise.answer(blank) for blank in range(len(exercise.blanks))]
            listed = [one.mutant for one in exercise.equivalents]
            found.update(repr((exercise.id, answers, exercise.probes, exercise.typed, listed)).encode())
    return found.hexdigest()


def without_words(code: str) -> str:
    """Code without its comments, its docstrings and the words that it shows: none of them decides a verdict."""
    tree = parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
        if isinstance(node, ast.Call) and ast.unparse(node.func).partition(".")[0] in ("print", "draw"):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    part.value = ""
    return ast.unparse(tree)


def read_report(root: Path) -> dict[str, dict[str, int | str]]:
    """The figures of the last proofs, by chapter: `made`, `killed`, `equivalent`, `digest`."""
    try:
        found: dict[str, dict[str, int | str]] = json.loads((root / REPORT).read_text(encoding="utf-8"))
    except OSError:
        return {}
    return found


def write_report(root: Path, chapter: Chapter, found: Mutation) -> None:
    """Put a chapter's figures into the report, if all its mutants fail or are listed."""
    if found.survivors or found.needless:
        return
    figures = {"made": found.made, "killed": found.killed, "equivalent": found.equivalent}
    report = {**read_report(root), chapter.id: {**figures, "digest": digest(chapter)}}
    files.write(root / REPORT, (json.dumps(dict(sorted(report.items())), indent=1) + "\n").encode(), root)


def mutants_of(judge: Judge, chapter: Chapter) -> Iterator[tuple[Exercise, Mutant]]:
    """A chapter's mutants, exercise by exercise; of an exported cell, the given lines too."""
    kinds = kinds_before(judge, chapter)
    for cell in chapter.cells:
        if isinstance(cell, Code) and cell.exercise:
            alike = {} if cell.exported else alike_names(cell.code, kinds[cell.exercise.id])
            for mutant in mutants(cell.exercise, cell.exported, alike):
                yield cell.exercise, mutant


def kinds_before(judge: Judge, chapter: Chapter) -> dict[str, dict[str, str]]:
    """For each exercise, what kind of value each of the chapter's names holds before it, in the order they're made."""
    names: dict[str, None] = {}
    jobs = {}
    for cell in chapter.cells:
        if isinstance(cell, Code):
            if cell.exercise:
                job = judge.job(chapter, cell.exercise, judge.salts[0], "pass")
                jobs[cell.exercise.id] = replace(job, names=tuple(names), probes=(), scope=None)
            for name in assigned_names(cell.code):
                names.pop(name, None)
                names[name] = None
    seen = judge.observe(jobs.values())
    return {each: {name: kind_of(plain) for name, plain in seen[job].values.items()} for each, job in jobs.items()}


def kind_of(plain: Plain) -> str:
    """A value's kind; tensors of other sizes are of one kind if they have as many dimensions and the same numbers."""
    if plain["kind"] == "tensor":
        return f"tensor {len(plain['shape'])} {plain['dtype']}"
    return str(plain.get("type") or plain["kind"])


def alike_names(code: str, kinds: Mapping[str, str]) -> dict[str, list[str]]:
    """For each name in a cell, the names made last that hold something of the same kind."""
    latest = list(kinds)[::-1]
    return {
        name: [other for other in latest if kinds[other] == kinds[name] and other != name][:NAMESAKES]
        for name in words(code)
        if name in kinds and kinds[name] not in LEFT_ALONE
    }


def mutate(judge: Judge, chapter: Chapter) -> Mutation:
    """Judge every mutant of a chapter."""
    quick = replace(judge, salts=SALTS, limit=LIMIT)
    found = list(mutants_of(quick, chapter))
    passed = quick.passing([(chapter, exercise, mutant.code) for exercise, mutant in found])
    surviving = [pair for pair, passes in zip(found, passed, strict=True) if passes]
    listed = {(exercise.id, one.mutant) for exercise in chapter.exercises for one in exercise.equivalents}
    needed = {(exercise.id, mutant.name) for exercise, mutant in surviving}
    survivors = tuple(mutant for exercise, mutant in surviving if (exercise.id, mutant.name) not in listed)
    return Mutation(
        chapter.id,
        made=len(found),
        killed=len(found) - len(surviving),
        equivalent=len(surviving) - len(survivors),
        survivors=survivors,
        needless=tuple(
            (exercise, one.mutant)
            for exercise in chapter.exercises
            for one in exercise.equivalents
            if (exercise.id, one.mutant) not in needed
        ),
    )
