"""The figures of the real course: enough of them, each with a text that describes it, none in a file."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from kit.course.chapter import Code
from kit.course.course import ROOT, Course

FILE_NAME = re.compile(r"[\w./-]+\.(?:png|svg|jpe?g|gif)", re.IGNORECASE)
KINDS = {"draw.bars", "draw.heat", "draw.lines", "draw.points"}


def figures() -> Iterator[tuple[str, str, str]]:
    """Chapter, kind, alternative text: what a figure's call says, with `{...}` for computed parts."""
    for chapter in Course().chapters:
        for cell in chapter.cells:
            calls = ast.walk(ast.parse(cell.code)) if isinstance(cell, Code) else ()
            for node in calls:
                if isinstance(node, ast.Call) and ast.unparse(node.func) in KINDS:
                    alt = next(keyword.value for keyword in node.keywords if keyword.arg == "alt")
                    values = [part.value for part in ast.walk(alt) if isinstance(part, ast.Constant)]
                    text = "".join(value for value in values if isinstance(value, str))
                    yield chapter.id, ast.unparse(node.func), text


def test_there_are_many_and_of_every_kind() -> None:
    found = list(figures())
    assert len(found) >= 12
    assert {kind for _, kind, _ in found} == KINDS
    assert {chapter_id for chapter_id, _, _ in found} == {chapter.id for chapter in Course().chapters}


def test_each_says_what_is_to_be_seen_in_words_of_its_own() -> None:
    texts = [text for _, _, text in figures()]
    assert all(len(text.split()) >= 8 for text in texts)
    assert not [text for text in texts if FILE_NAME.search(text)]
    assert len(set(texts)) == len(texts)


def test_none_is_embedded_in_a_notebook() -> None:
    notebooks = sorted((ROOT / "workshop").glob("*/*.ipynb"))
    assert notebooks
    for path in notebooks:
        text = path.read_text(encoding="utf-8")
        assert not any(cell.get("outputs") or cell.get("attachments") for cell in json.loads(text)["cells"]), path.name
        assert "data:image" not in text and "image/png" not in text, path.name
