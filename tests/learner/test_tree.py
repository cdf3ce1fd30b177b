from __future__ import annotations

from pathlib import Path

import pytest

from kit.course.course import Course
from kit.learner.tree import tree
from tests.support import fake_course
from tests.support.pseudo_language import CODE, add_language, build_all


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return fake_course.make_course(tmp_path)


def test_one_chapter_is_the_same_row_as_among_all(course: Course) -> None:
    fake_course.write_pair(course, "01", {}, ("01.01",))
    whole, part = tree(course), tree(course, chapter="01")
    assert [row["id"] for row in whole["chapters"]] == ["00", "01"]
    assert part == whole | {"chapters": whole["chapters"][1:]}
    assert part["chapters"][0]["ticked"] == 1


@pytest.mark.parametrize("minutes", ["{} 分", "約 {} 分", "{} মিনিট", "{} min", "({}) [min]"])
def test_a_sections_minutes_are_said_in_its_language(course: Course, minutes: str) -> None:
    settings = f'name = "x"\nminutes = "{minutes}"\n'
    add_language(course, settings=settings)
    found = build_all(course)
    text = (found.pairs(CODE) / "ch00_first.py").read_text()
    assert f"# ## ⟦Çóúñŧíñg⟧ · {minutes.format(10)}\n".replace("ŧ", "t") in text
    english, pseudo = (tree(found, code)["chapters"][0]["sections"] for code in ("en", CODE))
    assert [row["minutes"] for row in english] == [row["minutes"] for row in pseudo] == [10]
    assert pseudo[0]["title"] == "⟦Çóúñtíñg⟧"


def test_a_heading_that_kept_its_english_minutes_is_read(course: Course) -> None:
    add_language(course, settings='name = "x"\nminutes = "{} 分"\n')
    found = build_all(course)
    for path in found.pairs(CODE).glob("ch00_first.*"):
        path.write_text(path.read_text().replace(" · 10 分", " · 10 min"))
    assert tree(found, CODE)["chapters"][0]["sections"][0]["minutes"] == 10
