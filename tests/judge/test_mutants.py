from __future__ import annotations

import ast
from dataclasses import replace

from kit.course.chapter import Code
from kit.course.course import Course
from kit.judge.proof.mutants import mutants
from kit.judge.proof.mutation import digest


def test_mutants_are_python_and_differ_from_the_answer_and_each_other(course: Course) -> None:
    for chapter in course.chapters:
        for exercise in chapter.exercises:
            made = list(mutants(exercise))
            texts = [mutant.code for mutant in made]
            assert made and len(set(texts)) == len(texts)
            assert ast.unparse(ast.parse(exercise.code)) not in texts
            assert all(ast.parse(text) for text in texts)


def test_only_what_a_learner_writes_is_changed_unless_the_cell_is_exported() -> None:
    exercise = Course().exercise("05.11")[1]
    few, all_of_them = (list(mutants(exercise, exported)) for exported in (False, True))
    assert 20 < len(few) < len(all_of_them)
    assert {mutant.line for mutant in few} <= {blank.line for blank in exercise.blanks}


def test_the_rules_that_find_kind_checks() -> None:
    rules = {mutant.rule for chapter in Course().chapters for e in chapter.exercises for mutant in mutants(e, True)}
    assert rules >= {
        *("plus one", "minus one", "another operator", "a term dropped", "terms swapped", "another comparison"),
        *("a call left out", "an argument less", "arguments swapped", "another name", "the gradient cut"),
        *("a statement deleted", "statements swapped", "a slice's end moved", "another attribute"),
    }


def test_the_digest_of_a_proof_changes_with_the_code_and_not_with_the_prose() -> None:
    chapter = Course().chapter("05")

    def changed(old: str, new: str) -> str:
        cells = [
            replace(cell, code=cell.code.replace(old, new)) if isinstance(cell, Code) else cell
            for cell in chapter.cells
        ]
        assert cells != list(chapter.cells)
        return digest(replace(chapter, cells=tuple(cells)))

    assert changed('print("', 'print("so: ') == changed("  # ", "  # well, ") == digest(chapter)
    assert changed('"""The spread', '"""This is the spread') == digest(chapter)
    assert len({digest(chapter), changed("randn(", "rand("), changed("eps", "tiny")}) == 3
