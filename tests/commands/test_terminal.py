"""What appears in a terminal: readable without colours, in a narrow one, and in a screen reader's order."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.judge.records import Verdict
from kit.judge.show import coloured, fold
from kit.judge.verdict_cache import verdict_cache
from kit.learner.hints import solution
from tests.support import fake_course, upstreams
from tests.support.fake_course import git
from tests.support.terminal import terminal

ESCAPE = b"\x1b"
PLAIN = [{"NO_COLOR": "1"}, {"TERM": "dumb"}]
COMMAND = re.compile(r" *(python|git|make) ")
NARROW = 32  # columns; the fake course's names are short
RIGHT = {"00.01": 'length = len(word)\ncheck("00.01")'}
WRONG = {"00.01": 'length = len(word) - 1\ncheck("00.01")'}
HALF = {"00.02": 'first = word[0]\nlast = ____\ncheck("00.02")'}


@pytest.fixture
def here(repository: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A learner's repository: one exercise filled and known to fail, one half filled, and git knowing its user."""
    monkeypatch.setenv("HOME", str(repository.root.parent))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(repository.root, "config", "user.name", "student-01")
    git(repository.root, "config", "user.email", "student-01@example.org")
    (repository.root / ".gitignore").write_text(".workshop/\n")
    fake_course.write_pair(repository, "00", WRONG | HALF, ("00.01",))
    verdict_cache(repository).keep([(Verdict("00.01", "failed"), WRONG["00.01"])])
    return repository


def broken(lines: list[str], columns: int) -> list[str]:
    """The lines that the terminal breaks; a single word, such as a path, and a command may be longer than it is."""
    return [line for line in lines if len(line) > columns and " " in line.strip() and not COMMAND.match(line)]


@pytest.mark.parametrize("environment", PLAIN, ids=["no colour", "dumb"])
def test_no_escape_sequence_where_none_is_wanted(here: Course, tmp_path: Path, environment: dict[str, str]) -> None:
    folder = tmp_path / "clones"
    folder.mkdir()
    git(folder, "clone", "-q", str(here.root), "student-01")
    teacher = upstreams.publish(tmp_path / "teacher")
    student = upstreams.fork(tmp_path / "student", teacher.root)
    upstreams.write(teacher.root, upstreams.added(upstreams.START))
    upstreams.commit(teacher.root, "a newer release")
    for argv, root, code in [
        (["status.py"], here.root, 0),
        (["doctor.py"], here.root, 1),
        (["hint.py"], here.root, 0),
        (["update.py"], student.root, 0),
        (["progress.py", str(folder)], here.root, 0),
        (["progress.py", "nowhere"], here.root, 2),
    ]:
        seen = terminal(argv, root, **environment)
        assert (argv[0], seen.code, ESCAPE in seen.data) == (argv[0], code, False)
        assert len(seen.lines) > 0


def test_a_watch_in_a_narrow_terminal_without_colours(here: Course) -> None:
    fake_course.write_pair(here, "00", {}, ())
    seen = terminal(
        ["check.py", "--watch"],
        here.root,
        columns=NARROW,
        acts=[
            (b"next:", lambda: fake_course.write_pair(here, "00", WRONG, ())),
            (b"all:", "h"),
            (b"hint 1", "s"),
            (b"solution", "l"),
            (b"00.02", "n"),
            (b"next:", "q"),
        ],
        NO_COLOR="1",
    )
    assert (seen.code, ESCAPE in seen.data, broken(seen.lines, NARROW)) == (0, False, [])
    told = [line for line in seen.lines if re.match(r".? ?00\.01 failed( \(line \d+\): .*| line \d+)", line)]
    assert len(told) == 2  # the verdict, and the line of the list


def test_a_check_in_a_narrow_terminal(here: Course) -> None:
    seen = terminal(["check.py", "00"], here.root, columns=NARROW, TERM="dumb")
    assert (seen.code, ESCAPE in seen.data, broken(seen.lines, NARROW)) == (1, False, [])
    assert any("00.01 failed" in line for line in seen.lines)


def test_a_save_in_a_narrow_terminal(here: Course) -> None:
    git(here.root, "add", "-A")
    git(here.root, "commit", "-qm", "before")
    fake_course.write_pair(here, "00", RIGHT, ())
    (here.pairs() / "ch00_first.ipynb").unlink()
    verdict_cache(here).keep([(Verdict("00.01", "passed"), RIGHT["00.01"])])
    seen = terminal(["save.py"], here.root, columns=NARROW, NO_COLOR="1")
    assert (seen.code, ESCAPE in seen.data, broken(seen.lines, NARROW)) == (0, False, [])
    assert git(here.root, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    "argv", [["status.py"], ["doctor.py"], ["hint.py", "00.01"], ["hint.py", "00.02", "--rung", "2"]]
)
def test_a_narrow_terminal_breaks_no_line(here: Course, argv: list[str]) -> None:
    seen = terminal(argv, here.root, columns=NARROW)
    assert broken(seen.lines, NARROW) == []
    assert ESCAPE not in seen.data and seen.lines


def test_a_command_stays_whole_and_what_is_around_it_is_folded() -> None:
    command = "python scripts/reset_to_todo.py --restore 20260314T151617Z-1"
    assert fold(f"they differ; what was there before: {command}, then go on", 30).split("\n") == [
        *("they differ; what was there", "  before:", f"  {command},", "  then go on"),
    ]
    assert fold("python scripts/check.py 01.05 and all that is behind it", 30).split("\n") == [
        *("python scripts/check.py 01.05", "  and all that is behind it"),
    ]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_who_wants_colours(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], wanted: bool) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in ({"TERM": "xterm"} | environment).items():
        monkeypatch.setenv(name, value)
    assert (coloured(Terminal()), coloured(io.StringIO())) == (wanted, False)


def test_a_solution_loses_comments_before_it_is_broken(course: Course) -> None:
    _, exercise = course.exercise("00.02")
    assert solution(exercise, 30) == "first = word[0]\nlast = word[-1]"
    assert solution(exercise, 34).count("#") == 1
    inside = replace(exercise, code="# a line of its own, and long\nif x:\n    # another that is long\n    y = '# no'")
    assert solution(inside, 20).split("\n") == [
        *("# a line of its own,", "# and long", "if x:"),
        *("    # another that is", "    # long", "    y = '# no'"),
    ]


def test_each_check_of_the_doctor_begins_with_a_word(here: Course) -> None:
    seen = terminal(["doctor.py"], here.root, columns=1000)
    words = {line.split()[0] for line in seen.lines[:-1] if not line.startswith(" ")}
    assert words == {"ok", "fix"}
