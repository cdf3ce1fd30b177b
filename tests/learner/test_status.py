from __future__ import annotations

from datetime import timedelta

import pytest

from kit.course.course import Course
from kit.judge.records import Verdict
from kit.judge.show import fold
from kit.judge.verdict_cache import verdict_cache
from kit.learner.status import next_lines, rows, status
from kit.learner.time_spent import FIRST, spent, time_line
from kit.terminal import terminal_width
from scripts.status import main
from tests.support import fake_course

RIGHT = {"00.01": 'length = len(word)\ncheck("00.01")', "00.02": 'first = word[0]\nlast = word[-1]\ncheck("00.02")'}


def test_a_fresh_course_begins_at_the_beginning(course: Course) -> None:
    found = status(course)
    assert [(p.outline.id, p.filled, p.ticked) for p in found.chapters] == [("00", 0, ()), ("01", 0, ())]
    assert found.next == "00.01" and found.current is found.chapters[0] and found.spent is None
    lines = (course.pairs() / "ch00_first.py").read_text().split("\n")
    assert "____" in lines[found.places[0].line - 1]


def test_what_is_filled_in_either_file_counts_and_the_next_one_comes(course: Course) -> None:
    python = course.pairs() / "ch00_first.py"
    todo = python.read_text()
    fake_course.write_pair(course, "00", RIGHT, ("00.01", "00.02"))
    python.write_text(todo)
    found = status(course)
    assert (found.chapters[0].filled, found.chapters[0].ticked, found.next) == (2, ("00.01", "00.02"), "01.01")


def test_a_challenge_waits_for_nobody(course: Course) -> None:
    source = course.sources / "ch00_first.py"
    source.write_text(
        source.read_text().replace("positions count from 0\n", "positions count from 0\n#! challenge: 5 minutes\n")
    )
    course = Course(course.root)
    fake_course.write_pair(course, "00", {"00.01": RIGHT["00.01"]}, ("00.01",))
    found = status(course)
    assert (found.chapters[0].exercises, found.chapters[0].filled, found.next) == (1, 1, "01.01")
    assert not found.chapters[0].challenge_done
    fake_course.write_pair(course, "00", RIGHT, ("00.01", "00.02"))
    found = status(course)
    assert (found.chapters[0].filled, found.chapters[0].ticks, found.chapters[0].challenge_done) == (1, 1, True)
    assert rows(found, 100)[0].endswith(" 1 of 1 filled, 1 ticked; challenge done")


def test_a_bonus_chapter_counts_in_no_total_and_waits_until_it_is_begun(
    course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    syllabus = course.root / "chapters.toml"
    syllabus.write_text(
        syllabus.read_text().replace("minutes = 20\n", "minutes = 20\nbonus = true\n", 1) + "bonus = true\n"
    )
    course = Course(course.root)
    found = status(course)
    assert (found.exercises, found.filled, found.ticks, found.next) == (2, 0, 0, "00.01")
    assert rows(found, 100)[1].endswith("; bonus chapter")
    fake_course.write_pair(course, "00", RIGHT, ("00.01", "00.02"))
    monkeypatch.chdir(course.root)
    assert main([]) == 0
    assert capsys.readouterr().out.endswith("is filled and ticked\nbonus chapters, if you want more: 01 Second steps\n")
    fake_course.write_pair(course, "01", {"01.01": 'doubled = x * 2\ncheck("01.01")'}, ("01.01",))
    found = status(course)
    assert (found.filled, found.ticks, found.next) == (2, 2, "01.02")


def test_what_comes_next_is_said_as_it_is(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course.root)
    assert next_lines(status(course))[0].startswith("next: 00.01, workshop/en/ch00_first.py:")
    fake_course.write_pair(course, "00", RIGHT, ("00.02",))
    [line] = next_lines(status(course))
    assert "python scripts/check.py 00.01" in line and "[x]" not in line
    assert status(course).to_solve == "00.01"
    verdict_cache(course).keep([(Verdict("00.01", "passed"), RIGHT["00.01"])])
    assert "- [x] 00.01" in next_lines(status(course))[0] and "01.01" in next_lines(status(course))[1]
    assert (status(course).next, status(course).to_solve) == ("00.01", "01.01")
    verdict_cache(course).keep([(Verdict("00.01", "failed"), RIGHT["00.01"])])
    fake_course.write_pair(course, "00", RIGHT, ("00.01", "00.02"))
    [line] = next_lines(status(course))
    assert "00.01, which doesn't pass" in line and "[x]" not in line


def test_two_files_that_differ_are_said_in_words(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    kept = (course.pairs() / "ch00_first.ipynb").read_bytes()
    fake_course.write_pair(course, "00", {each: course.exercise(each)[1].code for each in RIGHT}, ())
    (course.pairs() / "ch00_first.ipynb").write_bytes(kept)
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "python scripts/save.py" in out and "stale" not in out and "equal" not in out


def test_filled_and_not_ticked_waits(course: Course) -> None:
    fake_course.write_pair(course, "00", RIGHT, ("00.02",))
    assert status(course).next == "00.01" and status(course).chapters[0].to_do == ("00.01",)


def test_a_tick_without_work_and_one_that_failed_are_promises(course: Course) -> None:
    fake_course.write_pair(course, "00", {"00.01": RIGHT["00.01"]}, ("00.01", "00.02"))
    assert status(course).chapters[0].ticked_not_passing == ("00.02",)
    verdict_cache(course).keep([(Verdict("00.01", "failed"), RIGHT["00.01"] + "  \n")])
    assert status(course).chapters[0].ticked_not_passing == ("00.01", "00.02") and status(course).next == "00.01"
    verdict_cache(course).keep([(Verdict("00.01", "passed"), RIGHT["00.01"])])
    assert status(course).chapters[0].ticked_not_passing == ("00.02",)


def test_a_verdict_is_of_one_chapter_and_one_cell(course: Course) -> None:
    verdict_cache(course).keep([(Verdict("00.01", "error"), "length = 1"), (Verdict("01.01", "passed"), "doubled = 2")])
    memory = verdict_cache(course)
    assert memory.outcome("00.01", "length = 1 \n") == "error"
    assert memory.outcome("00.02", "length = 1") is memory.outcome("00.01", "length = 2") is None
    source = course.sources / "ch00_first.py"
    source.write_text(source.read_text().replace("how many letters?", "how many?"))
    memory = verdict_cache(course)
    assert (memory.outcome("00.01", "length = 1"), memory.outcome("01.01", "doubled = 2")) == (None, "passed")
    memory.cache.close()
    for end in ("", "-wal", "-shm"):
        (course.root / ".workshop" / f"cache.sqlite{end}").unlink(missing_ok=True)
    (course.root / ".workshop" / "cache.sqlite").write_text("no database")
    assert verdict_cache(course).outcome("01.01", "doubled = 2") is None


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([], timedelta()),
        ([0], FIRST),
        ([0, 20, 40], FIRST + timedelta(minutes=40)),
        ([0, 20, 500, 530], 2 * FIRST + timedelta(minutes=50)),
    ],
)
def test_time_is_counted_between_commits_of_a_sitting(minutes: list[int], expected: timedelta) -> None:
    assert spent([60 * minute for minute in reversed(minutes)]) == expected


def test_nobody_has_worked_longer_than_the_clone_is_here() -> None:
    minute = timedelta(minutes=1)
    assert spent([180], since=0) == 3 * minute
    assert spent([180, 300], since=60) == 4 * minute
    assert spent([3600], since=0) == spent([180], since=240) == FIRST
    said = [time_line(count * minute).partition("about ")[2] for count in (3, 12, 59, 60, 125)]
    assert said == ["3 min", "12 min", "59 min", "1 h 00 min", "2 h 05 min"]


def test_the_commits_that_count_are_those_after_the_first(repository: Course) -> None:
    assert status(repository).spent is None
    fake_course.write_pair(repository, "00", RIGHT, ())
    fake_course.git(repository.root, "commit", "-qam", "work")
    fake_course.git(repository.root, "config", "user.email", "student-01@example.org")
    assert status(repository).spent in (timedelta(), timedelta(seconds=1), timedelta(seconds=2))
    fake_course.git(repository.root, "config", "user.email", "student-02@example.org")
    assert status(repository).spent is None


def test_the_table_has_a_line_for_each_chapter(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    fake_course.write_pair(course, "00", RIGHT, ("00.01", "00.02"))
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:4] for line in lines[:2]] == ["  00", "> 01"] and "2 of 2" in lines[0]
    assert lines[-1].startswith("next: 01.01, workshop/en/ch01_second.py:")
    assert main(["--lang", "xx"]) == 2


def test_nothing_is_left_to_do(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    for chapter in course.chapters:
        answers = {exercise.id: exercise.code for exercise in chapter.exercises}
        fake_course.write_pair(course, chapter.id, answers, tuple(answers))
    assert status(course).next == "" and main([]) == 0
    assert "next:" not in capsys.readouterr().out


@pytest.mark.parametrize("width", [30, 40, 60, 100])
def test_a_narrow_terminal_gets_fewer_words_and_always_the_numbers(course: Course, width: int) -> None:
    fake_course.write_pair(course, "00", RIGHT, ("00.01",))
    lines = rows(status(course), width)
    assert all(len(line) <= width for line in lines)
    assert [line[0] for line in lines] == [">", " "]
    assert "2 of 2" in lines[0] and "0 of 2" in lines[1]


def test_prose_is_folded_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "a line of prose that is too long\n  indented prose that is too long, too\nhttps://example.org/a/very/long/word"
    )
    folded = fold(text, 24)
    assert "".join(folded.split()) == "".join(text.split())
    assert all(len(line) <= 24 or " " not in line.strip() for line in folded.split("\n"))
    assert fold(text, 100) == text
    monkeypatch.setenv("COLUMNS", "40")
    assert terminal_width() == 40
