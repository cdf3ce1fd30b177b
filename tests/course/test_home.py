from __future__ import annotations

import tomllib

import pytest

from kit.course.build import derived_files, with_table
from kit.course.course import Course
from kit.course.home import Home, checked, parse_home, with_home
from kit.errors import KitError
from tests.support import fake_course

HOME = Home("https://github.com/OWNER/REPO", "v1")


def test_a_syllabus_without_an_address() -> None:
    assert parse_home(fake_course.SYLLABUS) == Home("", "main")
    assert Home().badges("workshop/en/ch01.ipynb") == ()
    assert Home("https://git.example.org/OWNER/REPO").badges("workshop/en/ch01.ipynb") == ()


@pytest.mark.parametrize("before", ["", '# a\nversion = "x"  # b\n', 'repository = "https://a.b/c/d"\nversion = "1"\n'])
def test_another_home_in_a_syllabus(before: str) -> None:
    text = with_home(before + fake_course.SYLLABUS, HOME)
    assert parse_home(text) == HOME
    assert tomllib.loads(text)["chapter"] == tomllib.loads(fake_course.SYLLABUS)["chapter"]
    assert with_home(text, HOME) == text


@pytest.mark.parametrize(
    ("repository", "version"),
    [
        ("OWNER/REPO", "main"),
        ("https://github.com/OWNER/REPO.git", "main"),
        ("https://github.com/OWNER/REPO/", "main"),
        ("https://github.com", "main"),
        ('https://github.com/a/b"\nimport os', "main"),
        ("https://github.com/a/b)", "main"),
        ("https://github.com/a/b", ""),
        ("https://github.com/a/b", "a b"),
        ("https://github.com/a/b", "../x"),
        ("https://github.com/a/b", 'a"'),
        ("https://github.com/a/b", "a/"),
    ],
)
def test_what_cannot_be_part_of_a_link(repository: str, version: str) -> None:
    with pytest.raises(KitError) as caught:
        checked(repository, version, "chapters.toml")
    assert caught.value.next


def test_a_syllabus_that_is_not_toml() -> None:
    with pytest.raises(KitError):
        parse_home("[")


def test_the_readme_has_a_row_for_each_chapter(course: Course) -> None:
    readme = course.root / "README.md"
    readme.write_text("# A\n\n| chapter | title | minutes |\n| --- | --- | ---: |\n| 00 | Old | 3 |\n\nafter\n")
    bare = derived_files(Course(course.root))[readme]
    assert bare.split("\n")[2:6] == ["| chapter | title | minutes |", "| --- | --- | ---: |", *bare.split("\n")[4:6]]
    assert bare.split("\n")[4] == "| 00 | First steps | 10 |"
    (course.root / "chapters.toml").write_text(with_home(fake_course.SYLLABUS, HOME))
    now = Course(course.root)
    text = derived_files(now)[readme]
    assert with_table(text, now) == text
    rows = [line for line in text.split("\n") if line.startswith("| 0")]
    assert "/OWNER/REPO/blob/v1/workshop/en/ch00_first.ipynb" in rows[0]
    assert "codespaces.new/OWNER/REPO" in rows[0]
    assert rows[2] == "| 02 | Not written yet | 30 |"
    assert text.startswith("# A\n") and text.endswith("\n\nafter\n")
