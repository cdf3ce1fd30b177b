"""scripts/checkpoint.py: finishing everything before a chapter."""

from __future__ import annotations

import pytest

from kit.course.cells import Cell
from kit.course.chapter import Chapter, Exercise
from kit.course.course import Course
from kit.course.render import finished
from kit.errors import KitError
from kit.git import backup
from kit.learner.checkpoint import Checkpoint, finish_before
from kit.pairs import convert
from kit.pairs.sync import sync
from scripts.checkpoint import main
from tests.support.cell_edits import answers, code, put, tick, ticked
from tests.support.learner_files import files
from tests.support.pair_files import agree, cells, pair, save

RIGHT, WRONG = code("01.01", "doubled = x + x"), code("01.02", "def total(values):\n    return 7")


def passes(cells: list[tuple[Chapter, Exercise, str]]) -> list[bool]:
    """A judge for which `x + x` is right and everything else is wrong."""
    return ["x + x" in source for _, _, source in cells]


def never(cells: list[tuple[Chapter, Exercise, str]]) -> list[bool]:
    raise AssertionError("nothing is in question")


def test_what_is_blank_or_wrong_is_filled_in_and_what_is_right_stays(repository: Course) -> None:
    save(repository, "script", tick(put(cells(repository), RIGHT, WRONG), _02=True))
    sync(repository, pair(repository))
    before = files(repository.root)
    done = finish_before(repository, "2", "en", passes)
    chapter = repository.chapter("01")
    assert answers(agree(repository)) == {"01.01": RIGHT.source, "01.02": finished(chapter)["01.02"]}
    assert ticked(cells(repository)) == {"01.01", "01.02"}
    assert [(found.pair.id, found.filled, found.replaced) for found in done.chapters] == [
        ("00", ("00.01", "00.02"), ()),
        ("01", ("01.02",), ("01.02",)),
    ]
    assert done.backup is not None
    after = files(repository.root)
    assert finish_before(repository, "02", "en", passes) == Checkpoint()
    assert (files(repository.root), len(backup.backups(repository.root))) == (after, 1)
    backup.restore(repository.root, done.backup)
    assert files(repository.root) == before


def test_self_reported_items_and_own_cells_stay_and_later_chapters_too(repository: Course) -> None:
    own = Cell("code", "mine = 1")
    first, second = (repository.pairs() / f"ch0{n}.py" for n in ("0_first", "1_second"))
    start = convert.script_cells(first.read_bytes(), "")
    first.write_bytes(convert.script_bytes((*start[:4], own, *start[4:])))
    untouched = second.read_bytes()
    done = finish_before(repository, "ch01_second", "en", never)
    now = convert.script_cells(first.read_bytes(), "")
    assert convert.key(now[4]) == convert.key(own)
    assert answers(now) == finished(repository.chapter("00"))
    assert ticked(now) == {"00.01", "00.02"}
    assert second.read_bytes() == untouched
    assert len(done.chapters) == 1


def test_a_deleted_exercise_comes_back_and_a_missing_pair_is_made(repository: Course) -> None:
    first = repository.pairs() / "ch00_first.py"
    todo = convert.script_cells(first.read_bytes(), "")
    less = tuple(cell for cell in todo if cell.exercise != "00.01")
    first.write_bytes(convert.script_bytes(less))
    first.with_suffix(".ipynb").unlink()
    for path in (pair(repository).script, pair(repository).notebook):
        path.unlink()
    finish_before(repository, "02", "en", never)
    now = convert.script_cells(first.read_bytes(), "")
    assert [cell.exercise for cell in now] == [cell.exercise for cell in todo]
    assert answers(cells(repository)) == finished(repository.chapter("01"))
    assert agree(repository)


def test_before_the_first_chapter_there_is_nothing(
    repository: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository.root)
    before = files(repository.root)
    assert main(["00"]) == 0
    said = capsys.readouterr().out
    assert "no chapter comes before" in said and "workshop/en/ch00_first.py" in said
    assert files(repository.root) == before
    assert backup.backups(repository.root) == []


@pytest.mark.parametrize("argv", [["7"], ["nonsense"], ["01", "--lang", "xx"]])
def test_what_does_not_exist(repository: Course, monkeypatch: pytest.MonkeyPatch, argv: list[str]) -> None:
    monkeypatch.chdir(repository.root)
    assert main(argv) == 2


def test_without_git_nothing_is_written(course: Course) -> None:
    before = files(course.root)
    with pytest.raises(KitError):
        finish_before(course, "01", "en", never)
    assert files(course.root) == before


def test_the_real_judge_decides(repository: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.root)
    save(repository, "script", put(cells(repository), RIGHT, WRONG))
    sync(repository, pair(repository))
    assert main(["02"]) == 0
    assert answers(cells(repository)) == {"01.01": RIGHT.source, "01.02": finished(repository.chapter("01"))["01.02"]}
