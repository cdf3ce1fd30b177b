"""Work that no chapter counts is named, and what isn't work isn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.course.course import Course
from kit.forks import elsewhere
from kit.forks.cohort import CohortOptions, read_cohort
from kit.forks.records import Fork
from kit.sources.words import find_forks
from tests.support.forks import Files, answers, make_fork, notebook, pair, path_of, read_one, script, words

EN = "workshop/en"


def one(tmp_path: Path, course: Course, change: Files) -> Fork:
    """The record of a fork with the todo and then this change."""
    return read_one(course, make_fork(tmp_path / "student-01.git", course, change))


@pytest.mark.parametrize(
    "path",
    [
        f"{EN}/ch00_first-Copy1.ipynb",
        f"{EN}/ch00_first (1).ipynb",
        f"{EN}/ch00_mine.ipynb",
        f"{EN}/ch00_First.py",
        f"{EN}/Untitled.ipynb",
        f"{EN}/my_work/ch00_first.ipynb",
        "my_work/ch00_first.py",
        "my_work/week 1/first.ipynb",
        "workshop/my_work/ch00_first.py",
        "ch00_first.ipynb",
    ],
)
def test_work_in_another_file_is_named(tmp_path: Path, course: Course, path: str) -> None:
    chapter = course.chapter("00")
    done = answers(chapter, "00.01", "00.02")
    data = notebook(chapter, done) if path.endswith(".ipynb") else script(chapter, done)
    fork = one(tmp_path, course, {path: data})
    assert fork.chapters["00"].filled == ()
    assert fork.reason == f"work elsewhere, not counted: {path} has 2 exercises filled"


def test_what_is_counted_too_or_blank_or_the_courses_is_not_named(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    done = answers(chapter, "00.01")
    change: Files = {
        **pair(chapter, done),
        f"{EN}/ch00_first-Copy1.ipynb": notebook(chapter, done),
        f"{EN}/ch00_blank.py": script(chapter),
        "checkpoints/ch00_first.py": script(chapter, answers(chapter, "00.02")),
        "workshop/.ipynb_checkpoints/ch00_first.ipynb": notebook(chapter, answers(chapter, "00.02")),
        f"{EN}/.ipynb_checkpoints/ch00_first-checkpoint.ipynb": notebook(chapter, answers(chapter, "00.02")),
        "my_work/ch00_picture.py": b"\0\1",
        "my_work/ch00_broken.ipynb": b"{",
    }
    fork = one(tmp_path, course, change)
    assert fork.reason == ""
    assert fork.chapters["00"].filled == ("00.01",)


def test_the_notebooks_own_backups_are_no_language(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    hidden = {f"workshop/.ipynb_checkpoints/{path_of(chapter, '.ipynb').rpartition('/')[2]}": notebook(
        chapter, answers(chapter, "00.01", "00.02"), ["00.01"]
    )}  # fmt: skip
    progress = one(tmp_path, course, hidden).chapters["00"]
    assert (progress.filled, progress.ticked, progress.flags) == ((), (), ())


def test_only_so_many_files_and_folders_are_opened(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter = course.chapter("00")
    done = notebook(chapter, answers(chapter, "00.01"))
    many: Files = {f"d{n:02}/a{n:02}.ipynb": done for n in range(12)}
    fork = one(tmp_path / "1", course, many)
    assert fork.reason.count("work elsewhere") == elsewhere.MOST_NOTES
    monkeypatch.setattr(elsewhere, "MOST_FOLDERS", 2)
    assert one(tmp_path / "2", course, many).reason.count("work elsewhere") == 1  # in the root, and in one other
    monkeypatch.setattr(elsewhere, "MOST_FOLDERS", 60)
    monkeypatch.setattr(elsewhere, "MOST_FILES", 1)
    assert one(tmp_path / "3", course, many).reason.count("work elsewhere") == 1


def test_an_answer_in_another_cell_than_its_check(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    text = script(chapter, answers(chapter, "00.01")).decode()
    apart = text.replace('check("00.01")', '\n# %% [markdown]\n# So:\n\n# %%\ncheck("00.01")')
    assert apart != text
    fork = one(tmp_path / "1", course, {path_of(chapter, ".py"): apart.encode()})
    assert words(fork.chapters["00"]) == ["answer not in its cell 00.01", "pair stale"]
    assert fork.chapters["00"].flags[0].line > 0
    deleted = text.replace("# mine\nlength = len(word)  # how many letters?\n", "")
    fork = one(tmp_path / "2", course, {path_of(chapter, ".py"): deleted.encode()})
    assert "answer not in its cell 00.01" not in words(fork.chapters["00"])


def test_a_folder_with_very_many_files_is_read(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    many: Files = {f"{EN}/data-{n:05}-{'x' * 20}.txt": b"x" for n in range(30_000)}
    path = make_fork(tmp_path / "a", course, {**pair(chapter, answers(chapter, "00.01")), **many})
    (fork,) = read_cohort(course, find_forks([str(path)])).forks
    assert (fork.status, fork.chapters["00"].filled) == ("ok", ("00.01",))


def test_a_folder_that_is_too_large_is_called_that(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.forks.objects.LARGEST_TREE", 10)
    fork: Fork = one(tmp_path, course, {"a": b"1"})
    assert fork.status == "unreadable"
    assert "too many files" in fork.reason


def test_a_filled_exercise_beside_a_blank_one_goes_to_the_judge_without_it(tmp_path: Path, course: Course) -> None:
    chapter = course.chapter("00")
    todo = chapter.exercise("00.02").todo.replace('check("00.02")', "").strip()
    text = script(chapter, {"00.01": f'length = 5\n{todo}\ncheck("00.01")\ncheck("00.02")'}).decode()
    own = text.rindex(f"# %%\n{chapter.exercise('00.02').todo}")
    text = text[:own] + text[text.index("# %% [markdown]\n# - [", own) :]
    path = make_fork(tmp_path / "a", course, {path_of(chapter, ".py"): text.encode(), path_of(chapter, ".ipynb"): None})
    cohort = read_cohort(course, find_forks([str(path)]), CohortOptions(cells=True))
    assert cohort.forks[0].chapters["00"].filled == ("00.01",)
    ((cell,),) = cohort.cells[0].values()
    assert "____" not in cell
    assert "length = 5" in cell
