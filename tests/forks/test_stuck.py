from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kit.course.course import Course
from kit.course.outline import Outline, outline_of
from kit.forks.records import Attempted, Fork, History, Stuck, Tip
from kit.forks.stuck import FEW, MOST, TRIES, UNKNOWN, find_stuck, usual_effort
from kit.pairs.progress import ChapterProgress

DAY = datetime(2026, 3, 2, 18, tzinfo=UTC)


@pytest.fixture
def outlines(course: Course) -> tuple[Outline, ...]:
    return tuple(map(outline_of, course.chapters))


def student(
    sittings: Mapping[str, int],
    filled: tuple[str, ...] = (),
    now: tuple[str, ...] = (),
    ticked: tuple[str, ...] = (),
    verified: tuple[str, ...] | None = None,
) -> Fork:
    """A fork: in how many sittings each exercise was changed, which are filled, which were changed in the latest."""
    attempted = {
        x: Attempted(DAY, DAY + timedelta(days=3 * count), 2 * count, count, x in now) for x, count in sittings.items()
    }
    chapters = {
        number: ChapterProgress(
            3, tuple(t for t in ticked if t[:2] == number), tuple(f for f in filled if f[:2] == number), verified
        )
        for number in ("00", "01")
    }
    history = History((), 9, "", attempted=attempted)
    return Fork("s", "", "ok", tip=Tip("a" * 40, "main", DAY), chapters=chapters, history=history)


USUAL = [student({"00.01": 1, "00.02": 1}, ("00.01", "00.02")) for _ in range(8)]


def stuck(outlines: tuple[Outline, ...], fork: Fork, others: list[Fork] | None = None) -> list[str]:
    found = find_stuck(outlines, [fork, *(USUAL if others is None else others)])
    history = found[0].history
    assert history
    assert all(not (other.history and other.history.stuck) for other in found[1:])
    return [each.id for each in history.stuck]


def test_who_comes_back_more_often_than_others_needed(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.01": 1, "00.02": 2}, ("00.01",), ("00.02",))) == ["00.02"]
    assert stuck(outlines, student({"00.01": 1, "00.02": 1}, ("00.01",), ("00.02",))) == []


def test_one_commit_in_each_of_two_sittings_is_too_little(outlines: tuple[Outline, ...]) -> None:
    fork = student({"00.02": 2}, (), ("00.02",))
    assert fork.history
    for commits in (TRIES - 1, TRIES):
        tried = {"00.02": replace(fork.history.attempted["00.02"], commits=commits)}
        one = replace(fork, history=replace(fork.history, attempted=tried))
        assert stuck(outlines, one) == (["00.02"] if commits == TRIES else [])


def test_who_has_done_it_is_not_stuck(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.01": 1, "00.02": 6}, ("00.01", "00.02"), ("00.02",))) == []


def test_who_has_not_touched_it_is_not_stuck(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.01": 5}, ("00.01",), ("00.01",))) == []
    assert stuck(outlines, student({})) == []


def test_who_has_gone_on_is_not_stuck(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.01": 5, "00.02": 1}, ("00.02",), ("00.02",))) == []
    failed = student({"00.01": 5, "00.02": 1}, ("00.01", "00.02"), ("00.02",), verified=("00.02",))
    assert stuck(outlines, failed) == []


def test_what_the_class_needed_decides(outlines: tuple[Outline, ...]) -> None:
    hard = [student({"00.02": 1 + n}, ("00.02",)) for n in range(10)]  # nine in ten needed 9 at most
    assert stuck(outlines, student({"00.02": 9}, (), ("00.02",)), hard) == []
    assert stuck(outlines, student({"00.02": 10}, (), ("00.02",)), hard) == ["00.02"]


def test_few_students(outlines: tuple[Outline, ...]) -> None:
    for others in ([], USUAL[: (FEW - 1) // 2]):
        assert stuck(outlines, student({"00.02": UNKNOWN}, (), ("00.02",)), others) == []
        assert stuck(outlines, student({"00.02": UNKNOWN + 1}, (), ("00.02",)), others) == ["00.02"]
    other = [student({"01.01": 4}, ("01.01",)) for _ in range(FEW)]
    assert stuck(outlines, student({"00.02": 4}, (), ("00.02",)), other) == []  # what the course takes
    assert stuck(outlines, student({"00.02": 5}, (), ("00.02",)), other) == ["00.02"]


def test_what_is_filled_and_not_ticked_by_who_ticks(outlines: tuple[Outline, ...]) -> None:
    both = ("00.01", "00.02")
    assert stuck(outlines, student({"00.02": 3}, both, ("00.02",), ("00.01",))) == ["00.02"]
    assert stuck(outlines, student({"00.02": 3}, both, ("00.02",))) == []
    assert stuck(outlines, student({"00.02": 3}, both, ("00.02",), both)) == []
    first_of_a_chapter = student({"01.01": 3}, (*both, "01.01"), ("01.01",), both)
    assert stuck(outlines, first_of_a_chapter) == ["01.01"]
    assert stuck(outlines, student({"00.02": 3}, ("00.02",), ("00.02",))) == []  # nothing says that they tick


def test_a_tick_without_an_answer_is_not_this(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.02": 3}, (), ("00.02",), ("00.02",))) == []
    assert stuck(outlines, student({"00.02": 3}, (), ("00.02",), ("00.02",), ())) == []


def test_verdicts_count_where_there_are_any(outlines: tuple[Outline, ...]) -> None:
    both = ("00.01", "00.02")
    others = [student({"00.01": 1, "00.02": 1}, both, verified=both) for _ in range(8)]
    assert stuck(outlines, student({"00.02": 3}, both, ("00.02",), both, ("00.01",)), others) == ["00.02"]
    assert stuck(outlines, student({"00.02": 3}, both, ("00.02",), ("00.01",), both), others) == []


def test_what_could_not_be_judged_is_no_verdict(outlines: tuple[Outline, ...]) -> None:
    both = ("00.01", "00.02")
    others = [student({"00.01": 1, "00.02": 1}, both, verified=both) for _ in range(8)]
    fork = student({"00.01": 5}, both, both, verified=("00.02",))
    assert stuck(outlines, fork, others) == ["00.01"]
    lost = replace(fork.chapters["00"], failed={"00.01": "not judged: no room"})
    assert stuck(outlines, replace(fork, chapters={**fork.chapters, "00": lost}), others) == []


def test_who_is_asked_again_is_said_anew(outlines: tuple[Outline, ...]) -> None:
    first = find_stuck(outlines, [student({"00.02": 3}, (), ("00.02",)), *USUAL])
    assert first[0].history
    assert first[0].history.stuck
    passed = replace(first[0].chapters["00"], verified=("00.01", "00.02"))
    again = find_stuck(outlines, [replace(first[0], chapters={"00": passed}), *first[1:]])
    assert again[0].history
    assert again[0].history.stuck == ()


def test_evidence_has_the_numbers(outlines: tuple[Outline, ...]) -> None:
    history = find_stuck(outlines, [student({"00.02": 3}, (), ("00.02",)), *USUAL])[0].history
    assert history
    (found,) = history.stuck
    assert isinstance(found, Stuck)
    assert found.since == DAY
    numbers = ("2026-03-02", "2026-03-11", "6 commits", "3 sittings", "8 students", "1 sitting ")
    assert all(word in found.evidence for word in numbers)


def test_without_a_time_nothing_is_said(outlines: tuple[Outline, ...]) -> None:
    fork = student({"00.02": 3}, (), ("00.02",))
    assert fork.history
    lost = replace(fork.history, attempted={"00.02": Attempted(None, None, 6, 3, True)})
    assert stuck(outlines, replace(fork, history=lost)) == []


def test_forks_without_history_stay_as_they_are(outlines: tuple[Outline, ...]) -> None:
    bare = replace(USUAL[0], history=None)
    assert find_stuck(outlines, [bare]) == (bare,)


def test_the_most_are_named(outlines: tuple[Outline, ...]) -> None:
    outline = replace(outlines[0], exercises=tuple(f"00.{n:02d}" for n in range(1, 12)))
    ids = tuple(f"00.{n:02d}" for n in range(2, 12))
    fork = student({x: 15 - n for n, x in enumerate(ids)}, (), ids)
    history = find_stuck([outline], [fork, *USUAL])[0].history
    assert history
    assert [each.id for each in history.stuck] == list(ids[:MOST])


def test_usual() -> None:
    usual = usual_effort([1] * 10, "")
    assert (usual.count, usual.sittings) == (10, 1)
    assert usual_effort([*range(1, 11)], "").sittings == 9
    assert usual_effort([5], "").sittings == 5
