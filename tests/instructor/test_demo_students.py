from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.forks.cohort import read_cohort
from kit.forks.records import Fork
from kit.instructor import demo
from kit.instructor.demo_students import MONDAY, STORIES, Student, attempt, make_cohort
from kit.sources.words import find_forks
from tests.support import fake_course


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's cohort, from the real course."""
    folder = tmp_path_factory.mktemp("demo")
    make_cohort(Course(), folder)
    return folder


@pytest.fixture(scope="module")
def forks(folder: Path) -> dict[str, Fork]:
    """The cohort as it is read back, by story."""
    origins = find_forks([str(folder / "cohort"), str(folder / "roster.csv")])
    return {fork.extra["story"]: fork for fork in read_cohort(Course(), origins).forks}


def filled(fork: Fork) -> int:
    return sum(len(progress.filled) for progress in fork.chapters.values())


def ticked(fork: Fork) -> int:
    return sum(len(progress.ticked) for progress in fork.chapters.values())


def flags(fork: Fork) -> set[str]:
    return {flag.word for progress in fork.chapters.values() for flag in progress.flags}


def test_twelve_students_with_twelve_stories(forks: dict[str, Fork]) -> None:
    assert [fork.name for fork in forks.values()] == [f"student-{n:02d}" for n in range(1, 13)]
    assert len({story for story, _ in STORIES.values()}) == 12


def test_each_story_shows(forks: dict[str, Fork]) -> None:
    total = sum(len(chapter.exercises) for chapter in Course().chapters)
    assert {story: fork.status for story, fork in forks.items() if fork.status != "ok"} == {
        "empty fork": "empty",
        "broken fork": "unreadable",
    }
    assert filled(forks["eager"]) > 0.85 * total
    assert 0.3 * total < filled(forks["average"]) < filled(forks["eager"])
    assert 0 < filled(forks["stuck"]) < filled(forks["average"])
    assert filled(forks["late"]) > 0.3 * total
    assert filled(forks["ticks without work"]) == 0
    assert ticked(forks["ticks without work"]) > 0.5 * total
    assert ticked(forks["work without ticks"]) == 0
    assert filled(forks["work without ticks"]) > 0.3 * total
    assert filled(forks["notebook only"]) > 0.3 * total
    assert forks["renamed branch"].tip
    assert forks["renamed branch"].tip.branch != "main"
    last, first = Course().chapters[-1].id, Course().chapters[0].id
    assert len(forks["other chapter order"].chapters[last].filled) == len(Course().chapters[-1].exercises)
    assert len(forks["other chapter order"].chapters[first].filled) == 0


def test_flags_where_the_story_has_one_and_nowhere_else(forks: dict[str, Fork]) -> None:
    assert {story: flags(fork) for story, fork in forks.items() if flags(fork)} == {
        "ticks without work": {"ticked but blank"},
        "notebook only": {"pair stale"},
        "conflict markers": {"conflict"},
    }


def test_histories_are_believable(folder: Path) -> None:
    for name, (story, _) in STORIES.items():
        if story in ("empty fork", "broken fork"):
            continue
        fork = folder / "cohort" / f"{name}.git"
        log = fake_course.git(fork, "log", "--format=%ct %an", "--reverse").split("\n")[:-1]
        times = [int(line.split()[0]) for line in log]
        assert len(log) >= 4
        assert times == sorted(times)
        assert log[0].endswith("course")
        assert all(line.endswith(name) for line in log[1:])
        assert MONDAY.timestamp() < times[1]
        assert times[-1] < (MONDAY + timedelta(weeks=3)).timestamp()
        fake_course.git(folder / "cohort" / f"{name}.git", "fsck", "--strict")


def test_made_anew_and_the_same(folder: Path, forks: dict[str, Fork], tmp_path: Path) -> None:
    make_cohort(Course(), tmp_path)
    again = make_cohort(Course(), tmp_path)
    origins = find_forks([str(tmp_path / "cohort"), str(again)])
    tips = [fork.tip for fork in read_cohort(Course(), origins).forks]
    assert tips == [fork.tip for fork in forks.values()]
    assert again.read_bytes() == (folder / "roster.csv").read_bytes()


def test_a_course_of_two_chapters_will_do(course: Course, tmp_path: Path) -> None:
    roster = make_cohort(course, tmp_path / "demo")
    forks = read_cohort(course, find_forks([str(tmp_path / "demo" / "cohort"), str(roster)])).forks
    assert len(forks) == 12


def test_attempts_are_answers_alternatives_and_mistakes(course: Course) -> None:
    exercise = course.chapter("00").exercise("00.01")
    seen = {attempt(exercise, Random(seed), 0.5) for seed in range(60)}
    assert exercise.code in seen
    assert exercise.with_answer(0, "sum(1 for _ in word)") in seen
    assert exercise.with_answer(0, 'word.count("p")') in seen
    assert {attempt(exercise, Random(seed), 0.0) for seed in range(60)} == {
        exercise.code,
        exercise.with_answer(0, "sum(1 for _ in word)"),
    }


def test_a_student_who_is_through_does_nothing_more(course: Course) -> None:
    student = Student(course, "student-01")
    student.work(0, 1.0)
    commits = len(student.commits)
    student.work(1, 1.0)
    assert len(student.commits) == commits


def test_the_demo_reads_its_cohort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    demo.show_cohort(Course(), tmp_path)
    report = json.loads((tmp_path / "progress.json").read_text())
    assert [fork["name"] for fork in report["forks"]] == list(STORIES)
    assert "student-12" in capfd.readouterr().out


def test_a_failing_part_stops_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda words: subprocess.CompletedProcess(words, 2))
    with pytest.raises(KitError):
        demo.run_command(Course(), ["scripts/progress.py"])


def test_the_whole_demo_judges_and_then_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    monkeypatch.setattr(demo, "show_judging", lambda course: done.append("judged"))
    monkeypatch.setattr(demo, "show_cohort", lambda course, folder: done.append(folder))
    demo.show(Course())
    assert done == ["judged", ROOT / "demo"]
