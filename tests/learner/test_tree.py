from __future__ import annotations

from pathlib import Path

import pytest

from kit.course.course import Course
from kit.learner.tree import tree
from tests.support import fake_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return fake_course.make_course(tmp_path)


def test_one_chapter_is_the_same_row_as_among_all(course: Course) -> None:
    fake_course.write_pair(course, "01", {}, ("01.01",))
    whole, part = tree(course), tree(course, chapter="01")
    assert [row["id"] for row in whole["chapters"]] == ["00", "01"]
    assert part == whole | {"chapters": whole["chapters"][1:]}
    assert part["chapters"][0]["ticked"] == 1
