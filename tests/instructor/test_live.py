from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.forks.cohort import Cohort
from kit.forks.records import Fork
from kit.instructor.live import follow
from scripts import progress
from tests.support.forks import make_fork

NOW = datetime(2026, 3, 22, 12, tzinfo=UTC)
ONE = Cohort(NOW, (), (Fork("student-01", "", "empty"),))
LATER = replace(ONE, generated_at=NOW.replace(hour=13))
TWO = replace(LATER, forks=(Fork("student-01", "", "ok"),))


def play(steps: list[Cohort | Exception], redraw: bool = False) -> tuple[list[Cohort], list[float]]:
    """The reports shown, and the pauses, if the rounds give these one after the other and then Ctrl+C is pressed."""
    left, shown, pauses = list(steps), [], []

    def read() -> Cohort:
        if not left:
            raise KeyboardInterrupt
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    follow(read, shown.append, 5, redraw, pauses.append)
    return shown, pauses


def test_only_what_has_changed_is_shown() -> None:
    shown, pauses = play([ONE, LATER, TWO, TWO])
    assert shown == [ONE, TWO]
    assert len(pauses) == 4
    assert all(4 < pause <= 5 for pause in pauses)


def test_a_picture_is_drawn_each_time() -> None:
    assert play([ONE, LATER], redraw=True)[0] == [ONE, LATER]


@pytest.mark.parametrize("trouble", [KitError("gone", "clones", "look"), OSError(5, "input"), ValueError("odd")])
def test_a_round_that_fails_is_told_and_is_not_the_end(trouble: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    assert play([ONE, trouble, TWO])[0] == [ONE, TWO]
    assert len(capsys.readouterr().err.strip().split("\n")) >= 2


def test_the_first_round_must_succeed() -> None:
    with pytest.raises(KitError):
        play([KitError("no such folder"), ONE])


def until(is_so: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def test_a_file_follows_the_class_until_ctrl_c(course: Course) -> None:
    clones, out = course.root / "clones", course.root / "out" / "class.json"
    make_fork(clones / "student-01.git", course)
    words = ["clones", "--format", "json", "--watch", "1", "--output", str(out)]
    with subprocess.Popen(
        [sys.executable, str(ROOT / "scripts" / "progress.py"), *words],
        cwd=course.root, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        try:
            assert until(out.exists)
            before = (out.stat().st_ino, out.stat().st_mtime_ns)
            time.sleep(1.5)
            assert (out.stat().st_ino, out.stat().st_mtime_ns) == before
            make_fork(clones / "student-02.git", course)
            assert until(lambda: len(json.loads(out.read_text())["forks"]) == 2)
            clones.rename(course.root / "away")
            assert process.stderr is not None
            assert process.stderr.readline().strip()
            (course.root / "away").rename(clones)
            make_fork(clones / "student-03.git", course)
            assert until(lambda: len(json.loads(out.read_text())["forks"]) == 3)
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.parametrize("more", [["--watch", "0.1"], ["--watch", "-3"], ["--key", "file"], ["--format", "pdf"]])
def test_bad_usage_is_2(more: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        progress.main(["clones", *more])
    assert caught.value.code == 2


def test_a_page_that_follows_needs_a_file(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course.root)
    assert progress.main(["clones", "--format", "html", "--watch", "5"]) == 2


def test_pseudonyms_stay_with_their_key(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    for name in ("maple", "birch", "willow"):
        make_fork(Path("clones") / f"{name}.git", course)
    words = ["clones", "--pseudonymous", "--key", "class.key"]
    seen = []
    for form in ("csv", "csv", "json"):
        assert progress.main([*words, "--format", form]) == 0
        seen.append(capsys.readouterr().out)
    assert seen[0] == seen[1]
    assert [fork["name"] for fork in json.loads(seen[2])["forks"]] == ["student-01", "student-02", "student-03"]
    assert not [text for text in seen for name in ("maple", "birch", "willow", "clones") if name in text]
