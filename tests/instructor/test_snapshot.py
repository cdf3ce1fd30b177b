"""`--until` and `--snapshot`, from the command line, on forks that a server has."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.course.course import Course
from kit.errors import KitError
from kit.instructor.snapshot import parse_until
from scripts import progress
from tests.support import fake_course
from tests.support.forks import DAY, answers, make_fork, pair
from tests.support.git_server import serve

UNTIL = (DAY + timedelta(days=1)).isoformat()


@pytest.fixture
def here(course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The fake course as the current folder, with a fork in `forks` whose student went on after the date."""
    monkeypatch.chdir(course.root)
    one = course.chapter("00")
    done = (pair(one, answers(one, "00.01")), pair(one, answers(one, "00.01", "00.02")))
    make_fork(course.root / "forks" / "student-01.git", course, *done)
    return course


def filled(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """How many exercises of chapter 00 are filled, and the whole report."""
    assert progress.main([*words, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    return report["forks"][0]["chapters"]["00"]["filled"], report


def test_a_snapshot_is_the_same_again_whatever_is_pushed(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    bare = here.root / "forks" / "student-01.git"
    with serve(here.root / "forks") as server:
        words = [f"{server.url}/student-01.git", "--snapshot", "week1.json"]
        count, first = filled(capsys, *words, "--until", UNTIL)
        assert (count, first["until"]) == (1, "2026-03-03T18:00:00Z")
        assert first["forks"][0]["chapters"]["00"]["flags"] == ["late 00.02"]
        kept = Path("week1.json").read_bytes()

        head = fake_course.git(bare, "rev-list", "--max-parents=0", "HEAD").strip()
        fake_course.git(bare, "update-ref", "refs/heads/main", head)  # the student forces everything away
        fake_course.git(bare, "reflog", "expire", "--expire=now", "--all")
        assert filled(capsys, words[0])[0] == 0
        for cached in Path(".workshop/forks").glob("*.git"):
            fake_course.git(cached, "gc", "-q", "--prune=now")
        count, second = filled(capsys, *words)
        assert count == 1
        assert second["forks"][0]["tip"] == first["forks"][0]["tip"]

        shutil.rmtree(bare)  # and the fork, too
        count, third = filled(capsys, *words)
        assert (count, third["forks"][0]["status"]) == (1, "not found")
    assert Path("week1.json").read_bytes() == kept


def test_a_fork_that_came_later_says_so(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    filled(capsys, "forks", "--snapshot", "s.json")
    make_fork(here.root / "forks" / "student-02.git", here)
    _, report = filled(capsys, "forks", "--snapshot", "s.json")
    assert [fork["reason"] for fork in report["forks"]] == ["", "not in the snapshot"]


def test_a_commit_that_is_gone_is_a_row(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    filled(capsys, "forks", "--snapshot", "s.json")
    row = json.loads(Path("s.json").read_text())
    row["forks"][0]["commit"] = "1" * 40
    Path("s.json").write_text(json.dumps(row))
    assert progress.main(["forks", "--snapshot", "s.json", "--format", "json"]) == 0
    (fork,) = json.loads(capsys.readouterr().out)["forks"]
    assert (fork["status"], fork["reason"]) == ("unreadable", "the snapshot's commit 1111111111 is no longer there")


@pytest.mark.parametrize("text", ["[]", "{", '{"kind": "x"}', '{"kind": "snapshot of a class", "forks": [{}]}'])
def test_another_file_is_no_snapshot(here: Course, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("s.json").write_text(text)
    assert progress.main(["forks", "--snapshot", "s.json"]) == 2
    assert Path("s.json").read_text() == text
    assert capsys.readouterr().err.count("\n") == 1


def test_another_date_is_refused(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    filled(capsys, "forks", "--snapshot", "s.json", "--until", UNTIL)
    assert progress.main(["forks", "--snapshot", "s.json", "--until", "2026-04-01"]) == 2
    assert filled(capsys, "forks", "--snapshot", "s.json", "--until", UNTIL)[0] == 1


def test_dates() -> None:
    assert parse_until("2026-03-01") == datetime(2026, 3, 1, 23, 59, 59).astimezone()
    assert parse_until("2026-03-01T18:00") == datetime(2026, 3, 1, 18).astimezone()
    assert parse_until("2026-03-02T18:00Z") == DAY
    assert parse_until("2026-03-03T03:00+09:00") == DAY
    for text in ("", "yesterday", "2026-02-30", "01.03.2026", "99999-01-01"):
        with pytest.raises(KitError):
            parse_until(text)
