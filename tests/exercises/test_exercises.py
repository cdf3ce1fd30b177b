"""Your exercises as tests, a class for each chapter, for an editor's Testing view: `pytest tests/exercises`.

They look at your own files and aren't part of `make test`. A blank is skipped; a wrong answer fails and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from kit.course.course import Course, find_root
from kit.course.outline import outlines_of
from kit.judge.judge import Judge
from kit.judge.show import to_text
from kit.judge.trials.runners import shared_runner
from kit.learner.check import Finding, find, gather
from kit.learner.placed import said

COURSE = Course(find_root(Path(__file__).parent))


@cache
def judge() -> Judge:
    """One warm judge for all chapters."""
    return Judge(shared_runner(COURSE.root))


@cache
def findings(chapter: str) -> dict[str, Finding]:
    """The verdicts on a chapter's exercises as they are in your files, all judged at once."""
    return {finding.verdict.id: finding for finding in find(judge(), gather(COURSE, [chapter], "en", False), COURSE)}


def exercise(chapter: str, item_id: str) -> Callable[[object], None]:
    """The test of one exercise."""

    def test(self: object) -> None:
        """This exercise passes in your file."""
        found = findings(chapter)[item_id]
        told = f"{to_text(found.verdict)}\n{said(found.places)}"
        if found.verdict.outcome == "blank":
            pytest.skip(found.verdict.message)
        if found.verdict.outcome != "passed":
            pytest.fail(told, pytrace=False)

    return test


for _outline in outlines_of(COURSE):
    _name = f"Test{_outline.id}{''.join(part.capitalize() for part in _outline.stem[5:].split('_'))}"
    _tests = {f"test_{item_id.replace('.', '_')}": exercise(_outline.id, item_id) for item_id in _outline.exercises}
    globals()[_name] = type(_name, (), _tests)
