"""The syllabus, the selection of chapters and exercises, the build, and the package it writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kit.course.build import derived_files, write_derived
from kit.course.course import ROOT, Course, find_root
from kit.course.package import package_files
from kit.course.syllabus import parse_syllabus, read_syllabus
from kit.errors import KitError
from scripts import build
from tests.support import fake_course


def test_syllabus() -> None:
    entries = parse_syllabus(fake_course.SYLLABUS)
    assert [(e.id, e.stem, e.minutes, e.planned) for e in entries] == [
        ("00", "ch00_first", 10, False),
        ("01", "ch01_second", 20, False),
        ("02", "ch02_third", 30, True),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[chapter",
        "[[chapter]]\nslug = 'a'\ntitle = 'A'",
        "[[chapter]]\nslug = 'a'\ntitle = 'A'\nminutes = 5\nextra = 1",
        "[[chapter]]\nslug = 'A b'\ntitle = 'A'\nminutes = 5",
        "[[chapter]]\nslug = 'a'\ntitle = 'A'\nminutes = 0",
        "[[chapter]]\nslug = 'a'\ntitle = 5\nminutes = 5",
        "[[chapter]]\nslug = 'a'\ntitle = 'A'\nminutes = 5\n" * 2,
        fake_course.SYLLABUS.replace("minutes = 20", "minutes = 20\nbonus = true"),
    ],
)
def test_syllabus_errors(text: str) -> None:
    with pytest.raises(KitError):
        parse_syllabus(text)


def test_syllabus_missing(tmp_path: Path) -> None:
    with pytest.raises(KitError):
        read_syllabus(tmp_path / "chapters.toml")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([], ["00.01", "00.02", "01.01", "01.02"]),
        (["0"], ["00.01", "00.02"]),
        (["01"], ["01.01", "01.02"]),
        (["ch01_second"], ["01.01", "01.02"]),
        (["workshop/en/ch01_second.ipynb", "00.02"], ["00.02", "01.01", "01.02"]),
        (["01.02", "01.02"], ["01.02"]),
    ],
)
def test_select(course: Course, words: list[str], ids: list[str]) -> None:
    assert [exercise.id for _, exercise in course.select(words)] == ids


@pytest.mark.parametrize(
    ("word", "wrong", "there"),
    [
        ("01.20", "01.20", "01.01 to 01.02"),
        ("1.9", "01.09", "01.01 to 01.02"),
        ("07.01", "'07'", "00 to 01"),
        ("09", "'09'", "00 to 01"),
        ("02", "'02'", "00 to 01"),  # planned
        ("13", "'13'", "00 to 01"),
        ("ch07_x", "'07'", "00 to 01"),
        ("banana", "'banana'", "00 to 01, or an exercise, such as 00.01"),
        ("", "''", "00 to 01, or an exercise, such as 00.01"),
        ("00.r1", "00.r1", "00.01"),
        ("00.01x", "'00.01x'", "00.01"),
    ],
)
def test_an_unknown_id_is_named_and_so_is_what_there_is(course: Course, word: str, wrong: str, there: str) -> None:
    with pytest.raises(KitError) as caught:
        course.select([word])
    assert wrong in caught.value.what and there in caught.value.next


def test_a_chapter_is_no_exercise_and_the_other_way_round(course: Course) -> None:
    for word in ("01", "1", "ch01", "ch01_second.py"):
        with pytest.raises(KitError) as caught:
            course.exercise(word)
        assert word in caught.value.what and "01.01" in caught.value.next
    assert "01.02" in course.no_chapter("01.02").what and course.no_chapter("01.02").next.endswith("01")


@pytest.mark.parametrize("word", ["01.02", "1.2", "01.2", " 01.02 ", "1,2", "０１．０２"])
def test_an_id_may_be_typed_in_a_hurry(course: Course, word: str) -> None:
    assert course.exercise(word)[1].id == "01.02"
    assert [exercise.id for _, exercise in course.select([word, "01.02"])] == ["01.02"]


def test_a_source_without_an_entry_stops(course: Course) -> None:
    (course.sources / "ch09_stray.py").write_text("# %%\n")
    with pytest.raises(KitError):
        _ = Course(course.root).chapters


def test_find_root(course: Course) -> None:
    assert find_root(course.pairs()) == course.root
    assert find_root(Path("/")) == ROOT


def test_derived_files_are_the_same_twice(course: Course) -> None:
    assert derived_files(course) == derived_files(Course(course.root))
    assert all("\r" not in text for text in derived_files(course).values())


def test_build_check_names_drift(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
    capsys.readouterr()
    path = course.pairs() / "ch00_first.py"
    path.write_text(path.read_text() + "\n# more\n")
    (course.root / "nanogpt" / "old.py").write_text("")
    (course.root / "nanogpt" / "__init__.py").unlink()
    assert build.main(["--check"]) == 1
    named = {line.split(":")[0] for line in capsys.readouterr().out.splitlines()}
    assert named == {"workshop/en/ch00_first.py", "nanogpt/old.py", "nanogpt/__init__.py"}
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
    assert not (course.root / "nanogpt" / "old.py").exists()


def test_build_never_overwrites_work(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_course.write_pair(course, "00", {"00.01": 'length = 5\ncheck("00.01")'}, ())
    monkeypatch.chdir(course.root)
    before = (course.pairs() / "ch00_first.py").read_bytes()
    with pytest.raises(KitError):
        write_derived(course, derived_files(course))
    assert (course.pairs() / "ch00_first.py").read_bytes() == before
    assert not (course.root / "nanogpt").exists()
    assert build.main([]) == 2
    assert build.main(["--check"]) == 1
    for name, text in package_files(course.chapters).items():
        (course.root / "nanogpt").mkdir(exist_ok=True)
        (course.root / "nanogpt" / name).write_text(text)
    assert build.main(["--check"]) == 0


def test_build_stops_at_a_wrong_chapter(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    path = course.sources / "ch00_first.py"
    path.write_text(path.read_text().replace("#! hint: there", "#! hnit: there"))
    assert build.main([]) == 2
    assert capsys.readouterr().err.startswith("checkpoints/ch00_first.py:19")


def test_package(course: Course, tmp_path: Path) -> None:
    write_derived(course, derived_files(course))
    code = "import nanogpt; print(nanogpt.total([1, 2]), nanogpt.__all__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=course.root, capture_output=True, text=True, check=True)
    assert done.stdout == "3 ['total']\n"
    assert 'check("' not in (course.root / "nanogpt" / "second.py").read_text()


def test_package_imports_what_it_uses(course: Course) -> None:
    source = fake_course.SECOND.replace("import torch\n", "import torch\nfrom torch import nn as layers\n")
    source += (
        '\n# %%\n#| export\ndef layer() -> layers.Module:\n    """One."""\n    return layers.Linear(total([1]), 2)\n'
    )
    (course.sources / "ch01_second.py").write_text(source)
    text = package_files(Course(course.root).chapters)["second.py"]
    assert "from torch import nn as layers" in text
    assert "import torch\n" not in text
    compile(text, "second.py", "exec")


def test_package_stops_at_an_unknown_name(course: Course) -> None:
    (course.sources / "ch01_second.py").write_text(
        fake_course.SECOND + '\n# %%\n#| export\ndef broken() -> int:\n    """No."""\n    return missing\n'
    )
    with pytest.raises(KitError) as caught:
        package_files(Course(course.root).chapters)
    assert "missing" in caught.value.what


def test_a_later_chapter_uses_an_earlier_one(course: Course) -> None:
    third = """# %% [markdown]
# # 02 Not written yet

# %%
from nanogpt import total
from workshop import ____, check

# %%
#| export
def twice(values: list[int]) -> int:
    \"\"\"Twice the sum.\"\"\"
    return total(values) * 2


# %%
x = twice([1])  # blank
check("02.01")
#! hint: call it
#! mistake: 1 -> no
#! mistake: 4 -> no

# %% [markdown]
# - [ ] 02.01 Call
"""
    (course.sources / "ch02_third.py").write_text(third)
    (course.root / "chapters.toml").write_text(fake_course.SYLLABUS.replace("planned = true", ""))
    assert "from nanogpt.second import total" in package_files(Course(course.root).chapters)["third.py"]
