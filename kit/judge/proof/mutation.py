"""The proof by mutants that a chapter's checks can't be passed by accident: each small wrong variant must fail.

    chapter --mutants--> judged like a learner's cells --> killed | listed as equivalent | a flaw

A mutant that passes and isn't listed is a flaw, and so is a listing that no surviving mutant needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kit.course.chapter import Chapter, Code, Exercise
from kit.judge.judge import Judge
from kit.judge.proof.mutants import Mutant, mutants

SALTS = (0, 1)
LIMIT = 2.0  # seconds; many a mutant never ends


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


def mutants_of(chapter: Chapter) -> Iterator[tuple[Exercise, Mutant]]:
    """A chapter's mutants, exercise by exercise; of an exported cell, the given lines too."""
    for cell in chapter.cells:
        if isinstance(cell, Code) and cell.exercise:
            for mutant in mutants(cell.exercise, cell.exported):
                yield cell.exercise, mutant


def mutate(judge: Judge, chapter: Chapter) -> Mutation:
    """Judge every mutant of a chapter."""
    quick = replace(judge, salts=SALTS, limit=LIMIT)
    found = list(mutants_of(chapter))
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
