"""`save.py --push` from two machines that share one fork, on real repositories."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kit.course.answers import read_file
from kit.course.course import Course
from kit.learner import push as pushing
from kit.learner.push import push
from kit.learner.update import archive
from kit.pairs import convert
from kit.pairs.pair import Pair, read_pair
from scripts.save import main
from tests.support import fake_course
from tests.support.fake_course import git

ONE = 'length = len(word)\ncheck("00.01")'
OTHER = 'length = sum(1 for _ in word)\ncheck("00.01")'
TWO = 'first = word[0]\nlast = word[-1]\ncheck("00.02")'


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Course, Course]:
    """Two clones of one fork, each with its own settings and nothing else; nothing in them is judged."""
    fake_course.make_repository(tmp_path / "start")
    (tmp_path / "start" / ".gitignore").write_text(".workshop/\n__pycache__/\n")
    git(tmp_path / "start", "add", "-A")
    git(tmp_path / "start", "commit", "-q", "-m", "ignore")
    git(tmp_path, "clone", "-q", "--bare", "start", "fork.git")
    for name in ("here", "there"):
        git(tmp_path, "clone", "-q", "fork.git", name)
        git(tmp_path / name, "config", "user.name", "student-01")
        git(tmp_path / name, "config", "user.email", "student-01@example.org")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setattr("kit.learner.save.judge_edits", lambda course, edits, *given: {e.pair: [] for e in edits})
    monkeypatch.setattr("kit.learner.save.needs_judge", lambda *given: False)
    return Course(tmp_path / "here"), Course(tmp_path / "there")


def write(course: Course, answers: dict[str, str], ticked: tuple[str, ...] = (), chapter: str = "00") -> None:
    fake_course.write_pair(course, chapter, answers, ticked)


def save(course: Course, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.chdir(course.root)
    return main(["--push"])


def work(course: Course, stem: str = "ch00_first") -> tuple[dict[str, str], set[str]]:
    """The filled answers and the ticks of a chapter, which both files must agree on and nothing be left to save."""
    pair = Pair(course.root, "en", stem)
    found = read_pair(pair)
    assert found.script and found.notebook and convert.keys(found.script) == convert.keys(found.notebook)
    assert git(course.root, "status", "--porcelain") == ""
    read = read_file(pair.script)
    return (
        {each: answer.source for each, answer in read.answers.items() if answer.filled},
        {each for each, item in read.items.items() if item.ticked},
    )


def fork_head(course: Course) -> str:
    return git(course.root.parent / "fork.git", "rev-parse", "main")


def test_a_push_with_nothing_new_says_so(
    machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, _ = machines
    write(here, {"00.01": ONE}, ("00.01",))
    assert save(here, monkeypatch) == 0 and capsys.readouterr().out.splitlines()[-1] == "pushed"
    assert save(here, monkeypatch) == 0
    assert push(here).sent is False and "pushed" not in capsys.readouterr().out.splitlines()


def test_two_machines_and_one_fork(
    machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = machines
    write(there, {"00.01": ONE}, ("00.01",))
    write(there, {"01.01": 'doubled = x + x\ncheck("01.01")'}, (), "01")
    assert save(there, monkeypatch) == 0
    write(here, {"00.02": TWO}, ("00.02", "00.r1"))
    assert save(here, monkeypatch) == 0
    assert work(here) == ({"00.01": ONE, "00.02": TWO}, {"00.01", "00.02", "00.r1"})
    assert set(work(here, "ch01_second")[0]) == {"01.01"}
    assert fork_head(here) == git(here.root, "rev-parse", "HEAD")
    assert len(git(here.root, "rev-list", "--parents", "-1", "HEAD").split()) == 3
    # and back: the other machine has nothing of its own that's new but one tick
    write(there, {"00.01": ONE}, ("00.01", "00.02"))
    assert save(there, monkeypatch) == 0
    assert work(there) == work(here) and fork_head(here) == git(there.root, "rev-parse", "HEAD")
    assert capsys.readouterr().err == ""


def test_two_answers_to_one_exercise_are_both_kept(
    machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = machines
    write(there, {"00.01": OTHER})
    assert save(there, monkeypatch) == 0
    write(here, {"00.01": ONE})
    assert save(here, monkeypatch) == 1  # they have to choose; but it is pushed
    assert work(here)[0] == {"00.01": ONE} and fork_head(here) == git(here.root, "rev-parse", "HEAD")
    assert OTHER.split("\n")[0] in (here.pairs() / "ch00_first.py").read_text()
    assert "00.01" in capsys.readouterr().out


def test_half_an_answer_gives_way_to_a_whole_one(
    machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = machines
    write(there, {"00.02": TWO})
    assert save(there, monkeypatch) == 0
    half = 'first = word[0]\nlast = ____  # the last letter?\ncheck("00.02")'
    write(here, {"00.02": half})
    assert save(here, monkeypatch) == 1
    text = (here.pairs() / "ch00_first.py").read_text()
    assert work(here)[0] == {"00.02": TWO} and "the last letter?" in text and "the course" not in text


def test_what_is_not_committed_here_is_never_overwritten(
    machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = machines
    (there.root / "chapters.toml").write_text(fake_course.SYLLABUS + "\n# there\n")
    git(there.root, "commit", "-q", "-a", "-m", "by hand")
    git(there.root, "push", "-q")
    (here.root / "chapters.toml").write_text(fake_course.SYLLABUS + "\n# here\n")
    write(here, {"00.01": ONE})
    assert save(here, monkeypatch) == 1
    said = capsys.readouterr().err
    assert "chapters.toml" in said and "git stash" in said and "save.py --push" in said and "newer course" not in said
    assert (here.root / "chapters.toml").read_text().endswith("# here\n")
    git(here.root, "commit", "-q", "-a", "-m", "by hand")
    assert save(here, monkeypatch) == 0
    assert "chapters.toml" in capsys.readouterr().out  # both have changed one line, so one version was taken
    assert fork_head(here) == git(here.root, "rev-parse", "HEAD")


def test_both_archives_are_kept(machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = machines
    entries = {
        one: f"## 00.0{n} · 2026-01-0{n} · ch00_first\n\n```python\n{n}\n```\n" for n, one in ((3, here), (4, there))
    }
    for one in (there, here):
        archive.archive_path(one.root, "en").write_text(f"{archive.HEAD}\n{entries[one]}")
        assert save(one, monkeypatch) == 0
    text = archive.archive_path(here.root, "en").read_text()
    assert text.startswith(archive.HEAD) and all(text.count(entry) == 1 for entry in entries.values())
    assert git(here.root, "show", "HEAD:workshop/en/archive.md") == text and work(here)


def test_a_download_without_git_joins_its_fork(
    machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = machines
    shutil.rmtree(here.root / ".git")
    git(here.root, "init", "-q", "-b", "main")
    git(here.root, "config", "user.name", "student-01")
    git(here.root, "config", "user.email", "student-01@example.org")
    git(here.root, "remote", "add", "origin", "../fork.git")
    write(there, {"00.01": ONE}, ("00.01",))
    assert save(there, monkeypatch) == 0
    write(here, {"00.02": TWO}, ("00.r1",))
    assert save(here, monkeypatch) == 0
    assert work(here) == ({"00.01": ONE, "00.02": TWO}, {"00.01", "00.r1"})
    assert fork_head(here) == git(here.root, "rev-parse", "HEAD")


def test_a_fork_that_is_always_newer(
    machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = machines
    merge = pushing.merge_saved

    def raced(*given: object) -> object:
        write(there, {"00.01": ONE}, ("00.01",) if not work(there)[1] else ())
        git(there.root, "commit", "-q", "-a", "-m", "again")
        done = merge(*given)  # type: ignore[arg-type]
        git(there.root, "push", "-q", "-f")
        return done

    monkeypatch.setattr(pushing, "merge_saved", raced)
    write(there, {"00.01": ONE})
    assert save(there, monkeypatch) == 0
    write(here, {"00.02": TWO})
    assert save(here, monkeypatch) == 1
    assert "save.py --push" in capsys.readouterr().err and work(here)[0] == {"00.01": ONE, "00.02": TWO}


def test_what_the_server_says_is_said(
    machines: tuple[Course, Course], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here, _ = machines
    hook = here.root.parent / "fork.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'error: File data.bin is 120.00 MB; this exceeds the limit' >&2\nexit 1\n")
    hook.chmod(0o755)
    write(here, {"00.02": TWO})
    assert save(here, monkeypatch) == 1
    assert "data.bin is 120.00 MB" in capsys.readouterr().err
