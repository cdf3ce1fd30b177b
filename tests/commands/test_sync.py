from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kit import files
from kit.course.cells import Cell
from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.pairs.normalise import normalise_file
from scripts import reset_to_todo, sync
from tests.support.cell_edits import answers, code, put, tick, ticked
from tests.support.fake_course import git
from tests.support.file_stamp import stamp
from tests.support.pair_files import ANSWER, OTHER, cells, pair, save

HOOK = """
repos:
  - repo: local
    hooks:
      - id: sync
        name: sync
        language: system
        entry: {python} {root}/scripts/sync.py
        files: ^workshop/[^/]+/ch[^/]*[.](py|ipynb)$
"""


@pytest.fixture
def here(repository: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The repository, as the current folder, outside any hook."""
    monkeypatch.chdir(repository.root)
    monkeypatch.delenv("PRE_COMMIT", raising=False)
    return repository


def test_nothing_is_said_when_all_agree(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert sync.main([]) == 0
    assert sync.main([]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_line_for_each_changed_pair(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    save(here, "notebook", put(cells(here), ANSWER))
    (here.pairs() / "ch00_first.ipynb").unlink()
    assert sync.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["workshop/en/ch00_first.ipynb", "workshop/en/ch01_second.py"]
    assert sync.main([]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("names", [["ch01_second.py"], ["ch01_second.ipynb"], ["ch01_second.ipynb", "ch01_second.py"]])
def test_either_file_names_the_pair_and_no_other_is_touched(
    here: Course, capsys: pytest.CaptureFixture[str], names: list[str]
) -> None:
    save(here, "notebook", put(cells(here), ANSWER))
    (here.pairs() / "ch00_first.ipynb").unlink()
    assert sync.main([f"workshop/en/{name}" for name in names]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert not (here.pairs() / "ch00_first.ipynb").exists()
    assert answers(cells(here))["01.01"] == ANSWER.source


def test_a_conflict_is_1_and_names_the_cell(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    start = cells(here)
    save(here, "script", put(start, ANSWER))
    save(here, "notebook", put(start, code("01.01", "doubled = 2 * x")))
    assert sync.main([]) == 1
    assert "01.01" in capsys.readouterr().out
    assert sync.main([]) == 0


def test_an_unusable_pair_is_2_and_the_others_are_synced(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    (here.pairs() / "ch00_first.py").write_bytes(b"\xff")
    save(here, "notebook", put(cells(here), ANSWER))
    assert sync.main([]) == 2
    assert answers(cells(here))["01.01"] == ANSWER.source
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == len(said.out.splitlines()) == 1


@pytest.mark.parametrize("file", ["chapters.toml", "workshop/en/ch99_none.py", "nowhere/ch00_first.py"])
def test_no_chapters_file_is_2(here: Course, file: str) -> None:
    assert sync.main([file]) == 2
    assert not (here.root / files.WORKSHOP_FOLDER / "base").exists()


def commit(course: Course, *paths: str) -> subprocess.CompletedProcess[str]:
    """Commit these files with the hook installed."""
    git(course.root, "add", *paths)
    home = course.root.parent
    names = {"GIT_AUTHOR_NAME": "student-01", "GIT_COMMITTER_NAME": "student-01"}
    mail = {"GIT_AUTHOR_EMAIL": "student-01@example.org", "GIT_COMMITTER_EMAIL": "student-01@example.org"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["git", "commit", "-m", "saved"],
        cwd=course.root,
        capture_output=True,
        text=True,
        env={
            "PATH": path,
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "PRE_COMMIT_HOME": str(home / "pre-commit"),
            **names,
            **mail,
        },
    )


@pytest.fixture
def hooked(here: Course) -> Course:
    """The repository with the sync as a pre-commit hook, run once."""
    (here.root / ".pre-commit-config.yaml").write_text(HOOK.format(python=sys.executable, root=ROOT))
    (here.root / ".gitignore").write_text(".workshop/\n")
    git(here.root, "add", "-A")
    git(here.root, "commit", "-qm", "hook")
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=here.root, check=True, capture_output=True)
    return here


def at_head(course: Course, path: str) -> str:
    return git(course.root, "show", f"HEAD:{path}")


@pytest.mark.parametrize("synced_before", [False, True])
def test_as_a_hook_it_brings_the_other_file_and_the_second_commit_goes_through(
    hooked: Course, synced_before: bool
) -> None:
    save(hooked, "notebook", tick(put(cells(hooked), ANSWER), _01=True))
    if synced_before:
        assert sync.main([]) == 0
    first = commit(hooked, "workshop/en/ch01_second.ipynb")
    assert answers(cells(hooked))["01.01"] == answers(cells(hooked, "notebook"))["01.01"] == ANSWER.source
    if first.returncode != 0:
        files = "workshop/en/ch01_second.py workshop/en/ch01_second.ipynb"
        assert synced_before or f"git add {files}, then commit again" in first.stdout + first.stderr
        assert commit(hooked, "workshop").returncode == 0
    for name in ("ch01_second.py", "ch01_second.ipynb"):
        assert "doubled = x + x" in at_head(hooked, f"workshop/en/{name}")
    assert ticked(cells(hooked)) == {"01.01"}


def test_as_a_hook_it_never_takes_what_is_not_staged_for_an_edit(hooked: Course) -> None:
    save(hooked, "script", put(cells(hooked), OTHER))
    assert sync.main([]) == 0
    save(hooked, "script", tick(put(cells(hooked), ANSWER), _02=True))
    assert sync.main([]) == 0
    for _ in range(2):
        commit(hooked, "workshop/en/ch01_second.py")
        for side in ("script", "notebook"):
            assert answers(cells(hooked, side)) == {"01.01": ANSWER.source, "01.02": OTHER.source}
            assert ticked(cells(hooked, side)) == {"01.02"}
    assert commit(hooked, "workshop").returncode == 0
    assert git(hooked.root, "status", "--porcelain") == ""


def test_normalise_strips_a_notebook_and_plain_line_ends_follow(here: Course) -> None:
    notebook, script = pair(here).notebook, pair(here).script
    plain = notebook.read_bytes(), script.read_bytes()
    document = json.loads(plain[0])
    document["metadata"]["kernelspec"]["display_name"] = "mine"
    document["cells"][1] |= {
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}],
        "execution_count": 7,
    }
    notebook.write_text(json.dumps(document))
    script.write_bytes(b"\xef\xbb\xbf" + plain[1].replace(b"\n", b"\r\n") + b"\n\n")
    rough = notebook.read_bytes(), script.read_bytes()
    names = [str(notebook), str(script.relative_to(here.root))]
    assert sync.main(names) == 0
    assert (notebook.read_bytes(), script.read_bytes()) == rough
    assert sync.main(["--normalise", *names]) == 1
    assert (notebook.read_bytes(), script.read_bytes()) == plain
    times = stamp(notebook), stamp(script)
    assert sync.main(["--normalise", *names]) == 0
    assert (stamp(notebook), stamp(script)) == times


def test_normalise_makes_what_a_sync_has_written_the_form_that_is_committed(here: Course) -> None:
    start, own = cells(here), Cell("code", "print(x)")
    save(here, "script", (*tick(start, r1=True), own))
    assert sync.main([]) == 0
    names = [str(pair(here).notebook), str(pair(here).script)]
    sync.main(["--normalise", *names])
    assert sync.main([]) == 0
    assert sync.main(["--normalise", *names]) == 0
    diff = git(here.root, "diff", "--numstat", "--", "workshop/en/ch01_second.py")
    assert diff.split()[:2] == ["4", "1"]


def test_one_run_syncs_and_normalises_and_the_next_finds_nothing_to_do(
    here: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(pair(here).notebook.read_bytes())
    for cell in document["cells"]:
        if cell.get("execution_count", 1) is None:
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    pair(here).notebook.write_text(json.dumps(document))
    save(here, "script", put(cells(here), ANSWER))
    names = [str(pair(here).script.relative_to(here.root)), str(pair(here).notebook.relative_to(here.root))]
    assert sync.main(["--normalise", *names]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert answers(cells(here, "notebook"))["01.01"] == ANSWER.source
    assert b'"stdout"' not in pair(here).notebook.read_bytes()
    assert sync.main(["--normalise", *names]) == 0
    (here.pairs() / "ch00_first.ipynb").write_bytes(b"\xff")
    assert sync.main(["--normalise", "workshop/en/ch00_first.py", *names]) == 0


def test_a_second_opinion_finds_no_outputs_where_ours_has_been(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)  # nbformat's validator loads a grammar with it, in seconds
    import nbformat
    import nbstripout

    document = json.loads(pair(here).notebook.read_bytes())
    for number, cell in enumerate(document["cells"]):
        if cell["cell_type"] == "code":
            output = {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}}
            cell |= {"execution_count": number, "outputs": [output | {"execution_count": number}]}
            cell["metadata"] = {"collapsed": True, "execution": {"iopub.status.busy": "now"}}
    pair(here).notebook.write_text(json.dumps(document))
    assert normalise_file(pair(here).notebook, here.root)
    ours = nbformat.reads(pair(here).notebook.read_text(encoding="utf-8"), as_version=4)
    theirs = nbstripout.strip_output(copy.deepcopy(ours), keep_output=False, keep_count=False, keep_id=True)
    assert theirs == ours and all(not cell.outputs for cell in ours.cells if cell.cell_type == "code")


def test_the_hook_strips_without_the_grammar(here: Course) -> None:
    notebook = pair(here).notebook
    document = json.loads(notebook.read_bytes())
    ids = [cell["id"] for cell in document["cells"]]
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"execution_count": 7, "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]}
    notebook.write_text(json.dumps(document))
    code = (
        "import sys; from scripts.strip_outputs import main; main()\n"
        "sys.exit(sys.modules['rfc3987_syntax'] is not None)"
    )
    subprocess.run([sys.executable, "-c", code, str(notebook)], cwd=ROOT, check=True)
    cells = json.loads(notebook.read_bytes())["cells"]
    assert [cell["id"] for cell in cells] == ids
    assert all(not cell["outputs"] for cell in cells if cell["cell_type"] == "code")


@pytest.mark.parametrize("data", [b"{", b"\xff", b'{"cells": 3}'])
def test_normalise_leaves_what_it_cannot_read_and_does_the_rest(here: Course, data: bytes) -> None:
    pair(here).notebook.write_bytes(data)
    pair(here).script.write_bytes(b"x = 1\r\n")
    for name in ("ch01_second.ipynb", "none.py"):
        with pytest.raises(KitError):
            normalise_file(here.pairs() / name, here.root)
    assert pair(here).notebook.read_bytes() == data
    assert normalise_file(pair(here).script, here.root)
    assert pair(here).script.read_bytes() == b"x = 1\n"
    outside = here.root.parent / "ch01_second.py"
    outside.write_bytes(b"x\r\n")
    assert sync.main(["--normalise", str(outside)]) == 2
    assert outside.read_bytes() == b"x\r\n"


def test_normalise_writes_half_a_character_as_json_does(here: Course) -> None:
    document = json.loads(pair(here).notebook.read_bytes())
    document["cells"][1]["source"] = ["x = '\ud83d'"]
    pair(here).notebook.write_text(json.dumps(document))
    assert normalise_file(pair(here).notebook, here.root)
    assert b"\\ud83d" in pair(here).notebook.read_bytes()


def test_an_empty_file_stays_empty(here: Course) -> None:
    pair(here).script.write_bytes(b"\n\n")
    assert normalise_file(pair(here).script, here.root)
    assert pair(here).script.read_bytes() == b""


def test_ctrl_c_ends_the_command_and_not_one_pair_only(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def interrupted(*given: object) -> int:
        seen.append(given)
        raise KeyboardInterrupt

    monkeypatch.setattr(sync, "run_one", interrupted)
    assert sync.main([]) == 130
    assert len(seen) == 1


def test_the_backups_are_listed(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert reset_to_todo.main(["--list"]) == 0 and len(capsys.readouterr().out.splitlines()) == 1
    save(here, "script", put(cells(here), ANSWER))
    assert reset_to_todo.main(["01.01"]) == 0
    capsys.readouterr()
    assert reset_to_todo.main(["--list"]) == 0
    name = capsys.readouterr().out.split()[0]
    assert reset_to_todo.main(["--restore", name]) == 0
    assert answers(cells(here))["01.01"] == ANSWER.source


@pytest.mark.parametrize("name", ["sync", "reset_to_todo", "release"])
def test_help_is_there_at_once_and_imports_nothing_large(name: str) -> None:
    program = (
        "import sys; from scripts import {0}\n"
        "try: {0}.main(['--help'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {{'torch', 'pygit2', 'kit.course.chapter', 'nbformat'}} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program.format(name)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage:" in done.stdout


def test_a_copy_is_no_chapter_and_a_commit_of_it_goes_through(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    copied = here.pairs() / "ch00_first_mine.ipynb"
    copied.write_bytes((here.pairs() / "ch00_first.ipynb").read_bytes())
    assert sync.main([]) == 0 and capsys.readouterr().out == ""
    assert sync.main(["--normalise", "workshop/en/ch00_first_mine.ipynb"]) == 0
    assert capsys.readouterr().out.count("workshop/en/ch00_first_mine") == 1
    assert not copied.with_suffix(".py").exists()
