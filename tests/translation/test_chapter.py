"""Each chapter in a made-up language: all texts replaced, not a line of code, no id, no answer changed."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

import jupytext
import nbformat
import pytest

from kit.course.blanks import sentinel_lines
from kit.course.cells import from_percent, to_percent
from kit.course.chapter import Chapter, Code, Text
from kit.course.course import ROOT, Course
from kit.course.notebook import to_notebook
from kit.course.render import finished, learner_cells
from kit.judge.judge import Judge
from kit.judge.trials.runners import ForkRunner
from kit.translation.chapter import entries, translated, walk
from kit.translation.checks import flaws
from tests.support.proofs import Proof, chapter_files
from tests.support.pseudo_language import ACCENTED, translations

COURSE = Course()
CHAPTERS = pytest.mark.parametrize("chapter", COURSE.chapters, ids=lambda chapter: chapter.id)
JUDGED_ALWAYS = ("00", "04")
JUDGED = [
    pytest.param(chapter, id=chapter.id, marks=() if chapter.id in JUDGED_ALWAYS else pytest.mark.long)
    for chapter in COURSE.chapters
]
ACCENTS = "".join(chr(code) for code in ACCENTED.values())
FENCE = re.compile(r"^(```|~~~)", re.MULTILINE)


def in_pseudo(chapter: Chapter, wrap: bool = True) -> Chapter:
    return translated(chapter, translations(entries(chapter)), wrap)


def codes(chapter: Chapter) -> list[Code]:
    return [cell for cell in chapter.cells if isinstance(cell, Code)]


def differences(one: ast.AST, two: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """The nodes at which two trees part, side by side; f-strings are compared as wholes."""
    if type(one) is not type(two) or isinstance(one, ast.JoinedStr):
        if ast.dump(one) != ast.dump(two):
            yield one, two
        return
    for name, value in ast.iter_fields(one):
        other = getattr(two, name)
        ours, theirs = (each if isinstance(each, list) else [each] for each in (value, other))
        if len(ours) != len(theirs):
            yield one, two
            continue
        for a, b in zip(ours, theirs, strict=True):
            if isinstance(a, ast.AST) and isinstance(b, ast.AST):
                yield from differences(a, b)
            elif a != b:
                yield one, two


def filled_in(string: ast.JoinedStr) -> list[str]:
    """What an f-string fills in."""
    return sorted(ast.dump(value) for value in string.values if isinstance(value, ast.FormattedValue))


@CHAPTERS
def test_asking_for_nothing_changes_nothing(chapter: Chapter) -> None:
    assert walk(chapter, lambda entry: None, True) == chapter


@CHAPTERS
def test_english_as_its_own_translation_is_the_same_code(chapter: Chapter) -> None:
    """Every string is read and written again: also the ones in several pieces, with quotes, braces and line breaks."""
    same = translated(chapter, {entry.key: entry.text for entry in entries(chapter)})
    for one, two in zip(codes(chapter), codes(same), strict=True):
        for a, b in differences(ast.parse(one.code), ast.parse(two.code)):
            assert isinstance(a, ast.Constant) and isinstance(b, ast.Constant)
            assert str(a.value).split() == str(b.value).split() and "\n" in str(a.value) + str(b.value)  # a docstring


@CHAPTERS
@pytest.mark.parametrize("wrap", [True, False])
def test_code_is_equal_apart_from_the_translated_strings(chapter: Chapter, wrap: bool) -> None:
    found = 0
    for one, two in zip(codes(chapter), codes(in_pseudo(chapter, wrap)), strict=True):
        for a, b in differences(ast.parse(one.code), ast.parse(two.code)):
            found += 1
            if isinstance(a, ast.JoinedStr) and isinstance(b, ast.JoinedStr):
                assert filled_in(a) == filled_in(b)
                assert "⟦" in ast.unparse(b)
            else:
                assert isinstance(a, ast.Constant) and isinstance(b, ast.Constant)
                assert isinstance(a.value, str) and "⟦" in str(b.value)
    assert found >= 10


@CHAPTERS
def test_answers_blanks_and_ids_stay(chapter: Chapter) -> None:
    pseudo = in_pseudo(chapter)
    assert [item.id for item in pseudo.items] == [item.id for item in chapter.items]
    assert all(item.text.endswith("⟧") for item in pseudo.items)
    for ours, theirs in zip(chapter.exercises, pseudo.exercises, strict=True):
        assert ours.id == theirs.id
        for place, (one, two) in enumerate(zip(ours.blanks, theirs.blanks, strict=True)):
            assert ours.answer(place) == theirs.answer(place)
            assert (
                ours.code.split("\n")[one.line - 1].split("#")[0] == theirs.code.split("\n")[two.line - 1].split("#")[0]
            )
            assert bool(one.comment) == bool(two.comment)
            assert not two.comment or f"# {two.comment}" in theirs.code
        assert len(sentinel_lines(theirs.todo)) == len(sentinel_lines(ours.todo)) > 0
        ast.parse(theirs.todo)
        assert [each.expression for each in ours.mistakes] == [each.expression for each in theirs.mistakes]
        assert (ours.probes, ours.alternatives, ours.typed) == (theirs.probes, theirs.alternatives, theirs.typed)
        for other in (*ours.mistakes, *ours.alternatives):
            ast.parse(theirs.with_answer(other.blank, other.expression))


@CHAPTERS
def test_comments_keep_their_columns(chapter: Chapter) -> None:
    for one, two in zip(codes(chapter), codes(in_pseudo(chapter)), strict=True):
        ours, theirs = (
            [line.index("  # ") for line in cell.code.split("\n") if re.search(r"  # (?![^#]*[\"'])", line)]
            for cell in (one, two)
        )
        assert ours == theirs


@CHAPTERS
def test_no_english_is_left(chapter: Chapter) -> None:
    """Found without the rules that extract: lines of prose, and what a learner is told, without a single accent."""
    pseudo = in_pseudo(chapter, wrap=False)
    for cell in (cell for cell in pseudo.cells if isinstance(cell, Text)):
        prose = "".join(FENCE.split(cell.source)[::4])
        for line in prose.split("\n"):
            if line.startswith("    "):  # a block of code
                continue
            words = re.findall(r"[a-zA-Z]{3,}", re.sub(r"`[^`]*`|<[^>]*>|\]\(.*?\)", "", line))
            assert len(words) < 3 or any(each in ACCENTS for each in line), line
    told = [
        *(exercise.hint for exercise in pseudo.exercises),
        *(mistake.message for exercise in pseudo.exercises for mistake in exercise.mistakes),
        *(caption for exercise in pseudo.exercises for caption in exercise.captions.values()),
    ]
    assert not [text for text in told if re.search(r"[a-z]{4}", re.sub("`[^`]*`", "", text)) and "⟦" not in text]


@CHAPTERS
def test_each_place_has_its_own_context_and_passes_its_own_checks(chapter: Chapter) -> None:
    found = entries(chapter)
    assert len({entry.context for entry in found}) == len(found)
    assert all(entry.text.strip() for entry in found)
    assert not [entry for entry in found if flaws(entry, entry.text)]


@CHAPTERS
def test_the_pair_is_one(chapter: Chapter) -> None:
    cells = learner_cells(in_pseudo(chapter))
    text, notebook = to_percent(cells), nbformat.reads(to_notebook(cells, chapter.id), as_version=4)
    nbformat.validate(notebook)
    want = [(cell.kind, cell.source) for cell in from_percent(text)]
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == want
    assert [(cell.cell_type, cell.source) for cell in jupytext.reads(text, fmt="py:percent").cells] == want
    english = nbformat.reads(to_notebook(learner_cells(chapter), chapter.id), as_version=4)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in english.cells]


@pytest.mark.parametrize("chapter", JUDGED)
def test_todos_are_blank_answers_pass_and_mistakes_are_named(proof: Proof, chapter: Chapter) -> None:
    """The judge knows the English chapter only, whatever the language of the cell."""
    pseudo = in_pseudo(chapter)

    def body() -> None:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("COV")]:
                patch.delenv(name)
            judge = Judge(ForkRunner(ROOT))
        try:
            for filled, outcome in (({}, "blank"), (finished(pseudo), "passed")):
                cells = {cell.exercise: cell.source for cell in learner_cells(pseudo, filled) if cell.exercise}
                asked = [(chapter, exercise, cells[exercise.id]) for exercise in chapter.exercises]
                verdicts = judge.judge_all(asked)
                assert [(verdict.id, verdict.outcome) for verdict in verdicts] == [
                    (exercise.id, outcome) for exercise in chapter.exercises
                ]
            wrong = [(exercise, number) for exercise in pseudo.exercises for number in range(len(exercise.mistakes))]
            codes = [
                exercise.with_answer((each := exercise.mistakes[n]).blank, each.expression) for exercise, n in wrong
            ]
            asked = [(chapter, chapter.exercise(e.id), code) for (e, _), code in zip(wrong, codes, strict=True)]
            verdicts = judge.judge_all(asked, at_once=False)
            assert [(verdict.id, verdict.mistake) for verdict in verdicts] == [(e.id, n) for e, n in wrong]
        finally:
            judge.runner.close()

    own = ("tests/translation/test_chapter.py", "tests/support/pseudo_language.py")
    more = sorted((ROOT / "kit" / "translation").glob("*.py"))
    proof.once([*chapter_files(ROOT, chapter, *own), *more], body)
