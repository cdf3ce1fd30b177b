"""`scripts/progress.py` as an instructor, a pipe and a terminal call it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kit.course.course import ROOT, Course
from scripts import progress
from tests.support import fake_course
from tests.support.forks import answers, make_fork, pair
from tests.support.git_server import serve

SCRIPT = str(ROOT / "scripts" / "progress.py")


@pytest.fixture
def here(course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The fake course as the current folder, with two forks in `clones`."""
    monkeypatch.chdir(course.root)
    chapter = course.chapter("00")
    make_fork(course.root / "clones" / "student-01.git", course, pair(chapter, answers(chapter, "00.01"), ["00.01"]))
    make_fork(course.root / "clones" / "student-02.git", course)
    return course


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True)


def test_json(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert progress.main(["clones", "--format", "json"]) == 0
    seen = capsys.readouterr()
    forks = json.loads(seen.out)["forks"]
    assert [(fork["name"], fork["chapters"]["00"]["filled"]) for fork in forks] == [
        ("student-01", 1),
        ("student-02", 0),
    ]
    assert seen.err == ""


def test_history(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):  # read, and remembered
        assert progress.main(["clones", "--format", "json", "--history"]) == 0
        one, two = (fork["history"] for fork in json.loads(capsys.readouterr().out)["forks"])
        assert [(event["id"], event["kind"]) for event in one["events"]] == [("00.01", "filled"), ("00.01", "ticked")]
        assert (one["commits"], two["commits"], two["events"]) == (2, 1, [])
    assert progress.main(["clones", "--format", "json"]) == 0
    assert not any("history" in fork for fork in json.loads(capsys.readouterr().out)["forks"])


@pytest.mark.parametrize(
    ("name", "begins"),
    [("class.html", "<!doctype html>"), ("class.CSV", "name,source"), ("a.json", "{"), ("a.md", "## "), ("a.txt", " ")],
)
def test_a_files_name_says_what_it_should_be(here: Course, name: str, begins: str) -> None:
    assert progress.main(["clones", "--output", name]) == 0
    assert Path(name).read_text(encoding="utf-8").startswith(begins)
    assert progress.main(["clones", "--output", name, "--format", "json"]) == 0
    assert json.loads(Path(name).read_text(encoding="utf-8"))["forks"]


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_output_to_a_file(here: Course, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert progress.main(["clones", "--format", form, "--output", "out/report"]) == 0
    assert "student-01" in Path("out/report").read_text()
    assert capsys.readouterr().out == ""


def test_broken_forks_are_rows_and_no_failure(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    Path("clones/student-02.git/HEAD").write_text("\0")
    Path("roster.csv").write_text("name,url\nstudent-01,\nstudent-09,file:///etc\n")
    assert progress.main(["clones", "roster.csv", "--format", "json"]) == 0
    forks = json.loads(capsys.readouterr().out)["forks"]
    assert [fork["status"] for fork in forks] == ["ok", "unreadable", "refused"]


@pytest.mark.parametrize("words", [["nowhere"], ["ext::sh -c id"], ["chapters.toml"], ["workshop"]])
def test_an_unusable_source_is_one_line_and_2(
    here: Course, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert progress.main(words) == 2
    seen = capsys.readouterr()
    assert seen.out == ""
    assert seen.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [[], ["x", "--format", "xml"], ["x", "--jobs", "0"], ["x", "--jobs", "many"], ["x", "--timeout", "0"]]
)
def test_bad_usage_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        progress.main(words)
    assert caught.value.code == 2
    assert capsys.readouterr().out == ""


def test_a_file_that_cannot_be_written_is_2_and_leaves_nothing(
    here: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("old")
    assert progress.main(["clones", "--output", "file/report"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert Path("file").read_text() == "old"


def test_without_git_an_address_is_2(
    here: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert progress.main(["https://host/owner/repo"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert progress.main(["clones", "--format", "csv"]) == 0


def test_addresses_are_kept_in_the_courses_own_folder(
    here: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(here.root / "clones") as server:
        words = [f"{server.url}/student-01.git", "--format", "json", "--jobs", "2"]
        assert progress.main(words) == 0
        assert len(list((here.root / ".workshop" / "forks").glob("*.git"))) == 1
        first = json.loads(capsys.readouterr().out)["forks"]
        assert progress.main([*words, "--cache", str(tmp_path / "cache")]) == 0
        assert len(list((tmp_path / "cache").glob("*.git"))) == 1
        assert json.loads(capsys.readouterr().out)["forks"] == first
    assert (first[0]["status"], first[0]["chapters"]["00"]["filled"]) == ("ok", 1)


def test_a_gradebook_for_canvas(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    Path("canvas.csv").write_text(
        "Student,ID,SIS Login ID,Section,login\n"
        "    Points Possible,,,,\n"
        '"Cat, Octo",101,octo@uni,A,student-01\n'
        '"Fox, Ann",102,ann@uni,A,student-02\n'
        '"Gone, Joe",103,joe@uni,A,student-09\n'
    )
    words = ["clones", "canvas.csv", "--format", "canvas"]
    assert progress.main(words) == 2  # nothing has been checked
    assert progress.main([*words, "--count", "filled", "--pseudonymous"]) == 2
    assert capsys.readouterr().out == ""
    assert progress.main([*words, "--count", "filled", "--points", "exercise", "--output", "grades.csv"]) == 0
    assert [line.split(",")[-4:] for line in Path("grades.csv").read_text().splitlines()[1:]] == [
        ["1", "1", "1", "1"],
        ["1", "0", "0", "0"],
        ["0", "0", "0", "0"],
        ["", "", "", ""],
    ]
    assert '\n"Cat, Octo",101,octo@uni,A,1' in Path("grades.csv").read_text()
    assert capsys.readouterr().err.count("Gone, Joe") == 1


def test_a_pipe_gets_the_report_alone(here: Course) -> None:
    done = run("clones")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "student-02" in done.stdout


def test_a_terminal_gets_a_bar_and_a_table_of_its_width(here: Course) -> None:
    mine, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "70", "LINES": "30", "TERM": "xterm"}
    with subprocess.Popen([sys.executable, SCRIPT, "clones"], stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(mine, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    os.close(mine)
    assert process.returncode == 0
    assert b"2/2" in seen
    assert b"\x1b[32mok" in seen


def test_a_reader_that_goes_away(here: Course) -> None:
    done = subprocess.run(
        f"{sys.executable} {SCRIPT} clones --format csv | head -c 1", shell=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("n", "")


def test_help_is_quick_and_loads_little(here: Course) -> None:
    code = f"import sys; sys.argv = ['progress.py', '--help']; sys.path.insert(0, {str(ROOT)!r})\n"
    code += "from scripts import progress\n"
    code += "try:\n    progress.main()\nexcept SystemExit:\n    pass\n"
    code += "print(sorted({'torch', 'pygit2', 'rich', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    best = min(timed("--help") for _ in range(3))
    assert best < 1.5  # 0.3 s on a machine that is not testing; scripts/bench.py measures that


def timed(*words: str) -> float:
    start = time.perf_counter()
    assert run(*words).returncode == 0
    return time.perf_counter() - start


def test_reading_never_loads_torch(here: Course) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom scripts import progress\n"
    code += "code = progress.main(['clones', '--format', 'csv'])\n"
    code += "print(code, sorted({'torch', 'numpy', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("0 []")


def test_the_course_is_the_one_around_the_current_folder(
    here: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_course.git(here.root, "init", "-q")
    monkeypatch.chdir(here.root / "workshop" / "en")
    assert progress.main(["../../clones", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["course"]["chapters"]) == 2
