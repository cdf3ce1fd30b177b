from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kit.course.course import Course
from kit.course.outline import Outline, outline_of
from kit.forks.records import Attempted, Event, Fork, History, Stuck, Tip
from kit.forks.stuck import FEW, LEAST, MOST, find_stuck, usual_time
from kit.pairs.progress import ChapterProgress

DAY = datetime(2026, 3, 2, 18, tzinfo=UTC)


@pytest.fixture
def outlines(course: Course) -> tuple[Outline, ...]:
    return tuple(map(outline_of, course.chapters))


def day(number: float) -> datetime:
    return DAY + timedelta(days=number)


def student(
    filled: Mapping[str, float],
    last: float,
    tried: Mapping[str, tuple[float, float, int]] | None = None,
    ticked: tuple[str, ...] = (),
    verified: tuple[str, ...] | None = None,
) -> Fork:
    """A fork: the day on which each exercise was filled, the last commit's, and first, last and number of changes."""
    events = tuple(
        Event(item_id, "filled", day(when), "c") for item_id, when in sorted(filled.items(), key=lambda pair: pair[1])
    )
    attempted = {
        item_id: Attempted(day(first), day(end), count) for item_id, (first, end, count) in (tried or {}).items()
    }
    chapters = {
        item_id: ChapterProgress(
            3, tuple(t for t in ticked if t[:2] == item_id), tuple(f for f in filled if f[:2] == item_id), verified
        )
        for item_id in ("00", "01")
    }
    history = History(events, 9, "", attempted=attempted)
    return Fork("s", "", "ok", tip=Tip("a" * 40, "main", day(last)), chapters=chapters, history=history)


USUAL = [student({"00.01": 0, "00.02": 0.5 + n / 10}, 20) for n in range(8)]


def stuck(outlines: tuple[Outline, ...], fork: Fork, others: list[Fork] | None = None) -> list[str]:
    found = find_stuck(outlines, [fork, *(USUAL if others is None else others)])
    history = found[0].history
    assert history
    assert all(not (other.history and other.history.stuck) for other in found[1:])
    return [each.id for each in history.stuck]


def test_a_blank_exercise_after_many_days_of_commits(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.01": 0}, 12)) == ["00.02"]
    assert stuck(outlines, student({"00.01": 0}, 2)) == []


def test_who_has_done_it_is_not_stuck(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.01": 0, "00.02": 12}, 30)) == []


def test_what_was_not_begun_is_not_stuck(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({}, 30)) == []
    assert stuck(outlines, student({"00.01": 0, "00.02": 1}, 30)) == []  # chapter 01


def test_work_on_the_first_exercise_begins_it(outlines: tuple[Outline, ...]) -> None:
    others = [student({"00.01": 1, "00.02": 1}, 9, {"00.01": (0.5, 1, 2)}) for _ in range(6)]
    assert stuck(outlines, student({}, 15, {"00.01": (1, 9, 4)}), others) == ["00.01"]


def test_a_skipped_exercise_begins_with_its_neighbour(outlines: tuple[Outline, ...]) -> None:
    others = [student({"00.01": 0.5, "00.02": 1}, 9, {"00.01": (0, 0.5, 2)}) for _ in range(6)]
    assert stuck(outlines, student({"00.02": 1}, 15), others) == ["00.01"]


def test_the_cohorts_time_decides(outlines: tuple[Outline, ...]) -> None:
    slow = [student({"00.01": 0, "00.02": 8 + n}, 30) for n in range(8)]
    assert stuck(outlines, student({"00.01": 0}, 12), slow) == []
    assert stuck(outlines, student({"00.01": 0}, 29), slow) == ["00.02"]


def test_few_students(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.01": 0}, 30), []) == []
    assert stuck(outlines, student({"00.01": 0}, 30), USUAL[: FEW - 1]) == []
    other = [student({"01.01": 0, "01.02": n / 4}, 9) for n in range(FEW)]
    assert stuck(outlines, student({"00.01": 0}, 30), other) == ["00.02"]  # what the course takes


def test_a_filled_cell_that_is_changed_again_and_again_by_who_ticks(outlines: tuple[Outline, ...]) -> None:
    tried = {"00.02": (1, 13, 5)}
    assert stuck(outlines, student({"00.01": 0, "00.02": 1}, 14, tried, ("00.01",))) == ["00.02"]
    assert stuck(outlines, student({"00.01": 0, "00.02": 1}, 14, tried)) == []
    assert stuck(outlines, student({"00.01": 0, "00.02": 1}, 14, tried, ("00.01", "00.02"))) == []


def test_a_tick_without_an_answer_is_not_this(outlines: tuple[Outline, ...]) -> None:
    assert stuck(outlines, student({"00.01": 0}, 14, None, ("00.02",))) == []


def test_verdicts_count_where_there_are_any(outlines: tuple[Outline, ...]) -> None:
    others = [
        replace(fork, chapters={"00": replace(fork.chapters["00"], verified=("00.01", "00.02"))}) for fork in USUAL
    ]
    failed = student({"00.01": 0, "00.02": 1}, 14, None, ("00.02",), ("00.01",))
    assert stuck(outlines, failed, others) == ["00.02"]
    passed = student({"00.01": 0, "00.02": 1}, 14, {"00.02": (1, 13, 5)}, ("00.01",), ("00.01", "00.02"))
    assert stuck(outlines, passed, others) == []


def test_who_is_asked_again_is_said_anew(outlines: tuple[Outline, ...]) -> None:
    first = find_stuck(outlines, [student({"00.01": 0}, 12), *USUAL])
    assert first[0].history
    assert first[0].history.stuck
    passed = replace(first[0].chapters["00"], verified=("00.01", "00.02"))
    again = find_stuck(outlines, [replace(first[0], chapters={"00": passed}), *first[1:]])
    assert again[0].history
    assert again[0].history.stuck == ()


def test_evidence_has_the_numbers(outlines: tuple[Outline, ...]) -> None:
    history = find_stuck(outlines, [student({"00.01": 0}, 12, {"00.02": (1, 9, 3)}), *USUAL])[0].history
    assert history
    (found,) = history.stuck
    assert isinstance(found, Stuck)
    assert found.since == DAY
    assert all(word in found.evidence for word in ("2026-03-02", "3 commits", "12.0 days", "8 students", "1.2"))


def test_times_that_make_no_sense_decide_nothing(outlines: tuple[Outline, ...]) -> None:
    fork = student({"00.01": 0}, 12)
    assert fork.history
    lost = replace(fork, history=replace(fork.history, events=(Event("00.01", "filled", None, "c"),)))
    assert stuck(outlines, lost) == []
    assert stuck(outlines, replace(fork, tip=replace(fork.tip, committed_at=None))) == []  # type: ignore[type-var]


def test_forks_without_history_stay_as_they_are(outlines: tuple[Outline, ...]) -> None:
    bare = replace(USUAL[0], history=None)
    assert find_stuck(outlines, [bare]) == (bare,)


def test_the_longest_are_named(outlines: tuple[Outline, ...]) -> None:
    outline = replace(outlines[0], exercises=tuple(f"00.{n:02d}" for n in range(1, 12)))
    tried = {f"00.{n:02d}": (n / 10, 11.0, 2) for n in range(2, 12)}
    history = find_stuck([outline], [student({"00.01": 0}, 20, tried), *USUAL])[0].history
    assert history
    assert [each.id for each in history.stuck] == ["00.02", "00.03", "00.04"][:MOST]


def test_usual() -> None:
    usual = usual_time([0.0] * 10, "it")
    assert (usual.count, usual.middle, usual.spread, usual.slow, usual.limit) == (10, 0, 0, 0, LEAST)
    usual = usual_time([float(n) for n in range(1, 11)], "it")
    assert (usual.middle, usual.slow) == (5.5, 9.0)
    assert usual.limit == pytest.approx(5.5 + 4 * 1.4826 * 2.5)
    assert usual_time([5.0], "it").slow == 5.0
