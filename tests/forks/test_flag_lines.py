from __future__ import annotations

from pathlib import Path

import pytest

from kit.course.course import Course
from kit.forks.flag_lines import with_line
from kit.forks.listing import ChapterFile
from kit.pairs.progress import EQUAL, Flag
from tests.support.forks import Files, answers, make_fork, notebook, pair, path_of, read_one, script

PY, BOOK = "workshop/en/ch00_first.py", "workshop/en/ch00_first.ipynb"


def found(tmp_path: Path, course: Course, change: Files) -> dict[str, tuple[str, int]]:
    """Where each flag of chapter 00 points in a fork with this change."""
    progress = read_one(course, make_fork(tmp_path / "a.git", course, change)).chapters["00"]
    return {flag.word: (flag.path, flag.line) for flag in progress.flags}


def line(data: bytes, text: str, place: int = 1) -> int:
    """The line of the `place`-th line that holds a text."""
    return [n for n, each in enumerate(data.decode().splitlines(), 1) if text in each][place - 1]


def test_ticked_but_blank(tmp_path: Path, course: Course) -> None:
    change = pair(course.chapter("00"), {}, ["00.02"])
    data = change[PY]
    assert data
    assert found(tmp_path, course, change) == {"ticked but blank": (PY, line(data, 'check("00.02")'))}


def test_pair_differs(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    text = script(chapter, {"00.01": 'length = 5\ncheck("00.01")'})
    change: Files = {PY: text, BOOK: notebook(chapter, {"00.01": 'length = 6\ncheck("00.01")'})}
    assert found(tmp_path, course, change) == {"pair differs": (PY, line(text, 'check("00.01")'))}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_conflict(tmp_path: Path, course: Course, end: bytes) -> None:
    text = script(course.chapter("00")) + b"\n# %%\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n"
    assert found(tmp_path, course, {PY: text.replace(b"\n", end)}) == {"conflict": (PY, line(text, "<<<<<<<"))}


def test_conflict_in_the_notebook(tmp_path: Path, course: Course) -> None:
    text = notebook(course.chapter("00")).replace(b"{\n", b"<<<<<<< HEAD\n{\n=======\n{\n>>>>>>> x\n", 1)
    assert found(tmp_path, course, {BOOK: text}) == {"conflict": (BOOK, 1)}


def test_duplicates_are_cited_at_their_second_place(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    text = script(chapter) + b"\n# %%\nx = 1\ncheck('00.01')\n\n# %% [markdown]\n# - [x] 00.02 again\n"
    flags = found(tmp_path, course, {PY: text})
    assert flags["exercise 00.01 twice"] == (PY, line(text, "check('00.01')"))
    assert flags["item 00.02 ambiguous"] == (PY, line(text, "00.02 again"))


def test_odd_ticks_and_unknown_ids(tmp_path: Path, course: Course) -> None:
    text = script(course.chapter("00")).decode().replace("- [ ] 00.01", "- [✓] 00.01")
    text += '\n# %%\ny = 1\ncheck("00.99")\n\n# %% [markdown]\n# - [ ] 00.r9 mine\n'
    flags = found(tmp_path, course, {PY: text.encode()})
    assert flags["item 00.01 odd tick [✓]"] == (PY, line(text.encode(), "[✓]"))
    assert flags["unknown exercise"] == (PY, line(text.encode(), 'check("00.99")'))
    assert flags["unknown item"] == (PY, line(text.encode(), "00.r9"))


def test_equal_begins_at_the_first_exercise(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    change = pair(chapter, {exercise.id: exercise.code for exercise in chapter.exercises})
    assert change[PY]
    assert found(tmp_path, course, change) == {EQUAL: (PY, line(change[PY] or b"", 'check("00.01")'))}


def test_only_a_notebook(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    text = notebook(chapter, {}, ["00.01"])
    flags = found(tmp_path, course, {path_of(chapter, ".py"): None, BOOK: text})
    assert flags["ticked but blank"] == (BOOK, line(text, 'check(\\"00.01\\")'))
    assert flags["script missing"] == ("", 0)


def test_what_has_no_line() -> None:
    file = ChapterFile("00", "en", "ch00_a.py", "1" * 40, "symlink")
    flags = (Flag("symlink"), Flag("missing"), Flag("ticked but blank", ("00.01",)))
    seen = with_line(flags, [file], "00.01", lambda file: 1 / 0)  # type: ignore[arg-type, return-value]
    assert [(flag.path, flag.line) for flag in seen] == [("workshop/en/ch00_a.py", 0), ("", 0), ("", 0)]


def test_names_are_made_harmless() -> None:
    file = ChapterFile("00", "en", "ch00_\x1b[31m.py", "1" * 40)
    (flag,) = with_line([Flag("conflict")], [file], "", lambda file: "<<<<<<< a")
    assert (flag.line, "\x1b" in flag.path) == (1, False)


def test_hostile_text_costs_no_time(course: Course) -> None:
    import time

    text = ("<input checkbox " * 20_000) + "\n" + "check(" * 50_000 + "\n" + "[" * 100_000
    flags = [Flag("unknown item", ("00.99",)), Flag("item 00.01 ambiguous"), Flag("pair differs", ("00.01",))]
    start = time.process_time()
    seen = with_line(flags, [ChapterFile("00", "en", "ch00_a.py", "1" * 40)], "00.01", lambda file: text)
    assert time.process_time() - start < 5
    assert {flag.line for flag in seen} == {0}
    assert answers(course.chapter("00"), "00.01")
