"""`save.py` and `checkpoint.py`, killed: between any two steps, and at random times with the git they started.

What was done before is in the files, or in the backup made for it; run again, the command finishes.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from kit.course.answers import read_file
from kit.course.course import Course
from kit.judge.records import Verdict
from kit.judge.verdict_cache import verdict_cache
from kit.pairs.pair import Pair
from tests.support import fake_course
from tests.support.fake_course import git
from tests.support.learner_files import in_backups, killed

RIGHT = {
    "00.01": 'length = sum(1 for _ in word)\ncheck("00.01")',
    "00.02": 'first = word[:1]\nlast = word[-1]\ncheck("00.02")',
    "01.01": 'doubled = x + x\ncheck("01.01")',
}


@pytest.fixture
def here(repository: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A learner's repository with an answer in one file only, another in the other only, a tick set by hand, and a
    memory that knows the answers to be right."""
    monkeypatch.setenv("HOME", str(repository.root.parent))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(repository.root, "config", "user.name", "student-01")
    git(repository.root, "config", "user.email", "student-01@example.org")
    (repository.root / ".gitignore").write_text(".workshop/\n__pycache__/\n")
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "start")
    first = Pair(repository.root, "en", "ch00_first")
    fake_course.write_pair(repository, "00", {"00.02": RIGHT["00.02"]}, ("00.r1",))
    notebook = first.notebook.read_bytes()
    fake_course.write_pair(repository, "00", {"00.01": RIGHT["00.01"]}, ())
    first.notebook.write_bytes(notebook)
    script = Pair(repository.root, "en", "ch01_second").notebook.read_bytes()
    fake_course.write_pair(repository, "01", {"01.01": RIGHT["01.01"]}, ())
    Pair(repository.root, "en", "ch01_second").notebook.write_bytes(script)
    verdict_cache(repository).keep([(Verdict(item_id, "passed"), code) for item_id, code in RIGHT.items()])
    return repository


def work(root: Path) -> tuple[set[str], set[str]]:
    """The learner's answers and ticks that are in any of the files, all of which must be whole."""
    answers: set[str] = set()
    ticks: set[str] = set()
    for path in sorted(root.glob("workshop/en/ch*")):
        ast.parse(path.read_text()) if path.suffix == ".py" else json.loads(path.read_text())
        found = read_file(path)
        answers |= {answer.source for answer in found.answers.values() if answer.filled}
        ticks |= {item_id for item_id, item in found.items.items() if item.ticked}
    return answers, ticks


@pytest.mark.parametrize("mode", ["steps", "random"])
def test_a_killed_save_loses_nothing_and_the_next_one_saves_all(here: Course, fast: Path, mode: str) -> None:
    more = {"stride": 5} if mode == "steps" else {"runs": 20}
    statuses = killed(mode, "save", [], here.root, fast, **more)
    assert statuses.count(-9) > 3
    roots = [fast / str(number) for number in range(len(statuses))]
    for root in roots:
        answers, ticks = work(root)
        assert answers >= set(RIGHT.values()) and "00.r1" in ticks
        for lock in (root / ".git").rglob("*.lock"):  # of a git that was killed; git itself says so
            lock.unlink()
    assert set(killed("rerun", "save", [], here.root, fast)) == {0}
    for root in roots:
        assert git(root, "status", "--porcelain") == ""
        assert work(root) == (set(RIGHT.values()), {*RIGHT, "00.r1"})
        for stem in ("ch00_first", "ch01_second"):
            both = [read_file(root / "workshop" / "en" / f"{stem}{end}") for end in (".py", ".ipynb")]
            assert {item_id: item.ticked for item_id, item in both[0].items.items()} == {
                item_id: item.ticked for item_id, item in both[1].items.items()
            }


@pytest.mark.parametrize("mode", ["steps", "random"])
def test_a_killed_jump_loses_nothing_and_the_next_one_finishes(here: Course, fast: Path, mode: str) -> None:
    more = {"stride": 9} if mode == "steps" else {"runs": 20}
    statuses = killed(mode, "checkpoint", ["02"], here.root, fast, strict=1, **more)
    assert statuses.count(-9) > 3
    roots = [fast / str(number) for number in range(len(statuses))]
    for root in roots:
        check_kept(root)
    assert set(killed("rerun", "checkpoint", ["02"], here.root, fast, strict=1)) == {0}
    finished = {exercise.code for chapter in here.chapters for exercise in chapter.exercises}
    for root in roots:
        check_kept(root)
        assert work(root) == (finished, {"00.01", "00.02", "01.01", "01.02", "00.r1"})


def check_kept(root: Path) -> None:
    """Every answer is in a file or in a backup, and so is the tick."""
    answers, ticks = work(root)
    held = b"\n".join(data for _, data in in_backups(root)).decode()
    for code in RIGHT.values():
        assert code in answers or code.split("\n")[0] in held
    assert "00.r1" in ticks
