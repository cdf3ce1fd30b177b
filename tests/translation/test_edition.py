"""A made-up language added by its folder alone: derived, checked, and used by the learner's commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polib
import pytest

from kit.course.build import derived_files, drifted_files, write_derived
from kit.course.cells import from_notebook, from_percent
from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.learner.checkpoint import finish_before
from kit.pairs.pair import Pair, read_pair, todo_cells
from kit.pairs.sync import sync
from kit.translation.catalogue import path_of, read, to_bytes
from kit.translation.edition import editions
from kit.translation.language import read_glossary, read_language
from kit.translation.status import status
from scripts import build, reset_to_todo, translate
from tests.support import fake_course
from tests.support.pseudo_language import CODE, SETTINGS, add_language

Edit = Callable[[polib.POFile], None]


@pytest.fixture
def pseudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The fake course with the language, built."""
    course = fake_course.make_repository(tmp_path / "course")
    monkeypatch.chdir(course.root)
    add_language(course)
    assert build.main([]) == 0
    return Course(course.root)


def edit(course: Course, change: Edit, chapter: int = 0) -> None:
    """Change a catalogue."""
    path = path_of(course.root, CODE, course.chapters[chapter].entry.stem)
    catalogue = read(path, course.root)
    change(catalogue)
    path.write_bytes(to_bytes(catalogue))


def test_all_chapters_of_the_real_course_are_derived_whole(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "checkpoints", tmp_path / "checkpoints")
    shutil.copy(ROOT / "chapters.toml", tmp_path)
    course = Course(tmp_path)
    add_language(course)
    made = editions(course)
    assert made.gaps == ()
    assert len(made.files) == 2 * len(course.chapters) >= 26
    for path, text in made.files.items():
        assert path.parent == tmp_path / "workshop" / CODE
        if path.suffix == ".py":
            cells = from_percent(text)
            notebook = from_notebook(made.files[path.with_suffix(".ipynb")])
            assert [(cell.kind, cell.source) for cell in cells] == [(cell.kind, cell.source) for cell in notebook]
            assert text.count("⟦") > 50


def test_the_build_writes_the_pairs_and_finds_nothing_to_complain_about(pseudo: Course) -> None:
    assert pseudo.languages == ("en", CODE)
    assert build.main(["--check"]) == 0
    derived = {**derived_files(pseudo), **editions(pseudo).files}
    assert drifted_files(pseudo, derived) == []
    assert "⟦" in (pseudo.pairs(CODE) / "ch00_first.ipynb").read_text()


@pytest.mark.parametrize(
    "change",
    [
        lambda catalogue: setattr(catalogue[0], "fuzzy", True),
        lambda catalogue: setattr(catalogue[0], "msgstr", ""),
        lambda catalogue: setattr(catalogue[0], "msgstr", "4711"),
        lambda catalogue: catalogue.remove(catalogue[0]),
    ],
    ids=["fuzzy", "empty", "failing", "gone"],
)
def test_a_gap_shows_english_and_fails_the_check_of_a_complete_language(
    pseudo: Course, capsys: pytest.CaptureFixture[str], change: Edit
) -> None:
    text = read(path_of(pseudo.root, CODE, pseudo.chapters[0].entry.stem), pseudo.root)[0].msgid
    edit(pseudo, change)
    assert build.main([]) == 0
    assert text in (pseudo.pairs(CODE) / "ch00_first.py").read_text()
    capsys.readouterr()
    assert build.main(["--check"]) == 1
    assert f"translations/{CODE}/ch00_first.po: 1 " in capsys.readouterr().out
    settings = pseudo.root / "translations" / CODE / "language.toml"
    settings.write_text(SETTINGS.replace("true", "false"))
    assert build.main(["--check"]) == 0


def test_a_changed_english_paragraph_is_a_gap_until_it_is_translated_again(pseudo: Course) -> None:
    source = pseudo.root / "checkpoints" / "ch00_first.py"
    source.write_text(source.read_text().replace("Goal: count. 10 minutes.", "Goal: count well. 10 minutes."))
    (gap,) = editions(Course(pseudo.root)).gaps
    assert gap.what.startswith("1 missing")
    assert translate.main([CODE]) == 0
    (gap,) = editions(Course(pseudo.root)).gaps
    assert gap.what.startswith("1 fuzzy")
    (row, other) = status(Course(pseudo.root), read_language(pseudo.root, CODE))
    assert row.counts == (row.counts[0], row.counts[0] - 1, 0, 1, 0, 0)
    assert other.counts[0] == other.counts[1]


def test_a_broken_translation_never_reaches_the_code(pseudo: Course) -> None:
    """A chapter with printed text, in which a catalogue would call something."""
    source = pseudo.root / "checkpoints" / "ch00_first.py"
    source.write_text(source.read_text() + '\n\n# %%\nprint(f"letters: {length}")\n')
    assert translate.main([CODE]) == 0

    def evil(catalogue: polib.POFile) -> None:
        (entry,) = [each for each in catalogue if "letters: {length}" in each.msgid]
        entry.msgstr = "{__import__('os').system('true')} {length}"

    edit(Course(pseudo.root), evil)
    made = editions(Course(pseudo.root))
    assert not any("system" in text for text in made.files.values())
    assert made.gaps[0].what.startswith("1 failing")


def test_work_in_a_derived_file_is_left_alone(pseudo: Course) -> None:
    file = pseudo.pairs(CODE) / "ch00_first.py"
    file.write_text(file.read_text().replace("____  #", "len(word)  #", 1))
    assert build.main(["--check"]) == 0
    with pytest.raises(KitError):
        write_derived(pseudo, {**derived_files(pseudo), **editions(pseudo).files})


def test_a_learner_resets_syncs_and_catches_up_in_the_language(pseudo: Course) -> None:
    pair = Pair(pseudo.root, CODE, "ch00_first")
    built = pair.script.read_bytes(), pair.notebook.read_bytes()
    pair.script.write_text(pair.script.read_text().replace("____  #", "len(word)  #", 1))
    sync(pseudo, pair)
    assert b"len(word)" in pair.notebook.read_bytes()
    assert reset_to_todo.main(["00", "--lang", CODE]) == 0
    assert (pair.script.read_bytes(), pair.notebook.read_bytes()) == built
    finish_before(pseudo, "01", CODE, lambda cells: [True] * len(cells))
    text = pair.script.read_text()
    assert "length = len(word)  # ⟦" in text and "[x] 00.01 ⟦" in text
    sides = read_pair(pair)
    assert sides.script == todo_cells(pseudo, pair) or sides.script is not None
    assert finish_before(pseudo, "01", CODE, lambda cells: [True] * len(cells)).backup is None


def test_a_new_language_starts_with_a_folder_to_fill_in(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    assert translate.main(["pt-BR"]) == 0
    language = read_language(course.root, "pt-BR")
    assert (language.complete, language.wrap) == (False, True)
    assert read_glossary(course.root, "pt-BR").terms == {}
    before = {path: path.read_bytes() for path in (course.root / "translations").rglob("*.*")}
    assert len(before) == 2 + len(course.chapters)
    capsys.readouterr()
    assert translate.main(["pt-BR"]) == 0
    assert capsys.readouterr().out == ""
    assert {path: path.read_bytes() for path in (course.root / "translations").rglob("*.*")} == before
    assert translate.main(["zh"]) == 0
    assert not read_language(course.root, "zh").wrap
    assert translate.main(["pt-BR", "--status"]) == 0
    assert "00 First steps" in capsys.readouterr().out
    for wrong in ("en", "../x", "Deutsch", ""):
        assert translate.main([wrong]) == 2


WRONG_MINUTES = [
    f'name = "x"\nminutes = {value}' for value in ("3", '"min"', '"{} {}"', '"{0} min"', '"{} min\\n"', '"} {"')
]


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "name = 3",
        'name = "x"\ncomplete = "yes"',
        'name = "x"\nother = 1',
        'name = "x"\nunits = {a = "b"}',
        "=",
        *WRONG_MINUTES,
    ],
)
def test_wrong_settings_are_told(course: Course, settings: str) -> None:
    folder = course.root / "translations" / "de"
    folder.mkdir(parents=True)
    (folder / "language.toml").write_text(settings)
    with pytest.raises(KitError):
        editions(course)


def test_a_wrong_glossary_is_told(course: Course) -> None:
    folder = course.root / "translations" / "de"
    folder.mkdir(parents=True)
    for text in ("keep = 3", "tone = 1", "[terms]\na = 1", "other = 1"):
        (folder / "glossary.toml").write_text(text)
        with pytest.raises(KitError):
            read_glossary(course.root, "de")


def test_a_failing_entry_is_named_with_its_line(pseudo: Course, capsys: pytest.CaptureFixture[str]) -> None:
    edit(pseudo, lambda catalogue: setattr(catalogue[1], "msgstr", "4711"))
    assert translate.main([CODE, "--status"]) == 0
    out = capsys.readouterr().out
    lines = (pseudo.root / "translations" / CODE / "ch00_first.po").read_text().split("\n")
    (told,) = [line for line in out.split("\n") if line.startswith("translations/")]
    number = int(told.split(":")[1])
    assert "4711" in "\n".join(lines[number - 1 : number + 6])
