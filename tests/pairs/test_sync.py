from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import files as disk
from kit.course.answers import read_work
from kit.course.cells import Cell
from kit.course.course import Course
from kit.errors import KitError
from kit.git import backup
from kit.git.worktree import blob, open_clone
from kit.pairs import convert
from kit.pairs.base import committed
from kit.pairs.merge import ASIDE
from kit.pairs.pair import Pair, list_pairs, pair_of
from kit.pairs.sync import Synced, describe, sync
from tests.support import fake_course
from tests.support.cell_edits import EDITS, answers, code, edit, put, tick, ticked
from tests.support.fake_course import git
from tests.support.file_stamp import stamp
from tests.support.pair_files import ANSWER, OTHER, agree, cells, pair, save


def touch(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


# The four ways in which pairing by file time loses work ---------------------------------------------------------------


@pytest.mark.parametrize("depth", [[], ["--depth", "1"]])
def test_a_tick_committed_in_the_notebook_alone_survives_a_fresh_clone(repository: Course, depth: list[str]) -> None:
    save(repository, "notebook", tick(put(cells(repository), ANSWER), _01=True))
    git(repository.root, "commit", "-qam", "in the notebook only")
    git(repository.root.parent, "clone", "-q", *depth, f"file://{repository.root}", "fresh")
    fresh = Course(repository.root.parent / "fresh")
    for path in (pair(fresh).script, pair(fresh).notebook):
        touch(path, 1_700_000_000)
    assert sync(fresh, pair(fresh)).wrote == ("script",)
    assert ticked(agree(fresh)) == {"01.01"}
    assert answers(cells(fresh))["01.01"] == ANSWER.source


def test_a_touched_script_does_not_win_over_an_edited_notebook(repository: Course) -> None:
    sync(repository, pair(repository))
    save(repository, "notebook", put(cells(repository), ANSWER))
    touch(pair(repository).notebook, 1_700_000_000)
    touch(pair(repository).script, 1_800_000_000)
    assert sync(repository, pair(repository)).wrote == ("script",)
    assert answers(agree(repository))["01.01"] == ANSWER.source


def test_a_stripped_and_so_newer_notebook_does_not_win_over_an_edited_script(repository: Course) -> None:
    sync(repository, pair(repository))
    save(repository, "script", put(cells(repository), ANSWER))
    touch(pair(repository).script, 1_700_000_000)
    document = json.loads(pair(repository).notebook.read_bytes())
    document["metadata"] = {"kernelspec": {"name": "", "display_name": ""}}
    document["cells"] = [{**raw, "metadata": {"trusted": True}} for raw in document["cells"]]
    pair(repository).notebook.write_text(json.dumps(document))
    touch(pair(repository).notebook, 1_800_000_000)
    assert sync(repository, pair(repository)).wrote == ("notebook",)
    assert answers(agree(repository))["01.01"] == ANSWER.source


def test_both_sides_edited_are_merged(repository: Course) -> None:
    start = cells(repository)
    own = Cell("code", "print(x)")
    save(repository, "script", tick(put(start, ANSWER), _01=True))
    save(repository, "notebook", (*tick(put(start, OTHER), _02=True, r1=True), own))
    done = sync(repository, pair(repository))
    assert (done.wrote, done.clashes, done.backup) == (("script", "notebook"), (), None)
    both = agree(repository)
    assert answers(both) == {"01.01": ANSWER.source, "01.02": OTHER.source}
    assert ticked(both) == {"01.01", "01.02", "01.r1"}
    assert convert.key(both[-1]) == convert.key(own)


# What the base is -----------------------------------------------------------------------------------------------------


def test_the_last_sync_is_the_base_and_not_the_last_commit(repository: Course) -> None:
    start = cells(repository)
    save(repository, "script", tick(start, r1=True))
    sync(repository, pair(repository))
    save(repository, "script", start)  # unticked again: as committed, and yet the newer one
    done = sync(repository, pair(repository))
    assert done.wrote == ("notebook",)
    assert ticked(agree(repository)) == set()
    assert done.backup is not None


def test_in_a_hook_the_file_that_stands_as_committed_is_the_older_one(repository: Course) -> None:
    committed = pair(repository).script.read_bytes()
    save(repository, "notebook", put(cells(repository), ANSWER))
    sync(repository, pair(repository))
    pair(repository).script.write_bytes(committed)  # not staged, so pre-commit has put it aside
    assert sync(repository, pair(repository), hook=True).wrote == ("script",)
    assert answers(agree(repository))["01.01"] == ANSWER.source


def test_after_a_pull_the_commit_may_be_nearer_than_the_last_sync(repository: Course) -> None:
    sync(repository, pair(repository))
    pulled = tick(put(cells(repository), OTHER), _02=True)
    for side in ("script", "notebook"):
        save(repository, side, pulled)
    git(repository.root, "commit", "-qam", "pulled")
    save(repository, "script", tick(put(pulled, ANSWER), _02=False))
    save(repository, "notebook", tick(pulled, r1=True))
    assert sync(repository, pair(repository)).wrote == ("script", "notebook")
    assert answers(agree(repository)) == {"01.01": ANSWER.source, "01.02": OTHER.source}
    assert ticked(cells(repository)) == {"01.r1"}


def test_without_git_and_without_a_sync_the_todo_is_the_base(course: Course) -> None:
    save(course, "notebook", tick(put(cells(course), ANSWER), _01=True))
    save(course, "script", put(cells(course), OTHER))
    assert sync(course, pair(course)).clashes == ()
    assert answers(agree(course)) == {"01.01": ANSWER.source, "01.02": OTHER.source}


def test_a_chapter_that_the_course_does_not_have_is_merged_without_a_base(course: Course) -> None:
    own = Pair(course.root, "xx", "ch77_own")
    own.script.parent.mkdir()
    shutil.copy(pair(course).script, own.script)
    own.notebook.write_bytes(convert.notebook_bytes(tick(cells(course), r1=True), "77"))
    assert sync(course, own).wrote == ("script",)
    assert ticked(convert.script_cells(own.script.read_bytes(), "")) == {"01.r1"}


def test_a_commit_in_which_a_file_is_damaged_or_missing_is_passed_over_or_taken_as_it_is(repository: Course) -> None:
    good = pair(repository).notebook.read_bytes()
    pair(repository).notebook.write_bytes(b"<<<<<<< HEAD\n")
    git(repository.root, "commit", "-qam", "damaged")
    pair(repository).notebook.write_bytes(good)
    assert committed(pair(repository)) == cells(repository)
    git(repository.root, "rm", "-q", "--cached", f"{pair(repository).name}.ipynb")
    save(repository, "script", put(cells(repository), ANSWER))
    git(repository.root, "commit", "-qam", "the script alone")
    assert committed(pair(repository)) == cells(repository)


def test_a_damaged_base_is_no_base(repository: Course) -> None:
    sync(repository, pair(repository))
    save(repository, "notebook", put(cells(repository), ANSWER))
    pair(repository).base.write_bytes(b"\xff")
    assert sync(repository, pair(repository)).wrote == ("script",)
    assert answers(agree(repository))["01.01"] == ANSWER.source


# What is written, and how ---------------------------------------------------------------------------------------------


def test_files_that_agree_are_not_touched_whatever_their_form(course: Course) -> None:
    script, notebook = pair(course).script, pair(course).notebook
    script.write_bytes(b"\xef\xbb\xbf" + script.read_bytes().replace(b"\n", b"  \r\n"))
    notebook.write_text(json.dumps(json.loads(notebook.read_bytes())))
    before = script.read_bytes(), notebook.read_bytes(), stamp(script), stamp(notebook)
    assert sync(course, pair(course)) == Synced(pair(course))
    assert (script.read_bytes(), notebook.read_bytes(), stamp(script), stamp(notebook)) == before


def test_a_tick_changes_the_size_of_the_file_that_follows(course: Course) -> None:
    sync(course, pair(course))
    for side, path in [("script", pair(course).notebook), ("notebook", pair(course).script)]:
        for wanted in (True, False):
            size = path.stat().st_size
            save(course, side, tick(cells(course), r1=wanted))
            if not wanted:
                git(course.root, "init", "-q")
            assert sync(course, pair(course)).wrote == (("notebook",) if side == "script" else ("script",))
            assert path.stat().st_size != size
            assert ("01.r1" in ticked(agree(course))) is wanted


def test_outputs_of_unchanged_cells_and_ids_of_own_ones_survive(course: Course) -> None:
    notebook = pair(course).notebook
    own = Cell("code", "print(x)")
    save(course, "notebook", (*cells(course), own))
    document = json.loads(notebook.read_bytes())
    for raw in document["cells"]:
        if raw["cell_type"] == "code":
            raw |= {"execution_count": 3, "outputs": [{"name": "stdout", "output_type": "stream", "text": ["1\n"]}]}
    document["cells"][-1]["id"] = "mine-4711"
    notebook.write_text(json.dumps(document))
    sync(course, pair(course))
    save(course, "script", put(cells(course), ANSWER))
    assert sync(course, pair(course)).wrote == ("notebook",)
    after = json.loads(notebook.read_bytes())["cells"]
    assert after[-1] == document["cells"][-1]
    filled = [raw["outputs"] == [] for raw in after if raw["cell_type"] == "code"]
    assert filled.count(True) == 1
    assert [raw["id"] for raw in after] == [raw["id"] for raw in document["cells"]]


def test_an_editor_that_saves_in_between_is_heard(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(course, pair(course))
    save(course, "script", put(cells(course), ANSWER))
    real, saves = os.fsync, [put(cells(course, "notebook"), OTHER)]

    def fsync(handle: int) -> None:
        real(handle)
        if saves:
            save(course, "notebook", saves.pop())

    monkeypatch.setattr(os, "fsync", fsync)
    sync(course, pair(course))
    assert answers(agree(course)) == {"01.01": ANSWER.source, "01.02": OTHER.source}


# Damage and doubt -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [b'{"cells": [', b"<<<<<<< HEAD\n{}\n", b"[1]", b'{"cells": [{"cell_type": 1}]}'])
def test_a_damaged_notebook_is_made_anew_and_kept_in_a_backup(repository: Course, damage: bytes) -> None:
    save(repository, "script", put(cells(repository), ANSWER))
    pair(repository).notebook.write_bytes(damage)
    done = sync(repository, pair(repository))
    assert (done.wrote, done.damaged) == (("notebook",), True)
    assert answers(agree(repository))["01.01"] == ANSWER.source
    assert done.backup is not None
    assert done.backup.command in describe(done)
    backup.restore(repository.root, done.backup)
    assert pair(repository).notebook.read_bytes() == damage


def test_a_damaged_notebook_is_left_where_nothing_can_be_backed_up(course: Course) -> None:
    pair(course).notebook.write_bytes(b"{")
    with pytest.raises(KitError):
        sync(course, pair(course))
    assert pair(course).notebook.read_bytes() == b"{"


@pytest.mark.parametrize("data", [None, b"", b"\n \n"])
@pytest.mark.parametrize("side", ["script", "notebook"])
def test_a_missing_or_empty_side_is_made_from_the_other(repository: Course, side: str, data: bytes | None) -> None:
    for each in ("script", "notebook"):
        save(repository, each, put(cells(repository), ANSWER))
    path = pair(repository).script if side == "script" else pair(repository).notebook
    was = path.read_bytes()
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    assert sync(repository, pair(repository)).wrote == (side,)
    assert path.read_bytes() == was
    assert answers(agree(repository))["01.01"] == ANSWER.source


def test_an_emptied_notebook_does_not_empty_the_script(repository: Course) -> None:
    sync(repository, pair(repository))
    pair(repository).notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    assert sync(repository, pair(repository)).wrote == ("notebook",)
    assert len(agree(repository)) > 5


@pytest.mark.parametrize(
    ("script", "notebook"),
    [
        (None, None),
        (b"", b"{"),
        (b"# %%\nx = '\xe9'\n", b""),
        (b"<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n", b""),
    ],
)
def test_what_cannot_be_understood_is_left_alone(
    repository: Course, script: bytes | None, notebook: bytes | None
) -> None:
    both = {pair(repository).script: script, pair(repository).notebook: notebook}
    for path, data in both.items():
        path.unlink()
        if data is not None:
            path.write_bytes(data)
    with pytest.raises(KitError) as stop:
        sync(repository, pair(repository))
    assert stop.value.where.startswith("workshop/en/ch01_second")
    assert {path: path.read_bytes() if path.exists() else None for path in both} == both


def test_a_true_conflict_keeps_both_versions_in_the_files_and_the_bytes_in_a_backup(repository: Course) -> None:
    start, third = cells(repository), code("01.01", "doubled = 2 * x")
    save(repository, "script", put(start, ANSWER))
    save(repository, "notebook", tick(put(start, third, OTHER), r1=True))
    bytes_before = pair(repository).script.read_bytes(), pair(repository).notebook.read_bytes()
    done = sync(repository, pair(repository))
    assert done.clashes == ("01.01",)
    both = agree(repository)
    assert answers(both) == {"01.01": ANSWER.source, "01.02": OTHER.source}
    assert ticked(both) == {"01.r1"}
    assert [cell.source.count("doubled = 2 * x") for cell in both if cell.source.startswith(ASIDE)] == [1]
    compile(pair(repository).script.read_text(), "script", "exec")
    assert read_work(pair(repository).script.read_bytes(), notebook=False).flags == ()
    assert done.backup is not None
    backup.restore(repository.root, done.backup)
    assert (pair(repository).script.read_bytes(), pair(repository).notebook.read_bytes()) == bytes_before


def test_without_git_a_conflict_still_keeps_both_versions(course: Course) -> None:
    start = cells(course)
    save(course, "script", put(start, ANSWER))
    save(course, "notebook", put(start, code("01.01", "doubled = 2 * x")))
    done = sync(course, pair(course))
    assert (done.clashes, done.backup) == (("01.01",), None)
    assert any("doubled = 2 * x" in cell.source for cell in agree(course))


def test_an_answer_that_would_be_gone_from_both_sides_is_backed_up(repository: Course) -> None:
    start = cells(repository)
    save(repository, "script", tick(put(start, ANSWER), _01=True))
    sync(repository, pair(repository))
    save(repository, "script", start)  # as after `git checkout -- .`, or an editor that has crashed
    done = sync(repository, pair(repository))
    assert done.backup is not None
    backup.restore(repository.root, done.backup)
    assert answers(cells(repository, "notebook"))["01.01"] == ANSWER.source


def test_a_base_that_cannot_be_written_stops_nothing(course: Course) -> None:
    (course.root / disk.WORKSHOP_FOLDER).write_text("in the way")
    save(course, "script", put(cells(course), ANSWER))
    assert sync(course, pair(course)).wrote == ("notebook",)
    assert sync(course, pair(course)).wrote == ()


def test_a_full_disk_leaves_both_files(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    save(course, "script", put(cells(course), ANSWER))
    before = pair(course).notebook.read_bytes()

    def full(*given: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(KitError):
        sync(course, pair(course))
    assert pair(course).notebook.read_bytes() == before


# Which files make a pair ----------------------------------------------------------------------------------------------


def test_every_pair_is_found_by_either_file(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    (course.pairs() / "ch00_first.py").unlink()
    (course.pairs() / "notes.py").write_text("")
    found = list_pairs(course)
    assert [each.name for each in found] == ["workshop/en/ch00_first", "workshop/en/ch01_second"]
    monkeypatch.chdir(course.pairs())
    assert pair_of(course, Path("ch01_second.py")) == pair_of(course, found[1].notebook) == found[1]
    for wrong in ("notes.py", "../corpus.py", "/ch00_first.py", "deeper/ch00_first.py"):
        with pytest.raises(KitError):
            pair_of(course, Path(wrong))


# Random edits on both sides, killed in between ------------------------------------------------------------------------


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS, EDITS, EDITS, st.integers(0, 3))
def test_random_edits_and_a_crash_between_two_writes_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, object, object]],
    here: list[tuple[str, object, object]],
    there: list[tuple[str, object, object]],
    crash: int,
) -> None:
    root = tmp_path_factory.mktemp("random")
    course = fake_course.make_repository(root / "course")
    base = edit(cells(course), before, "b")
    save(course, "script", base)
    sync(course, pair(course))
    base = cells(course)
    if not base:
        return
    script, notebook = edit(base, here, "s"), edit(base, there, "n")
    if not script or not notebook:
        return
    save(course, "script", script)
    save(course, "notebook", notebook)

    class Killed(BaseException):
        pass

    left, real = [crash], os.replace

    def replace(*given: object) -> None:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        real(*given)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", replace)
        try:
            sync(course, pair(course))
        except Killed:
            patch.setattr(os, "replace", real)
            sync(course, pair(course))
    both = agree(course)
    held = [both]
    texts = "\n".join(cell.source for cell in both)
    for found in backup.backups(course.root):
        files = [course.root / path for path in found.paths]
        assert files == [pair(course).script, pair(course).notebook]
        tree = open_clone(course.root)[found.commit].tree
        kept = [blob(tree, path) for path in found.paths]
        assert kept[0] and kept[1]
        held.append(convert.script_cells(kept[0].data, ""))
        held.append(convert.notebook_cells(kept[1].data, ""))
    for bare in (script, notebook):
        for item_id, source in answers(bare).items():
            if source != answers(base).get(item_id):
                asides = "\n".join(f"#   {line}".rstrip() for line in source.split("\n"))
                assert asides in texts or any(answers(some).get(item_id) == source for some in held)
        for item_id in ticked(bare) - ticked(base):
            assert any(item_id in ticked(some) for some in held)
    shutil.rmtree(root)
