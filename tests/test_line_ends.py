"""A learner's files with Windows line ends: whatever wrote them, they mean the same, and nothing else is rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit import save as saving
from kit.clone import open_clone
from kit.course import Course
from kit.finding import from_pair
from kit.judge import Judge
from kit.observer import ReplayObserver
from kit.remembered import recall
from kit.reset import reset
from kit.standing import standing
from kit.sync import Synced, sync
from kit.verdict import Verdict
from kit.watch import Watch
from tests import fake
from tests.fake import git
from tests.test_pair import ANSWER, cells, pair, put, save

ID = "01.01"


def windows(path: Path) -> None:
    """Write a file again as an editor on Windows may."""
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


@pytest.fixture(params=["lf in git", "autocrlf", "no attributes"])
def here(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The course in a repository with one of three settings, a checkout with Windows line ends in all chapters."""
    course = fake.make_course(tmp_path / "course")
    root = course.root
    git(root, "init", "-q", "-b", "main")
    (root / ".gitignore").write_text(".workshop/\n")
    if request.param == "lf in git":
        (root / ".gitattributes").write_text("* text=auto eol=lf\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    for key, value in (("user.name", "student-01"), ("user.email", "student-01@example.org")):
        git(root, "config", key, value)
    if request.param == "autocrlf":
        git(root, "config", "core.autocrlf", "true")
    for path in course.pairs().glob("ch*"):
        windows(path)
    monkeypatch.chdir(root)
    monkeypatch.setenv("HOME", str(tmp_path))
    return course


def test_reading_syncing_and_watching_see_no_change(here: Course) -> None:
    before = {path: path.read_bytes() for path in here.pairs().glob("ch*")}
    exercises = here.chapter("01").exercises
    placed = from_pair(here.pairs() / "ch01_second", exercises)
    assert all(one.answer is not None and "\r" not in one.answer.source for one in placed)
    lines = pair(here).script.read_text().split("\n")
    assert all(one.answer and lines[one.line - 1] == one.answer.source.split("\n")[0] for one in placed)
    watch = Watch(here, "en", Judge(ReplayObserver(here.root)), {path: {} for path in before})
    watch.known = {path: watch.cells(path) for path in before}
    for path in before:
        path.write_bytes(before[path].replace(b"\r\n", b"\n"))
    assert watch.touched(before) == []
    for path in before:
        path.write_bytes(before[path])
    assert watch.touched(before) == []
    assert sync(here, pair(here)) == Synced(pair(here))
    assert standing(here).next == "00.01"
    assert {path: path.read_bytes() for path in before} == before


def test_a_save_commits_the_answer_and_its_tick_and_nothing_else(here: Course) -> None:
    recall(here).keep([(Verdict(ID, "passed"), ANSWER.source)])
    save(here, "script", put(cells(here), ANSWER))
    windows(pair(here).script)
    done = saving.save(here)
    assert done.ticked == (ID,) and done.commit
    for name in ("ch01_second.py", "ch01_second.ipynb"):
        assert "\r" not in git(here.root, "show", f"HEAD:workshop/en/{name}")
    changed = [line.split("\t") for line in git(here.root, "diff", "--numstat", "HEAD~1").splitlines()]
    assert {row[2] for row in changed} == {"workshop/en/ch01_second.py", "workshop/en/ch01_second.ipynb"}
    assert all(int(row[0]) <= 4 and int(row[1]) <= 4 for row in changed)
    assert saving.save(here).commit == ""
    assert not saving.needs_judge(here, open_clone(here.root), recall(here))


def test_a_reset_of_one_exercise_leaves_the_rest(here: Course) -> None:
    save(here, "script", put(cells(here), ANSWER))
    sync(here, pair(here))
    windows(pair(here).script)
    assert reset(here, [ID]).paths == (pair(here).script, pair(here).notebook)
    assert all("____" in cell.source for cell in cells(here) if cell.exercise)
