"""Which language a learner is in: by file, folder, choice, work and locale, in this order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from kit.course.course import Course
from kit.learner import language
from kit.learner.language import chosen, setting
from kit.learner.service import Service
from kit.learner.status import rows
from kit.learner.status import status as learner_status
from scripts import hint, reset_to_todo, status
from tests.support import fake_course
from tests.support.pseudo_language import CODE, add_language, build_all
from workshop import colab, fetch, lesson

FILE = f"workshop/{CODE}/ch00_first.py"


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course in English and in a made-up language, without anybody's work, and a system that speaks neither."""
    course = fake_course.make_repository(tmp_path / "course")
    add_language(course)
    for name in language.LOCALES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(course.root)
    return build_all(course)


def tick(course: Course, code: str, count: int = 1) -> None:
    """Some work in one language: this many items ticked in one of the two files."""
    path = course.pairs(code) / "ch00_first.ipynb"
    path.write_text(path.read_text().replace("- [ ]", "- [x]", count))


def choose(course: Course, code: str) -> None:
    setting(course).parent.mkdir(exist_ok=True)
    setting(course).write_text(f"{code}\n")


def test_each_rule_beats_the_next(two: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(two) == "en"
    monkeypatch.setenv("LANG", f"{CODE}_XX.UTF-8")
    assert chosen(two) == CODE
    tick(two, "en")
    assert chosen(two) == "en"
    choose(two, CODE)
    assert chosen(two) == CODE
    monkeypatch.chdir(two.pairs("en"))
    assert chosen(two) == "en"
    assert chosen(two, CODE) == CODE
    english_file, pseudo = two.pairs("en") / "ch00_first.py", two.pairs(CODE) / "ch00_first.ipynb"
    assert chosen(two, CODE, ["00", f"{english_file}:3"]) == "en"
    assert chosen(two, "en", ["00", str(pseudo), str(english_file)]) == CODE
    assert chosen(two, words=[f"../{CODE}/ch00_first.py"], cwd=two.pairs("en")) == CODE


def test_the_system_decides_only_where_nobody_has_worked(two: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", f"{CODE}.UTF-8")
    tick(two, "en", 2)
    assert chosen(two) == "en"
    tick(two, CODE, 1)
    assert chosen(two) == "en"  # most of the work is there
    tick(two, CODE, 3)
    assert chosen(two) == CODE
    tick(two, "en", 3)
    assert chosen(two) == "en"  # a tie


def test_work_is_seen_in_either_file_and_counted_once(two: Course) -> None:
    path = two.pairs(CODE) / "ch00_first.py"
    assert language.work(two) == {"en": 0, CODE: 0}
    path.write_text(path.read_text().replace("length = ____", "length = len(word)"))
    assert language.work(two) == {"en": 0, CODE: 1}
    tick(two, CODE)
    path.write_text(path.read_text().replace("- [ ]", "- [x]", 1))
    assert language.work(two) == language.work(two) == {"en": 0, CODE: 2}


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "pt_BR.UTF-8@latin"}, "pt-BR"),
        ({"LANG": "pt_PT"}, ""),
        ({"LANG": "zh_TW.Big5"}, "zh"),
        ({"LANG": "C.UTF-8"}, ""),
        ({}, ""),
        ({"LC_ALL": "C", "LANG": "ja_JP"}, ""),
        ({"LC_MESSAGES": "bn_BD", "LANG": "ja_JP"}, "bn"),
        ({"LC_ALL": "", "LC_MESSAGES": "bn_BD", "LANG": "ja_JP"}, "bn"),
    ],
)
def test_the_systems_language(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], found: str) -> None:
    for name in language.LOCALES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language.of_system(("en", "bn", "ja", "pt-BR", "zh")) == found


def test_in_english_alone_nothing_is_read(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    choose(course, "ja")
    monkeypatch.setattr(language, "work", None)
    monkeypatch.setattr(language.files, "read", None)
    assert chosen(course, cwd=course.root) == "en"


def test_a_choice_whose_files_are_gone_counts_for_nothing(two: Course) -> None:
    for code in ("xx", "", "../en", "\xff"):
        choose(two, code)
        assert chosen(two) == "en"
    setting(two).unlink()
    setting(two).symlink_to(two.root / "chapters.toml")
    assert chosen(two) == "en"


def test_commands_look_in_the_language(two: Course, capsys: pytest.CaptureFixture[str]) -> None:
    choose(two, CODE)
    assert status.main([]) == 0
    assert f"workshop/{CODE}/ch00_first.py" in capsys.readouterr().out
    assert status.main(["--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["language"], found["languages"]) == (CODE, ["en", CODE])
    assert hint.main(["00.01", "--rung", "1"]) == 0
    assert "⟦" in capsys.readouterr().out
    assert hint.main(["00.01", "--rung", "1", "--lang", "en"]) == 0
    assert "⟦" not in capsys.readouterr().out


@pytest.mark.parametrize("width", [100, 60, 40, 20])
def test_columns_line_up_whatever_the_title_is_written_in(two: Course, width: int) -> None:
    for stem, title in (("ch00_first", "はじめの一歩"), ("ch01_second", "دوسرا")):
        path = two.pairs(CODE) / f"{stem}.py"
        path.write_text(re.sub(r"^# # (\d\d) .*$", rf"# # \1 {title}", path.read_text(), count=1, flags=re.MULTILINE))
    lines = rows(learner_status(two, CODE), width)
    assert len({cell_len(line) for line in lines}) == 1
    assert ("はじめの一歩" in lines[0]) == (width > 20)
    assert rows(learner_status(two, "en"), 100)[0].split()[2:4] == ["First", "steps"]


def test_a_reset_is_of_the_file_that_is_named(two: Course) -> None:
    path = two.root / FILE
    todo = path.read_text()
    for each in (two.pairs("en") / path.name, path):
        each.write_text(each.read_text().replace("length = ____", "length = 5"))
    line = path.read_text().split("\n").index('check("00.01")') + 1
    assert reset_to_todo.main([f"{FILE}:{line}", "--lang", "en"]) == 0
    assert path.read_text().rstrip("\n") == todo.rstrip("\n")
    assert "length = 5" in (two.pairs("en") / path.name).read_text()


def test_the_service_takes_the_language_that_the_learner_is_in(two: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    service = object.__new__(Service)
    service.course = two
    choose(two, CODE)
    assert service.status()["language"] == CODE
    assert service.status(lang="en")["language"] == "en"
    monkeypatch.chdir(two.pairs("en"))  # where the last `check` came from
    assert service.status()["language"] == CODE
    assert "⟦" in service.hint("00.01", rung=1)["text"]


def test_a_notebooks_own_file_says_it(two: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lesson, "course", lambda: two)
    assert lesson.language() == "en"
    monkeypatch.setattr(lesson.here, "own_file", lambda: str(two.root / FILE))
    assert lesson.language() == CODE


def test_a_lone_notebooks_link_to_itself_says_it(two: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    (two.root / fetch.FETCHED).write_text("http://127.0.0.1/OWNER/REPO\n")
    monkeypatch.setattr(lesson, "course", lambda: two)
    for code, found in ((CODE, CODE), ("xx", "en")):
        link = f"[![Open in Colab](a.svg)](https://colab.research.google.com/x/workshop/{code}/ch00_first.ipynb)"
        data = json.dumps({"cells": [{"cell_type": "markdown", "source": [link]}]}).encode()
        colab.in_window.clear()
        monkeypatch.setattr(colab, "open_notebook", lambda data=data: data)
        assert lesson.language() == found
    colab.in_window.clear()
