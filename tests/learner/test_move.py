"""A learner changes languages: whatever they did comes along, there and back, and work in two languages is merged."""

from __future__ import annotations

import contextlib
import os
import random
from pathlib import Path

import pytest

from kit import files
from kit.course.answers import read_cells
from kit.course.cells import Cell
from kit.course.chapter import Chapter
from kit.course.checklist import tick_marks, with_ticks
from kit.course.course import Course
from kit.course.render import finished, learner_cells
from kit.errors import KitError
from kit.git import backup
from kit.learner.language import LOCALES, chosen, setting
from kit.learner.move import ancestry
from kit.learner.move import move as module
from kit.learner.move.ancestry import State
from kit.learner.move.carry import bare, carried, in_other_words
from kit.learner.move.move import Move, MovedChapter, describe, move
from kit.learner.reset import replaced
from kit.pairs.convert import key, keys
from kit.pairs.merge import ASIDE
from kit.pairs.pair import Cells, Pair, read_pair, todo_cells, write_pair
from kit.translation.chapter import entries, translated
from kit.translation.translator import translator
from scripts import language, reset_to_todo, status
from tests.support import fake_course
from tests.support.pseudo_language import CODE, add_language, backwards, build_all, translations

REAL = Course()
OTHER = "qpt"
LANGUAGES = ("en", CODE, OTHER)
STEM = "ch00_first"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The small course in three languages, in a clone."""
    made = fake_course.make_repository(tmp_path / "course")
    (made.root / ".gitignore").write_text(".workshop/\n")
    add_language(made)
    add_language(made, OTHER, 'name = "⟪Ƥṡéůḋő⟫"\nwrap = false\n', backwards)
    for name in LOCALES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(made.root)
    found = build_all(made)
    fake_course.git(made.root, "add", "-A")
    fake_course.git(made.root, "commit", "-qm", "two languages more")
    return found


@pytest.mark.parametrize(("code", "between"), [("ja", "；"), ("zh", "；"), ("bn", "; ")])
def test_what_was_done_has_the_language_s_own_signs_between_its_parts(code: str, between: str) -> None:
    chapter = MovedChapter(Pair(REAL.root, code, "ch00_start"), (), 2, 1, (), ())
    say = translator(REAL.root, code)
    assert say is not None
    counts = [say(each) for each in ("2 more answers", "1 more tick")]
    (line, *_) = describe(Move(("en",), code, (chapter,)))
    assert say(line).endswith(between.join(counts))


def cells_of(course: Course, code: str, stem: str = STEM) -> Cells:
    found = read_pair(Pair(course.root, code, stem)).cells
    assert found is not None
    return found


def write(course: Course, code: str, cells: Cells, stem: str = STEM) -> None:
    pair = Pair(course.root, code, stem)
    write_pair(pair, read_pair(pair), cells)


def fill(course: Course, code: str, exercise: str, expression: str) -> None:
    """An answer, with whatever comment the todo has in this language."""
    stem = f"ch{exercise[:2]}_{'first' if exercise < '01' else 'second'}"
    [todo] = [cell for cell in todo_cells(course, Pair(course.root, code, stem)) if cell.exercise == exercise]
    filled = Cell("code", todo.source.replace("____", expression))
    write(course, code, replaced(cells_of(course, code, stem), (filled,), {exercise}), stem)


def tick(course: Course, code: str, **items: bool) -> None:
    ticks = {item.replace("_", "00."): ticked for item, ticked in items.items()}
    write(course, code, with_ticks(cells_of(course, code), ticks))


def answers(course: Course, code: str) -> dict[str, list[str]]:
    """The filled answers' code, without comments and texts."""
    found = {}
    for stem in (STEM, "ch01_second"):
        works = read_cells(cells_of(course, code, stem)).answers
        found |= {each: bare(Cell("code", work.source)) for each, work in works.items() if work.filled}
    return found


def ticks(course: Course, code: str) -> set[str]:
    return {
        each
        for stem in (STEM, "ch01_second")
        for each, mark in tick_marks(cells_of(course, code, stem)).items()
        if mark == "x"
    }


def own(course: Course, code: str) -> list[str]:
    """The learner's own cells: each begins with their name for it."""
    return [
        cell.source for stem in (STEM, "ch01_second") for cell in cells_of(course, code, stem) if "mine" in cell.source
    ]


def test_work_is_there_in_the_other_language_and_its_words(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    fill(course, "en", "00.01", "len(word)")
    tick(course, "en", _01=True, _r1=True)
    write(course, "en", (*cells_of(course, "en"), Cell("code", "mine = word * 2")))
    before = {path: path.read_bytes() for path in course.pairs("en").iterdir()}
    assert language.main([CODE]) == 0
    assert chosen(course) == CODE
    assert before == {path: path.read_bytes() for path in course.pairs("en").iterdir()}
    assert list(answers(course, CODE)) == ["00.01"]
    assert ticks(course, CODE) == {"00.01", "00.r1"}
    assert own(course, CODE) == ["mine = word * 2"]
    [cell] = [cell for cell in cells_of(course, CODE) if cell.exercise == "00.01"]
    assert "len(word)" in cell.source
    assert "⟦" in cell.source  # the comment beside the blank
    changed = [
        cell
        for cell in cells_of(course, CODE)
        if key(cell) not in map(key, todo_cells(course, Pair(course.root, CODE, STEM)))
    ]
    assert len(changed) == 3  # the answer, the checklist, the own cell
    command = capsys.readouterr().out.strip().split("to undo: ")[1].split()
    assert status.main([]) == 0
    assert f"workshop/{CODE}/" in capsys.readouterr().out
    assert reset_to_todo.main(command[2:]) == 0
    assert (answers(course, CODE), ticks(course, CODE), own(course, CODE)) == ({}, set(), [])
    assert not setting(course).exists()
    assert not ancestry.path_of(course).exists()
    assert chosen(course) == "en"


def test_both_ways_changes_and_deletions_come_along(course: Course) -> None:
    fill(course, "en", "00.01", "len(word)")
    fill(course, "en", "01.01", "x * 2")
    tick(course, "en", _01=True, _02=True)
    write(course, "en", (*cells_of(course, "en"), Cell("code", "mine = 1"), Cell("markdown", "mine too")))
    move(course, CODE)
    fill(course, CODE, "00.01", "5")
    tick(course, CODE, _02=False)
    write(course, CODE, tuple(cell for cell in cells_of(course, CODE) if cell.source != "mine = 1"))
    assert move(course, "en").clashes == ()
    assert "5" in answers(course, "en")["00.01"]
    assert set(answers(course, "en")) == {"00.01", "01.01"}
    assert (ticks(course, "en"), own(course, "en")) == ({"00.01"}, ["mine too"])


def test_a_chapter_at_its_todo_takes_nothing_away(course: Course) -> None:
    fill(course, "en", "00.01", "len(word)")
    move(course, CODE)
    write(course, CODE, todo_cells(course, Pair(course.root, CODE, STEM)))
    assert move(course, "en").chapters == ()
    assert set(answers(course, "en")) == {"00.01"}


def test_work_in_two_languages_is_merged_by_id(course: Course) -> None:
    fill(course, "en", "00.01", "len(word)")
    move(course, CODE)
    fill(course, CODE, "00.02", "word[0]")
    fill(course, "en", "01.01", "x + x")  # in the language that they've left
    tick(course, "en", _r1=True)
    fill(course, OTHER, "01.02", "values")  # and in one that they've never chosen
    done = move(course, "en")
    assert done.sources == (CODE, OTHER)
    assert done.clashes == ()
    assert set(answers(course, "en")) == {"00.01", "00.02", "01.01", "01.02"}
    assert ticks(course, "en") == {"00.r1"}
    assert move(course, OTHER).clashes == ()
    assert answers(course, OTHER) == answers(course, "en")


def test_only_what_is_new_comes_along(course: Course) -> None:
    fill(course, "en", "00.01", "len(word)")
    assert move(course, CODE).sources == ("en",)
    assert move(course, OTHER).sources == (CODE,)  # which has all of the English work
    fill(course, "en", "00.02", "word[0]")
    assert move(course, CODE).sources == (OTHER, "en")
    assert set(answers(course, CODE)) == {"00.01", "00.02"}
    assert move(course, OTHER).sources == (CODE,)
    assert set(answers(course, OTHER)) == {"00.01", "00.02"}


def test_two_answers_to_one_exercise_are_both_kept(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    fill(course, CODE, "00.01", "sum(1 for _ in word)")
    fill(course, "en", "00.01", "len(word)")
    fill(course, "en", "00.02", "word[0]")
    assert language.main([CODE]) == 1
    assert "len" in answers(course, CODE)["00.01"]  # the one of the language that has most work
    [aside] = [cell.source for cell in cells_of(course, CODE) if cell.source.startswith(ASIDE)]
    assert "sum(1 for _ in word)" in aside
    assert f"workshop/{CODE}" in aside
    capsys.readouterr()
    assert language.main(["en"]) == 0  # and both go on from there
    assert [cell.source for cell in cells_of(course, "en") if cell.source.startswith(ASIDE)] == [aside]


def test_without_the_notes_nothing_is_lost(course: Course) -> None:
    fill(course, "en", "00.01", "len(word)")
    fill(course, "en", "00.02", "word[0]")
    move(course, CODE)
    fill(course, CODE, "00.01", "5")
    ancestry.path_of(course).write_text("{")
    assert move(course, "en").clashes == ("00.01",)
    assert "5" in answers(course, "en")["00.01"]
    [aside] = [cell.source for cell in cells_of(course, "en") if cell.source.startswith(ASIDE)]
    assert "len(word)" in aside


@pytest.mark.parametrize(
    "text", ['{"en": 3}', '{"en": {"left": "x", "seen": [], "texts": {}}}', "[]", "\xff", '{"en": {}}']
)
def test_damaged_notes_are_none(text: str) -> None:
    assert ancestry.from_bytes(text.encode("latin-1")) == {}


def test_notes_survive_a_round_trip() -> None:
    states = {"en": State(3, frozenset({1, 3}), {STEM: "# %%\nü\n"}, "0a"), CODE: State(0, frozenset({3}))}
    assert ancestry.from_bytes(ancestry.to_bytes(states)) == states


def test_it_refuses_where_something_is_unclear(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(course, "en", "00.01", "len(word)")
    before = {path: path.read_bytes() for path in course.root.glob("workshop/*/*")}

    def refused(code: str = CODE) -> None:
        with pytest.raises(KitError) as caught:
            move(course, code)
        assert caught.value.next
        assert not setting(course).exists()

    refused("xx")
    head = course.root / ".git" / "MERGE_HEAD"
    head.write_text(fake_course.git(course.root, "rev-parse", "HEAD"))
    refused()
    head.unlink()
    monkeypatch.setattr(module, "carried", lambda cells, *todos: todos[1])
    refused()
    monkeypatch.undo()
    monkeypatch.chdir(course.root)
    assert before == {path: path.read_bytes() for path in course.root.glob("workshop/*/*")}
    path = course.pairs("en") / f"{STEM}.py"
    path.write_text(f"<<<<<<< a\n{path.read_text()}\n=======\n>>>>>>> b\n")
    refused()


def test_a_move_that_dies_can_be_repeated(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(course, "en", "00.01", "len(word)")
    fill(course, "en", "01.01", "x * 2")
    whole = files.write
    for step in range(0, 12, 2):
        left = [step]

        def dying(*args: object, left: list[int] = left, **options: object) -> None:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            whole(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(files, "write", dying)
        with contextlib.suppress(KeyboardInterrupt):
            move(course, CODE)
        monkeypatch.setattr(files, "write", whole)
        done = move(course, CODE)
        assert done.clashes == ()
        assert set(answers(course, CODE)) == {"00.01", "01.01"}
        for code in (CODE,):
            for stem in (STEM, "ch01_second"):
                write(course, code, todo_cells(course, Pair(course.root, code, stem)), stem)
        for path in (setting(course), ancestry.path_of(course)):
            path.unlink()


def test_nothing_to_bring_makes_no_backup(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert language.main([CODE]) == 0
    assert backup.backups(course.root) == []
    assert chosen(course) == CODE
    assert "undo" not in capsys.readouterr().out


def test_the_list_names_each_language_and_marks_the_learners(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(course, "en", "00.01", "len(word)")
    move(course, OTHER)
    capsys.readouterr()
    for _ in range(2):  # the second one from the cache
        assert language.main([]) == 0
        rows = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert [row[-4:-1] for row in rows] == [["1", "of", "4"], ["0", "of", "4"], ["1", "of", "4"]]
        assert [row[0] == ">" for row in rows] == [False, False, True]
        assert [row[row.index("%") - 1] for row in rows] == ["100", "100", "100"]


@pytest.mark.parametrize("chapter", REAL.chapters, ids=lambda chapter: chapter.id)
def test_finished_chapters_of_the_real_course_become_finished_ones(chapter: Chapter) -> None:
    """To the letter, comments and texts included: all that a learner has left of the course's own is translated."""
    other = translated(chapter, translations(entries(chapter)))
    here, there = ((learner_cells(each), learner_cells(each, finished(each))) for each in (chapter, other))
    assert keys(carried(here[1], here[0], there[0])) == keys(there[1])
    assert keys(carried(there[1], there[0], here[0])) == keys(here[1])


@pytest.mark.parametrize(
    ("learner", "expected"),
    [
        ("q = f(x)  # the queries\nprint('a')", "q = f(x)  # クエリ\nprint('あ')"),
        ("q = f(x)  # mine\nprint('a')", "q = f(x)  # mine\nprint('あ')"),
        ("q = f(x)\nprint('a')", "q = f(x)\nprint('あ')"),
        ("q = f(x)  # the queries", "q = f(x)  # クエリ"),
        ("y = 1\nq = f(y)  # the queries\nprint('b')", "y = 1\nq = f(y)  # クエリ\nprint('b')"),
        ("# the queries\nq = 3 +\nprint('a", "# the queries\nq = 3 +\nprint('a"),
    ],
)
def test_what_the_learner_changed_stays_and_the_rest_is_translated(learner: str, expected: str) -> None:
    english, japanese = (
        Cell("code", "q = ____  # the queries\nprint('a')"),
        Cell("code", "q = ____  # クエリ\nprint('あ')"),
    )
    assert in_other_words(english, Cell("code", learner), japanese).source == expected
    assert in_other_words(japanese, Cell("code", expected), english).source == learner


@pytest.mark.parametrize(
    ("learner", "expected"),
    [
        ("# Title\n\nFirst\nlines.\n\nmy note", "# 題\n\n最初。\n\nmy note"),
        ("my note\n\n# Title\n\nFirst\nlines.", "my note\n\n# 題\n\n最初。"),
        ("# Title\n\nFirst\nlines, changed.", "# 題\n\nFirst\nlines, changed."),
    ],
)
def test_a_note_in_the_courses_text_stays_where_it_is(learner: str, expected: str) -> None:
    english, japanese = Cell("markdown", "# Title\n\nFirst\nlines."), Cell("markdown", "# 題\n\n最初。")
    assert in_other_words(english, Cell("markdown", learner), japanese).source == expected


EDITS: tuple[tuple[str, str], ...] = (
    ("00.01", "len(word)"),
    ("00.01", "sum(1 for _ in word)"),
    ("00.02", "word[0]"),
    ("01.01", "x + x"),
    ("01.01", "torch.add(x, x)  # as I like it"),
    ("01.02", "values"),
)


@pytest.mark.parametrize("switches", [20, pytest.param(200, marks=pytest.mark.long)])
def test_many_switches_leave_answers_own_cells_and_ticks_as_they_are(course: Course, switches: int) -> None:
    """Between switches the learner answers, changes, empties, ticks, and writes and deletes cells, at random.

    `WORKSHOP_SEED` sets other dice.
    """
    dice, code = random.Random(os.environ.get("WORKSHOP_SEED", "1304")), "en"
    wanted: dict[str, list[str]] = {}
    for number in range(switches):
        for _ in range(dice.randrange(4)):
            what = dice.choice(["fill", "fill", "empty", "tick", "tick", "own", "delete", "note"])
            cells = cells_of(course, code)
            if what == "fill":
                fill(course, code, *dice.choice(EDITS))
            elif what == "empty" and own(course, code):
                write(course, code, replaced(cells, todo_cells(course, Pair(course.root, code, STEM)), {"00.02"}))
            elif what == "tick":
                item = dice.choice(["_01", "_02", "_r1"])
                tick(course, code, **{item: dice.random() < 0.7})
            elif what == "own":
                place = dice.randrange(1, len(cells) + 1)
                new = Cell(dice.choice(["code", "markdown"]), f"mine {number} = 'größer' # 自分の")
                write(course, code, (*cells[:place], new, *cells[place:]))
            elif what == "delete" and sum(each.startswith("mine") for each in own(course, code)) > 1:
                gone = dice.choice([each for each in own(course, code) if each.startswith("mine")])
                write(course, code, tuple(cell for cell in cells if cell.source != gone))
            elif what == "note":
                place = dice.choice([n for n, cell in enumerate(cells) if cell.kind == "markdown"])
                noted = Cell("markdown", f"{cells[place].source}\n\nmine {number} as a note")
                write(course, code, (*cells[:place], noted, *cells[place + 1 :]))
        wanted, marks, mine = answers(course, code), ticks(course, code), own(course, code)
        new = dice.choice([each for each in LANGUAGES if each != code])
        done = move(course, new)
        assert done.clashes == (), (number, code, new, describe(done))
        assert answers(course, new) == wanted, (number, code, new)
        assert ticks(course, new) == marks, (number, code, new)
        notes = [
            [line for text in each for line in text.split("\n") if "mine" in line] for each in (mine, own(course, new))
        ]
        assert notes[0] == notes[1], (number, code, new)
        code = new
    assert wanted
