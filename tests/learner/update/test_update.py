"""scripts/update.py on real repositories: an instructor's, and a student's clone or copy of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kit.course.answers import CONFLICT
from kit.course.cells import Cell
from kit.course.course import ROOT, Course
from kit.git import backup
from kit.learner.update import archive
from kit.learner.update.editions import successor
from kit.learner.update.plan import RevisedChapter
from kit.learner.update.revise import RemovedWork, Revision
from kit.learner.update.update import describe_chapters
from kit.pairs import convert
from kit.pairs.pair import Pair
from scripts.update import main
from tests.support import upstreams
from tests.support.cell_edits import answers, code, put, tick, ticked
from tests.support.course_changes import became
from tests.support.fake_course import git
from tests.support.learner_files import in_backups, killed
from tests.support.upstreams import CHANGES, MORE, START, Files

Cells = tuple[Cell, ...]
MINE = (code("01.01", "doubled = x + x"), code("01.02", "def total(values):\n    return sum(values)"))
STEMS = {"slug": "ch01_next", "inserted": "ch02_second"}


@pytest.fixture
def teacher(tmp_path: Path) -> Course:
    return upstreams.publish(tmp_path / "teacher")


@pytest.fixture
def student(tmp_path: Path, teacher: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    course = upstreams.fork(tmp_path / "student", teacher.root)
    monkeypatch.chdir(course.root)
    return course


def release(teacher: Course, files: Files) -> None:
    """Publish this as the instructor."""
    upstreams.write(teacher.root, files)
    upstreams.commit(teacher.root, "a newer release")


def cells(root: Path, stem: str = "ch01_second") -> Cells:
    """What a pair says; both files must agree."""
    pair = Pair(root, "en", stem)
    script = convert.script_cells(pair.script.read_bytes(), "")
    assert convert.keys(convert.notebook_cells(pair.notebook.read_bytes(), "")) == convert.keys(script)
    assert not CONFLICT.search(pair.script.read_text())
    return script


def work(student: Course, *new: Cell, **ticks: bool) -> None:
    """Answers in the `.py` and the same in the notebook."""
    pair = Pair(student.root, "en", "ch01_second")
    done = tick(put(cells(student.root), *new), **ticks)
    pair.script.write_bytes(convert.script_bytes(done))
    pair.notebook.write_bytes(convert.notebook_bytes(done, "01", pair.notebook.read_bytes()))


def parents(root: Path) -> list[str]:
    return git(root, "log", "-1", "--format=%P").split()


def status(root: Path) -> list[str]:
    return git(root, "status", "--porcelain").splitlines()


# What arrives, and what stays -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [*CHANGES, *MORE])
def test_a_newer_course_arrives_and_nothing_is_lost(teacher: Course, student: Course, change: str) -> None:
    work(student, MINE[0], _01=True)
    upstreams.commit(student.root, "one answer")
    work(student, MINE[1], _02=True, r1=True)  # not committed
    head = git(student.root, "rev-parse", "HEAD").strip()
    release(teacher, {**CHANGES, **MORE}[change](START))
    assert main([]) == 0
    assert parents(student.root) == [head, git(teacher.root, "rev-parse", "HEAD").strip()]
    assert [line for line in status(student.root) if change != "chapter" or "ch01_second" not in line] == []
    kept = archive.archive_path(student.root, "en")
    text = kept.read_text() if kept.exists() else ""
    now = cells(student.root, STEMS.get(change, "ch01_second")) if change != "dropped" else ()
    for cell in MINE:
        new = became(change).get(cell.exercise)
        assert answers(now)[new].split("check(")[0] == cell.source.split("check(")[0] if new else cell.source in text
    for item_id in ("01.01", "01.02", "01.r1"):
        new = became(change).get(item_id)
        assert new in ticked(now) if new else f"- [x] {item_id}" in text
    derived = set(git(teacher.root, "ls-files").splitlines())
    assert set(git(student.root, "ls-files").splitlines()) - {f"workshop/en/{archive.NAME}"} == derived
    after = git(student.root, "rev-parse", "HEAD")
    assert main([]) == 0
    assert git(student.root, "rev-parse", "HEAD") == after
    kinds = {saved.kind for saved in backup.backups(student.root)}  # where a file was overwritten
    assert kinds == (set() if change in ("chapter", "todo") else {"update"})


@pytest.mark.parametrize("change", ["renumbered", "removed", "todo"])
def test_a_copy_without_the_courses_history_is_updated_too(teacher: Course, tmp_path: Path, change: str) -> None:
    release(teacher, upstreams.added(START))  # the copy is made from the second of three releases
    copy = upstreams.fork(tmp_path / "copy", teacher.root, related=False)
    work(copy, *MINE, _01=True, r1=True)
    upstreams.commit(copy.root, "answers")
    release(teacher, CHANGES[change](START))
    done = subprocess.run([sys.executable, ROOT / "scripts" / "update.py"], cwd=copy.root, check=False)
    assert done.returncode == 0
    now, text = cells(copy.root), "".join(path.read_text() for path in copy.root.glob("workshop/en/archive.md"))
    for cell in MINE:
        new = became(change).get(cell.exercise)
        assert answers(now)[new].split("check(")[0] == cell.source.split("check(")[0] if new else cell.source in text
    assert set(answers(now)) == set(answers(cells(teacher.root)))
    assert parents(copy.root)[1] == git(teacher.root, "rev-parse", "HEAD").strip()


def test_release_after_release(teacher: Course, student: Course) -> None:
    work(student, *MINE, _01=True)
    release(teacher, upstreams.renumbered(START))
    assert main([]) == 0
    release(teacher, CHANGES["text"](upstreams.renumbered(START)))
    assert main([]) == 0
    release(teacher, upstreams.slug(upstreams.renumbered(START)))
    assert main([]) == 0
    now = cells(student.root, "ch01_next")
    assert answers(now)["01.02"].startswith("doubled = x + x")
    assert ticked(now) == {"01.02"}
    assert not Pair(student.root, "en", "ch01_second").script.exists()


def test_two_files_that_differ_are_brought_together_first(teacher: Course, student: Course) -> None:
    pair = Pair(student.root, "en", "ch01_second")
    todo = cells(student.root)
    pair.script.write_bytes(convert.script_bytes(put(todo, MINE[0])))
    pair.notebook.write_bytes(convert.notebook_bytes(tick(put(todo, MINE[1]), r1=True), "01"))
    release(teacher, CHANGES["text"](START))
    assert main([]) == 0
    now = cells(student.root)
    assert (answers(now), ticked(now)) == ({cell.exercise: cell.source for cell in MINE}, {"01.r1"})


def test_two_versions_are_kept_where_both_have_rewritten_a_text(teacher: Course, student: Course) -> None:
    todo = cells(student.root)
    pair = Pair(student.root, "en", "ch01_second")
    mine = tuple(Cell(c.kind, c.source.replace("Goal: double.", "My goal: sleep."), c.line) for c in todo)
    pair.script.write_bytes(convert.script_bytes(mine))
    release(teacher, CHANGES["text"](START))
    assert main([]) == 1
    both = "".join(cell.source for cell in cells(student.root))
    assert ("The goal: to double." in both, "#   My goal: sleep." in both) == (True, True)


def test_the_backup_brings_the_learners_files_back(teacher: Course, student: Course) -> None:
    work(student, *MINE, _01=True)
    before = {path: path.read_bytes() for path in student.root.glob("workshop/en/ch01*")}
    release(teacher, upstreams.slug(START))
    assert main([]) == 0
    backup.restore(student.root, backup.backups(student.root)[-1])
    assert {path: path.read_bytes() for path in student.root.glob("workshop/en/ch01*")} == before


# The course's other files ---------------------------------------------------------------------------------------------


def test_an_edit_of_a_course_file_is_merged_and_yields_where_both_touch(teacher: Course, student: Course) -> None:
    tool = student.root / "kit" / "tool.py"
    tool.write_text(START["kit/tool.py"].replace("last = 9", "last = 10"))
    upstreams.commit(student.root, "my own")
    release(teacher, {**START, "kit/tool.py": START["kit/tool.py"].replace("one = 1", "one = 0"), "docs/a.md": "new\n"})
    assert main([]) == 0
    assert tool.read_text() == START["kit/tool.py"].replace("one = 1", "one = 0").replace("last = 9", "last = 10")
    assert (student.root / "docs" / "a.md").read_text() == "new\n"
    tool.write_text("one = 'mine'\n")
    upstreams.commit(student.root, "my own again")
    git(teacher.root, "rm", "-q", "docs/a.md")
    release(teacher, {**START, "kit/tool.py": "one = 'theirs'\n"})
    assert main([]) == 0
    assert tool.read_text() == "one = 'theirs'\n"
    assert ("kit/tool.py", b"one = 'mine'\n") in in_backups(student.root)
    assert not (student.root / "docs").exists()
    assert status(student.root) == []


def test_a_program_stays_a_program(teacher: Course, student: Course) -> None:
    upstreams.write(teacher.root, {**START, "scripts/run.sh": "#!/bin/sh\n"})
    (teacher.root / "scripts" / "run.sh").chmod(0o755)
    upstreams.commit(teacher.root, "a program")
    assert main([]) == 0
    assert (student.root / "scripts" / "run.sh").stat().st_mode & 0o111
    assert status(student.root) == []


@pytest.mark.parametrize("path", ["kit/tool.py", "docs/new.md"])
def test_what_is_not_committed_is_not_overwritten(teacher: Course, student: Course, path: str) -> None:
    (student.root / path).parent.mkdir(exist_ok=True)
    (student.root / path).write_text("mine, not committed\n")
    work(student, MINE[0])
    before, head = status(student.root), git(student.root, "rev-parse", "HEAD")
    release(teacher, {**CHANGES["text"](START), path: "theirs\n"})
    assert main([]) == 2
    assert (status(student.root), git(student.root, "rev-parse", "HEAD")) == (before, head)
    assert (student.root / path).read_text() == "mine, not committed\n"


def test_what_the_course_has_not_changed_stays_uncommitted(teacher: Course, student: Course) -> None:
    (student.root / "kit" / "tool.py").write_text("mine\n")
    (student.root / "requirements.txt").write_text("staged\n")
    git(student.root, "add", "requirements.txt")
    first = student.root / "workshop" / "en" / "ch00_first.py"
    first.write_text(first.read_text() + "\n# %%\nmine = 1\n")
    release(teacher, CHANGES["text"](START))
    assert main([]) == 0
    assert status(student.root) == [" M kit/tool.py", "M  requirements.txt", " M workshop/en/ch00_first.py"]


# Refusals -------------------------------------------------------------------------------------------------------------


def test_in_the_middle_of_a_merge(teacher: Course, student: Course) -> None:
    (student.root / "kit" / "tool.py").write_text("mine\n")
    upstreams.commit(student.root, "mine")
    release(teacher, {**START, "kit/tool.py": "theirs\n"})
    git(student.root, "fetch", "-q", "upstream")
    assert subprocess.run(["git", "merge", "-q", "upstream/main"], cwd=student.root, check=False).returncode == 1
    before = status(student.root)
    assert main([]) == 2
    assert status(student.root) == before


@pytest.mark.parametrize("argv", [["no-such-folder"], ["file:///no/such/place"], ["--upload-pack=touch broken"]])
def test_a_source_that_is_not_there(student: Course, argv: list[str]) -> None:
    head = git(student.root, "rev-parse", "HEAD")
    assert main(argv) == 2
    assert git(student.root, "rev-parse", "HEAD") == head
    assert status(student.root) == []


def test_without_a_remote_a_source_can_be_named(teacher: Course, student: Course) -> None:
    git(student.root, "remote", "remove", "upstream")
    release(teacher, CHANGES["text"](START))
    assert main([]) == 2
    assert main([str(teacher.root)]) == 0
    assert len(parents(student.root)) == 2


def test_another_course_altogether(student: Course, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "README.md").write_text("something else\n")
    git(other, "init", "-q", "-b", "main")
    upstreams.commit(other, "start")
    assert main([str(other)]) == 2
    assert status(student.root) == []


def test_no_name_to_commit_with(
    teacher: Course, student: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(student.root, "config", "--unset", "user.name")
    release(teacher, CHANGES["text"](START))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.delenv("GIT_COMMITTER_NAME", raising=False)
    assert main([]) == 2
    assert status(student.root) == []


def test_no_repository_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = upstreams.write(tmp_path / "plain", START)
    monkeypatch.chdir(course.root)
    assert main(["anywhere"]) == 2


@pytest.mark.parametrize(
    ("stem", "after", "wanted"),
    [
        ("ch06_head", ["ch06_head", "ch07_head"], "ch06_head"),
        ("ch06_head", ["ch06_new", "ch07_head"], "ch07_head"),
        ("ch06_head", ["ch05_norm", "ch06_attention"], "ch06_attention"),
        ("ch06_head", ["ch05_norm"], None),
        ("ch06_head", ["ch06_norm"], None),
    ],
)
def test_which_chapter_has_become_which(stem: str, after: list[str], wanted: str | None) -> None:
    before = [("en", "ch05_norm"), ("en", "ch06_head"), ("ja", "ch06_head")]
    found = successor(("en", stem), before, [("en", name) for name in after] + [("ja", "ch06_head")])
    assert found == (("en", wanted) if wanted else None)


# Killed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "stride"), [("removed", 11), ("inserted", 25), ("renumbered", 0)])
def test_a_killed_update_loses_nothing_and_can_be_run_again(
    teacher: Course, student: Course, fast: Path, change: str, stride: int
) -> None:
    work(student, MINE[0], _01=True)
    upstreams.commit(student.root, "one answer")
    work(student, MINE[1], r1=True)
    release(teacher, {**CHANGES, **MORE}[change](START) | {"kit/tool.py": "new\n"})
    before = {path.name: path.read_bytes() for path in student.root.glob("workshop/en/ch*")}
    whole = fast / "whole"
    shutil.copytree(student.root, whole)
    subprocess.run([sys.executable, ROOT / "scripts" / "update.py"], cwd=whole, check=True, capture_output=True)
    wanted = {path.name: path.read_bytes() for path in whole.glob("workshop/en/*")}
    runs = fast / "runs"
    runs.mkdir()
    if stride:
        statuses = killed("steps", "update", [], student.root, runs, stride=stride)
        assert (statuses.count(-9) > 3, statuses[-1]) == (True, 0)
    else:
        statuses = killed("random", "update", [], student.root, runs, runs=20)
        assert statuses.count(-9) > 3
    for number in range(len(statuses)):
        root = runs / str(number)
        held = {name.rsplit("/", 1)[1]: data for name, data in in_backups(root)}
        for name, data in before.items():
            path = root / "workshop" / "en" / name
            assert (path.exists() and path.read_bytes() in (data, wanted.get(name))) or held.get(name) == data
            assert held.get(name, data) == data
    assert set(killed("rerun", "update", [], student.root, runs)) == {0}
    for number in range(len(statuses)):
        root = runs / str(number)
        found = {path.name: path.read_bytes().rstrip() for path in root.glob("workshop/en/*")}
        assert found == {name: data.rstrip() for name, data in wanted.items()}
        assert status(root) == []
        assert len(parents(root)) == 2


# The merge driver, called by git --------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "chapter"])
def test_a_plain_pull_merges_by_exercise(teacher: Course, student: Course, change: str) -> None:
    work(student, *MINE, _01=True, r1=True)
    upstreams.commit(student.root, "answers")
    program = f"env PYTHONPATH='{ROOT}' '{sys.executable}' '{ROOT}/scripts/merge_driver.py' %O %A %B %P"
    git(student.root, "config", "merge.workshop.driver", program)
    release(teacher, CHANGES[change](START))
    git(student.root, "pull", "-q", "--no-rebase", "--no-edit", "upstream", "main")
    assert (len(parents(student.root)), status(student.root)) == (2, [])
    now = cells(student.root, STEMS.get(change, "ch01_second"))
    for cell in MINE:
        new = became(change).get(cell.exercise)
        text = answers(now)[new] if new else "".join(c.source for c in now).replace("#   ", "")
        assert cell.source.split("check(")[0] in text
    assert {became(change).get(item_id) for item_id in ("01.01", "01.r1")} - {None} == ticked(now)


def test_what_a_chapter_that_is_gone_had_of_the_learners_own() -> None:
    own = archive.own_cells([Cell("code", "mine = 1"), Cell("markdown", "A note."), Cell("code", "")])
    assert own == [RemovedWork("own cell", "", "mine = 1"), RemovedWork("own cell", "", "# %% [markdown]\nA note.")]


def test_what_is_the_same_in_every_language_is_said_once() -> None:
    def chapter(language: str, stem: str, kept: tuple[str, ...] = ()) -> RevisedChapter:
        return RevisedChapter((language, stem), (language, stem), Revision((), kept=kept))

    changed = ("00.03",)
    lines = describe_chapters(
        [
            chapter("bn", "ch00_first"),
            chapter("en", "ch00_first", changed),
            chapter("en", "ch01_second"),
            chapter("ja", "ch00_first", changed),
            chapter("ja", "ch01_second"),
        ]
    )
    assert [line.split()[0] for line in lines] == ["ch00_first:", "00.03", "ch01_second:"]
