from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kit import files as disk
from kit.course.answers import read_file
from kit.course.cells import Cell, to_percent
from kit.course.course import Course
from kit.course.notebook import to_notebook
from kit.course.render import learner_cells
from kit.errors import KitError
from kit.git import backup
from kit.learner.reset import Reset, reset
from kit.pairs import convert
from kit.pairs.pair import Pair
from kit.pairs.sync import sync
from scripts.reset_to_todo import main
from tests.support import fake_course
from tests.support.cell_edits import answers, code, put, tick, ticked
from tests.support.fake_course import git
from tests.support.file_stamp import stamp
from tests.support.learner_files import Files, files, in_backups, killed
from tests.support.pair_files import ANSWER, OTHER, cells, pair, save


def bare(course: Course) -> Files:
    """The bytes of all of a learner's files at their todo."""
    found: Files = {}
    for chapter in course.chapters:
        name = f"workshop/en/{chapter.entry.stem}"
        found[f"{name}.ipynb"] = to_notebook(learner_cells(chapter), chapter.id).encode()
        found[f"{name}.py"] = to_percent(learner_cells(chapter)).encode()
    return dict(sorted(found.items()))


def fill(course: Course) -> Files:
    """Fill and tick both chapters, differently on the two sides, with cells of their own; nothing is committed."""
    start = cells(course)
    save(course, "script", (*tick(put(start, ANSWER, OTHER), _01=True, r1=True), Cell("code", "mine = 1")))
    save(course, "notebook", tick(put(start, code("01.01", "doubled = 2 * x"), OTHER), _01=True, _02=True))
    fake_course.write_pair(course, "00", {"00.01": 'length = 5\ncheck("00.01")'}, ("00.01",))
    return files(course.root)


def git_state(root: Path) -> tuple[object, ...]:
    """HEAD, the branches and the index."""
    folder = root / ".git"
    heads = {path.name: path.read_bytes() for path in (folder / "refs" / "heads").iterdir()}
    index = folder / "index"
    return (folder / "HEAD").read_bytes(), heads, index.read_bytes() if index.exists() else None


def run(course: Course, monkeypatch: pytest.MonkeyPatch, *argv: str) -> int:
    monkeypatch.chdir(course.root)
    return main(list(argv))


def test_a_chapter_becomes_the_todo_of_the_build_and_comes_back(
    repository: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fill(repository)
    state = git_state(repository.root)
    assert run(repository, monkeypatch, "1") == 0
    name = backup.backups(repository.root)[-1].name
    assert f"python scripts/reset_to_todo.py --restore {name}" in capsys.readouterr().out
    after = files(repository.root)
    wanted = bare(repository)
    assert {path for path in after if after[path] == wanted[path]} == {path for path in after if "ch01" in path}
    assert {path for path in after if after[path] == before[path]} == {path for path in after if "ch00" in path}
    assert run(repository, monkeypatch, "--restore", name) == 0
    assert files(repository.root) == before
    assert run(repository, monkeypatch, "--restore") == 0
    assert files(repository.root) == before
    assert git_state(repository.root) == state


def test_all_of_it_and_a_second_time_nothing(repository: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(repository)
    assert run(repository, monkeypatch, "--all") == 0
    assert files(repository.root) == bare(repository)
    refs = backup.backups(repository.root)
    assert sorted(refs[0].paths) == [path for path in sorted(refs[0].paths) if path in bare(repository)]
    times = {path: stamp(path) for path in (repository.root / "workshop" / "en").iterdir()}
    assert run(repository, monkeypatch, "--all") == 0
    assert backup.backups(repository.root) == refs
    assert {path: stamp(path) for path in times} == times


@pytest.mark.parametrize("side", ["script", "notebook"])
def test_an_exercise_and_its_tick_alone(repository: Course, side: str) -> None:
    fill(repository)
    before = cells(repository, side)
    done = reset(repository, ["01.01"])
    assert [path.name for path in done.paths] == ["ch01_second.py", "ch01_second.ipynb"]
    start = answers(convert.script_cells(bare(repository)["workshop/en/ch01_second.py"], ""))
    after = cells(repository, side)
    assert convert.keys(after) == convert.keys(tick(put(before, Cell("code", start["01.01"])), _01=False))
    assert ticked(after) == ticked(before) - {"01.01"}
    assert reset(repository, ["01.01"]) == Reset()
    assert done.backup is not None
    backup.restore(repository.root, done.backup)
    assert convert.keys(cells(repository, side)) == convert.keys(before)


def test_an_exercise_keeps_the_outputs_and_ids_of_the_other_cells(repository: Course) -> None:
    fill(repository)
    notebook = pair(repository).notebook
    document = json.loads(notebook.read_bytes())
    for raw in document["cells"]:
        if raw["cell_type"] == "code":
            raw["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}]
    notebook.write_text(json.dumps(document))
    reset(repository, ["01.01"])
    after = json.loads(notebook.read_bytes())["cells"]
    assert [raw["id"] for raw in after] == [raw["id"] for raw in document["cells"]]
    changed = [raw["id"] for raw, old in zip(after, document["cells"], strict=True) if raw != old]
    assert changed[0] == "ex-01-01"
    assert len(changed) == 2


def test_an_exercise_whose_cell_is_gone_comes_back_at_its_place(repository: Course) -> None:
    start = cells(repository)
    for side in ("script", "notebook"):
        save(repository, side, tuple(cell for cell in start if cell.exercise != "01.01"))
    reset(repository, ["01.01"])
    for side in ("script", "notebook"):
        assert convert.keys(cells(repository, side)) == convert.keys(start)


@pytest.mark.parametrize("data", [None, b"{", b""])
def test_an_exercise_beside_a_missing_or_damaged_notebook(repository: Course, data: bytes | None) -> None:
    fill(repository)
    pair(repository).notebook.unlink()
    if data is not None:
        pair(repository).notebook.write_bytes(data)
    done = reset(repository, ["01.02"])
    assert convert.keys(cells(repository)) == convert.keys(cells(repository, "notebook"))
    assert answers(cells(repository))["01.01"] == ANSWER.source
    assert done.backup is not None
    backup.restore(repository.root, done.backup)
    assert (pair(repository).notebook.read_bytes() if pair(repository).notebook.exists() else None) == data


def test_a_chapter_whose_files_are_gone_or_nonsense_comes_back(repository: Course) -> None:
    pair(repository).script.write_bytes(b"\xff<<<<<<< HEAD")
    pair(repository).notebook.unlink()
    with pytest.raises(KitError):
        reset(repository, ["01.01"])
    reset(repository, ["01"])
    assert files(repository.root) == bare(repository)
    pair(repository).script.unlink()
    pair(repository).notebook.unlink()
    with pytest.raises(KitError):
        reset(repository, ["01.01"])
    reset(repository, ["01"])
    assert files(repository.root) == bare(repository)


def test_a_sync_after_a_reset_and_after_a_restore_leaves_things_as_they_are(repository: Course) -> None:
    fill(repository)
    for side in ("script", "notebook"):
        save(repository, side, put(cells(repository), ANSWER))
    sync(repository, pair(repository))
    before = files(repository.root)
    done = reset(repository, ["01"])
    assert sync(repository, pair(repository)).wrote == ()
    assert done.backup is not None
    backup.restore(repository.root, done.backup)
    assert sync(repository, pair(repository)).wrote == ()
    assert files(repository.root) == before


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--all", "01"],
        ["--restore", "x", "--all"],
        ["99"],
        ["01.77"],
        ["nonsense"],
        ["workshop/en/ch00_first.py:1"],
        ["02"],
        ["01", "--lang", "xx"],
        ["--restore"],
        ["--restore", "20200101T000000Z-1"],
    ],
)
def test_bad_usage_writes_nothing(repository: Course, monkeypatch: pytest.MonkeyPatch, argv: list[str]) -> None:
    before = fill(repository)
    assert run(repository, monkeypatch, *argv) == 2
    assert files(repository.root) == before
    assert backup.backups(repository.root) == []


def test_the_nearest_ids_are_named(
    repository: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(repository, monkeypatch, "01.03") == 2
    assert "01.02" in capsys.readouterr().err


def test_without_git_nothing_is_written(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fill(course)
    assert run(course, monkeypatch, "--all") == 2
    assert files(course.root) == before


def test_a_language_without_a_todo_is_refused(repository: Course) -> None:
    shutil.copytree(repository.pairs(), repository.pairs("xx"))
    with pytest.raises(KitError):
        reset(Course(repository.root), ["01"], "xx")
    assert backup.backups(repository.root) == []


@pytest.mark.parametrize("state", ["unborn", "detached", "merging", "staged", "crlf"])
def test_in_any_state_of_the_repository_head_index_and_branch_stay(repository: Course, state: str) -> None:
    root = repository.root
    if state == "unborn":
        git(root, "update-ref", "-d", "HEAD")
    elif state == "detached":
        git(root, "checkout", "-q", "--detach")
    elif state == "crlf":
        git(root, "config", "core.autocrlf", "true")
    elif state == "merging":
        for branch in ("one", "two"):
            git(root, "checkout", "-q", "-b", branch, "main")
            pair(repository).script.write_text(f"# %%\n{branch}\n")
            git(root, "commit", "-qam", branch)
        with pytest.raises(subprocess.CalledProcessError):
            git(root, "merge", "-q", "one")
    if state != "merging":
        fill(repository)
    if state == "staged":
        git(root, "add", "-A")
        pair(repository).script.write_bytes(pair(repository).script.read_bytes() + b"\r\n# later\r\n")
    before = files(root)
    kept = git_state(root)
    done = reset(repository, ["00", "01"])
    assert files(root) == bare(repository)
    assert git_state(root) == kept
    assert done.backup is not None
    backup.restore(root, done.backup)
    assert files(root) == before
    assert git_state(root) == kept


def test_a_file_that_is_saved_meanwhile_is_not_overwritten_unseen(
    repository: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repository)
    real, saves = backup.make, [b"# %%\nsaved = 'while the backup was made'\n"]

    def make(*given: Any) -> backup.Backup:
        made = real(*given)
        if saves:
            pair(repository).notebook.write_bytes(saves.pop())
        return made

    monkeypatch.setattr(backup, "make", make)
    done = reset(repository, ["01"])
    assert files(repository.root)["workshop/en/ch01_second.ipynb"] == bare(repository)["workshop/en/ch01_second.ipynb"]
    assert done.backup is not None
    backup.restore(repository.root, done.backup)
    assert b"while the backup was made" in pair(repository).notebook.read_bytes()


def test_a_disk_that_fills_up_in_the_middle_says_how_to_go_back(
    repository: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fill(repository)
    real, left = os.replace, [1]

    def replace(*given: Any) -> None:
        if not left:
            raise OSError(28, "No space left on device")
        left.pop()
        real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(KitError) as stop:
            reset(repository, ["01"])
    saved = backup.backups(repository.root)[-1]
    assert saved.command in stop.value.next
    backup.restore(repository.root, saved)
    assert files(repository.root) == before


# Killed at any moment -------------------------------------------------------------------------------------------------


def check_killed(root: Path, before: Files, after: Files, state: tuple[object, ...]) -> None:
    """Every file is the old one or the new one, whole, and the old bytes are somewhere; git is as it was."""
    held = in_backups(root)
    for path, data in before.items():
        now = (root / path).read_bytes()
        assert now in (data, after[path])
        assert now == data or (path, data) in held
        ast.parse(now) if path.endswith(".py") else json.loads(now)
    assert git_state(root) == state
    assert not list((root / ".git").glob("*.lock"))


@pytest.mark.parametrize("mode", ["steps", "random"])
def test_a_killed_reset_loses_nothing_and_can_be_run_again(repository: Course, fast: Path, mode: str) -> None:
    before, state, after = fill(repository), git_state(repository.root), bare(repository)
    (repository.root / "own.txt").write_text("untracked")
    statuses = killed(mode, "reset_to_todo", ["--all"], repository.root, fast, runs=40 if mode == "random" else 1000)
    assert statuses.count(-9) > (3 if mode == "random" else 30)
    assert mode == "random" or statuses[-1] == 0
    for number in range(len(statuses)):
        check_killed(fast / str(number), before, after, state)
    assert set(killed("rerun", "reset_to_todo", ["--all"], repository.root, fast)) == {0}
    for number in range(len(statuses)):
        root = fast / str(number)
        assert files(root) == after
        assert in_backups(root) >= set(before.items())
        assert (root / "own.txt").read_text() == "untracked"


def test_a_killed_restore_can_be_run_again(repository: Course, fast: Path, tmp_path: Path) -> None:
    before, state, after = fill(repository), git_state(repository.root), bare(repository)
    done = reset(repository, ["00", "01"])
    assert done.backup is not None
    argv = ["--restore", done.backup.name]
    statuses = killed("steps", "reset_to_todo", argv, repository.root, fast)
    for number in range(len(statuses)):
        check_killed(fast / str(number), after, before, state)
    assert set(killed("rerun", "reset_to_todo", argv, repository.root, fast)) == {0}
    assert all(files(fast / str(number)) == before for number in range(len(statuses)))


def test_a_killed_sync_can_be_run_again(repository: Course, fast: Path, tmp_path: Path) -> None:
    before, state = fill(repository), git_state(repository.root)
    whole = tmp_path / "whole"
    shutil.copytree(repository.root, whole)
    sync(Course(whole), Pair(whole, "en", "ch01_second"))
    after = files(whole)
    argv = ["workshop/en/ch01_second.py"]
    statuses = killed("steps", "sync", argv, repository.root, fast)
    assert statuses[-1] == 1
    for number in range(len(statuses)):
        check_killed(fast / str(number), before, after, state)
    assert set(killed("rerun", "sync", argv, repository.root, fast)) <= {0, 1}
    for number in range(len(statuses)):
        assert files(fast / str(number)) == after
        assert not list((fast / str(number) / disk.WORKSHOP_FOLDER).rglob("*~"))


def test_a_filled_copy_goes_when_its_exercise_is_reset(repository: Course) -> None:
    copied = 'length = 1\ncheck("00.01")\n\n# %%\nlength = 2\ncheck("00.01")'
    fake_course.write_pair(repository, "00", {"00.01": copied}, ())
    (repository.pairs() / "ch00_first.ipynb").unlink()
    reset(repository, ["00.01"])
    work = read_file(repository.pairs() / "ch00_first.py")
    assert work.answers["00.01"].source == repository.exercise("00.01")[1].todo
    assert work.flags == ()
