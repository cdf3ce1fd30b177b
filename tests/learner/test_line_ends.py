"""A learner's files with Windows line endings: whatever wrote them, they mean the same, and no other is rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.course.cells import Cell
from kit.course.course import Course
from kit.git.worktree import open_clone
from kit.judge.judge import Judge
from kit.judge.records import Verdict
from kit.judge.trials.runners import ReplayRunner
from kit.judge.verdict_cache import verdict_cache
from kit.learner import save as saving
from kit.learner.check import from_pair
from kit.learner.checkpoint import finish_before
from kit.learner.reset import reset
from kit.learner.status import status
from kit.learner.update.merge_driver import merge_file
from kit.learner.update.update import Updated, update
from kit.learner.watch import Watch, answers_in
from kit.pairs import convert
from kit.pairs.sync import Synced, sync
from tests.support import fake_course, upstreams
from tests.support.cell_edits import answers, put, tick, ticked
from tests.support.course_changes import became
from tests.support.fake_course import git
from tests.support.pair_files import ANSWER, cells, pair, save
from tests.support.upstreams import CHANGES, START

ID = "01.01"


def windows(path: Path) -> None:
    """Write a file again as an editor on Windows may."""
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def ends(root: Path, *paths: str) -> set[str]:
    """The line endings of files as git keeps them: `i/lf`, `i/crlf`, `i/mixed`."""
    return {line.split()[0] for line in git(root, "ls-files", "--eol", "--", *paths).splitlines()}


@pytest.fixture(params=["lf in git", "autocrlf", "no attributes", "crlf in git"])
def here(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The course in a repository with one of four settings, checked out with Windows line endings."""
    course = fake_course.make_course(tmp_path / "course")
    root = course.root
    git(root, "init", "-q", "-b", "main")
    (root / ".gitignore").write_text(".workshop/\n")
    if request.param == "lf in git":
        (root / ".gitattributes").write_text("* text=auto eol=lf\n")
    files = [*course.pairs().glob("ch*"), *course.sources.glob("*.py"), root / "chapters.toml"]
    if request.param == "crlf in git":
        for path in files:
            windows(path)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    for key, value in (("user.name", "student-01"), ("user.email", "student-01@example.org")):
        git(root, "config", key, value)
    if request.param == "autocrlf":
        git(root, "config", "core.autocrlf", "true")
    for path in files:
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
    assert all(one.answer and lines[one.places[0].line - 1] == one.answer.source.split("\n")[0] for one in placed)
    watch = Watch(here, "en", Judge(ReplayRunner(here.root)), {path: {} for path in before})
    watch.known = {path: answers_in(path) for path in before}
    for path in before:
        path.write_bytes(before[path].replace(b"\r\n", b"\n"))
    assert not any(watch.edited(path) for path in before)
    for path in before:
        path.write_bytes(before[path])
    assert not any(watch.edited(path) for path in before)
    assert sync(here, pair(here)) == Synced(pair(here))
    assert status(here).next == "00.01"
    assert {path: path.read_bytes() for path in before} == before


def test_a_save_commits_the_answer_and_its_tick_and_nothing_else(here: Course) -> None:
    verdict_cache(here).keep([(Verdict(ID, "passed"), ANSWER.source)])
    save(here, "script", put(cells(here), ANSWER))
    windows(pair(here).script)
    done = saving.save(here)
    assert done.ticked == (ID,) and done.commit
    assert ends(here.root, "workshop/en/ch01_second.*") == {"i/lf"}
    numbers = git(here.root, "diff", "--ignore-cr-at-eol", "--numstat", "HEAD~1", "HEAD")
    changed = [line.split("\t") for line in numbers.splitlines()]
    assert {row[2] for row in changed} == {"workshop/en/ch01_second.py", "workshop/en/ch01_second.ipynb"}
    assert all(int(row[0]) <= 4 and int(row[1]) <= 4 for row in changed)
    assert saving.save(here).commit == ""
    assert not saving.edit_of(here, open_clone(here.root), sync(here, pair(here))).answers


def test_a_reset_of_one_exercise_leaves_the_rest(here: Course) -> None:
    save(here, "script", put(cells(here), ANSWER))
    sync(here, pair(here))
    windows(pair(here).script)
    assert reset(here, [ID]).paths == (pair(here).script, pair(here).notebook)
    assert all("____" in cell.source for cell in cells(here) if cell.exercise)


def test_a_later_save_is_a_line_for_a_tick(here: Course) -> None:
    verdict_cache(here).keep([(Verdict(ID, "passed"), ANSWER.source)])
    save(here, "script", put(cells(here), ANSWER))
    saving.save(here)
    for path in (pair(here).script, pair(here).notebook):
        windows(path)
    save(here, "script", tick(cells(here), r1=True))
    windows(pair(here).script)
    assert saving.save(here).commit
    numbers = git(here.root, "diff", "--numstat", "HEAD~1", "HEAD").splitlines()
    assert [line.split("\t")[0] for line in numbers] == ["1", "1"]


def test_a_jump_finishes_what_is_blank_and_keeps_the_rest(here: Course) -> None:
    mine = Cell("code", "mine = 1")
    save(here, "script", (*put(cells(here), ANSWER), mine))
    windows(pair(here).script)
    finish_before(here, "02", "en", lambda asked: [source == ANSWER.source for _, _, source in asked])
    now = cells(here)
    assert answers(now)[ID] == ANSWER.source and "\r" not in "".join(cell.source for cell in now)
    assert ticked(now) == {"01.01", "01.02"} and convert.key(now[-1]) == convert.key(mine)
    assert convert.keys(now) == convert.keys(cells(here, "notebook"))


@pytest.mark.parametrize("side", ["script", "notebook"])
def test_gits_own_merge_of_windows_text_comes_out_plain_and_the_same(course: Course, side: str) -> None:
    path = pair(course).script if side == "script" else pair(course).notebook
    base = path.read_bytes()
    save(course, side, tick(put(cells(course), ANSWER), _01=True))
    ours, theirs = path.read_bytes(), base.replace(b"Goal: double.", b"The goal: to double.")
    merged = merge_file(path.name, base, ours, theirs)
    assert b"to double" in merged.data and b"[x] 01.01" in merged.data and b"\r" not in merged.data
    assert merge_file(path.name, base, ours.replace(b"\n", b"\r\n"), theirs).data == merged.data


@pytest.fixture(params=["autocrlf", "attributes", "crlf on disk", "crlf in git"])
def student(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A learner's clone of an instructor's course, with Windows line endings in all its files."""
    teacher = upstreams.publish(tmp_path / "teacher")
    if request.param == "attributes":
        attributes = {".gitattributes": f"* text=auto eol=lf\n{START['.gitattributes']}"}
        monkeypatch.setattr(upstreams, "START", {**START, **attributes})
        upstreams.write(teacher.root, upstreams.START)
        upstreams.commit(teacher.root, "line ends")
    course = upstreams.fork(tmp_path / "student", teacher.root)
    if request.param == "autocrlf":
        git(course.root, "config", "core.autocrlf", "true")
    for name in git(course.root, "ls-files").splitlines():
        if name != ".gitattributes":
            windows(course.root / name)
    if request.param == "crlf in git":
        upstreams.commit(course.root, "saved on Windows")
        assert "i/crlf" in ends(course.root) and ends(course.root, "workshop", "checkpoints") == {"i/crlf"}
    monkeypatch.chdir(course.root)
    return course


@pytest.mark.parametrize("change", ["text", "added", "todo", "removed"])
def test_an_update_brings_plain_text_into_windows_files(student: Course, tmp_path: Path, change: str) -> None:
    save(student, "script", tick(put(cells(student), ANSWER), _01=True, r1=True))
    windows(pair(student).script)
    upstreams.write(tmp_path / "teacher", CHANGES[change](upstreams.START))
    upstreams.commit(tmp_path / "teacher", "newer")
    done = update(student)
    assert done.commit and done.overruled == () and done.clashes == ()
    now = cells(student)
    assert ticked(now) >= {"01.r1"} and convert.keys(now) == convert.keys(cells(student, "notebook"))
    new = became(change).get(ID)
    assert new is None or (answers(now)[new] == ANSWER.source and new in ticked(now))
    assert ends(student.root, "workshop/en/ch01_second.*") == {"i/lf"}
    theirs = git(student.root, "diff", "--ignore-cr-at-eol", "--numstat", "refs/workshop/upstream", "HEAD").splitlines()
    assert all(int(row.split("\t")[0]) <= 24 for row in theirs)
    changed = ("workshop/en/ch01_second.*", "checkpoints/ch01_second.py")
    assert git(student.root, "diff", "--stat", "--", *changed) == ""
    assert git(student.root, "diff", "--stat", "--ignore-cr-at-eol") == ""
    assert update(student) == Updated()
