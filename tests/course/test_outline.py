from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.cache import Cache, key_of
from kit.course import outline
from kit.course.course import Course
from kit.course.outline import outline_of, outlines_of
from kit.errors import KitError


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the chapters that are parsed from now on."""
    parsed: list[str] = []
    original = outline.outline_of
    monkeypatch.setattr(outline, "outline_of", lambda chapter: parsed.append(chapter.id) or original(chapter))  # type: ignore[func-returns-value]
    return parsed


def test_remembered_and_the_same(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch)
    first = outlines_of(course)
    assert parsed == ["00", "01"]
    assert outlines_of(Course(course.root)) == first == tuple(map(outline_of, course.chapters))
    assert parsed == ["00", "01"]


@pytest.mark.parametrize("file", ["checkpoints/ch00_first.py", "chapters.toml"])
def test_an_edit_is_noticed(course: Course, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    first = outlines_of(course)
    path = course.root / file
    path.write_text(path.read_text().replace("First", "Other").replace("- [ ] 00.r1", "- [ ] 00.r2"))
    assert outlines_of(Course(course.root)) != first


@pytest.mark.parametrize("text", ["", "[1]", '[{"id": "00"}]', "["])
def test_a_damaged_entry_is_made_anew(course: Course, text: str) -> None:
    first = outlines_of(course)
    cache, key = Cache(course.root / ".workshop"), key_of("outlines", outline.course_digest(course))
    assert json.loads(cache.get(key) or b"")
    cache.put({key: text.encode()})
    assert outlines_of(course) == first
    assert outlines_of(course) == first


def test_a_folder_that_cannot_be_written(course: Course) -> None:
    (course.root / ".workshop").write_text("in the way")
    assert len(outlines_of(course)) == 2


def test_a_missing_source(course: Course) -> None:
    outlines_of(course)
    Path(course.root / "checkpoints" / "ch01_second.py").unlink()
    with pytest.raises(KitError):
        outlines_of(Course(course.root))
