"""The languages that the course exists in: complete, in their own script, and the English code, answer for answer."""

from __future__ import annotations

import ast
import difflib
import re
import unicodedata
from collections import defaultdict
from functools import cache

import nbformat
import pytest
from nbclient import NotebookClient

from kit.course.blanks import sentinel_lines
from kit.course.cells import Cell
from kit.course.chapter import Chapter, Code, Text
from kit.course.course import ROOT, Course
from kit.course.notebook import to_notebook
from kit.course.render import finished, learner_cells
from kit.judge.judge import Judge
from kit.judge.trials.runners import ForkRunner
from kit.translation.domain import Domain, domains
from kit.translation.edition import Coverage, catalogue_of, cover, edition
from kit.translation.language import Language, languages
from tests.translation.test_chapter import differences

COURSE = Course()
LANGUAGES = {language.code: language for language in languages(ROOT)}
DOMAINS = list(domains(COURSE))
SCRIPTS = {"ja": ("CJK", "HIRAGANA", "KATAKANA"), "zh": ("CJK",), "bn": ("BENGALI",)}
OWN = 0.7  # of the letters in a language's prose, at least, are its own
NOT_PROSE = re.compile(r"`[^`]*`|\{[^{}]*\}|<[^<>]+>|https?://\S+|\]\([^)]*\)")
EVERY = pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.code)
CHAPTERS = pytest.mark.parametrize("chapter", COURSE.chapters, ids=lambda chapter: chapter.id)


def in_some(always: set[tuple[str, str]]) -> pytest.MarkDecorator:
    """All chapters in all languages; those that aren't in `always` in make test-all only."""
    pairs = [(code, chapter.id) for code in LANGUAGES for chapter in COURSE.chapters]
    found = [pytest.param(*pair, marks=() if pair in always else pytest.mark.long) for pair in pairs]
    return pytest.mark.parametrize(("code", "chapter_id"), found)


@cache
def covered(code: str, name: str) -> Coverage:
    (domain,) = (each for each in DOMAINS if each.name == name)
    return cover(domain.entries, catalogue_of(ROOT, name, LANGUAGES[code]), LANGUAGES[code])


@cache
def local(code: str, chapter_id: str) -> Chapter:
    return edition(COURSE, COURSE.chapter(chapter_id), code)


def test_there_are_four() -> None:
    assert set(LANGUAGES) == set(SCRIPTS)
    assert all(language.complete for language in LANGUAGES.values())


@EVERY
@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
def test_a_language_is_complete(language: Language, domain: Domain) -> None:
    found = covered(language.code, domain.name)
    assert (found.missing, found.fuzzy, found.failing) == ((), (), ())


@EVERY
@CHAPTERS
def test_prose_is_in_the_languages_own_script(language: Language, chapter: Chapter) -> None:
    said = covered(language.code, chapter.entry.stem).shown
    text = NOT_PROSE.sub(" ", " ".join(text for (context, _), text in said.items() if " paragraph " in context))
    letters = [each for each in text if unicodedata.category(each)[0] == "L"]
    own = sum(unicodedata.name(each).startswith(SCRIPTS[language.code]) for each in letters)
    assert own / len(letters) > OWN


@EVERY
@CHAPTERS
def test_no_translation_stands_in_anothers_place(language: Language, chapter: Chapter) -> None:
    """Two English texts that have little in common don't have the same long translation."""
    texts: dict[str, list[str]] = defaultdict(list)
    for (_, english), said in covered(language.code, chapter.entry.stem).shown.items():
        if len(said) > 12:
            texts[said].append(english)
    for said, english in texts.items():
        for other in english[1:]:
            alike = difflib.SequenceMatcher(None, english[0].lower(), other.lower()).ratio()
            assert alike > 0.5, (said, english)


@EVERY
@CHAPTERS
def test_code_answers_and_ids_are_the_english_ones(language: Language, chapter: Chapter) -> None:
    theirs = local(language.code, chapter.id)
    for one, two in zip(chapter.cells, theirs.cells, strict=True):
        if isinstance(one, Code) and isinstance(two, Code):
            for a, b in differences(ast.parse(one.code), ast.parse(two.code)):
                assert type(a) is type(b) and isinstance(a, ast.Constant | ast.JoinedStr)
        else:
            assert isinstance(one, Text) and isinstance(two, Text)
            assert [item.id for item in one.items] == [item.id for item in two.items]
            assert not re.search(r"\\u[0-9a-f]{4}", two.source)
    for mine, other in zip(chapter.exercises, theirs.exercises, strict=True):
        assert [mine.answer(n) for n in range(len(mine.blanks))] == [other.answer(n) for n in range(len(other.blanks))]
        assert len(sentinel_lines(mine.todo)) == len(sentinel_lines(other.todo)) > 0


@in_some({("ja", "00"), ("zh", "04"), ("bn", "00")})
def test_answers_pass_and_todos_are_blank(code: str, chapter_id: str) -> None:
    chapter, theirs = COURSE.chapter(chapter_id), local(code, chapter_id)
    runner = ForkRunner(ROOT)
    try:
        judge = Judge(runner)
        for kind, outcome in (("code", "passed"), ("todo", "blank")):
            cells = [
                (chapter, mine, getattr(other, kind))
                for mine, other in zip(chapter.exercises, theirs.exercises, strict=True)
            ]
            assert {verdict.outcome for verdict in judge.judge_all(cells)} == {outcome}
    finally:
        runner.close()


@in_some({("ja", "00")})
def test_a_finished_notebook_runs(code: str, chapter_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a kernel, in the language's folder: nothing raises, every verdict is "passed" in its words."""
    monkeypatch.setenv("WORKSHOP_STEPS", "20")
    monkeypatch.setenv("WORKSHOP_RESIDENT", "0")
    theirs = local(code, chapter_id)
    cells: tuple[Cell, ...] = learner_cells(theirs, finished(theirs), language=code)
    notebook = nbformat.reads(to_notebook(cells, chapter_id), 4)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(ROOT / "workshop" / code)}})
    client.execute()
    html = "".join(
        output["data"].get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "data" in output
    )
    passed = covered(code, "kit").shown["kit message", "passed"]
    assert html.count(f"{passed}</b>") == len(theirs.exercises)
    assert "<figure" in html
