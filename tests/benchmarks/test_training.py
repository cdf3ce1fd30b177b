from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from benchmarks import Row, resuming, sampling, training
from kit.model.training.recipes import Recipe, recipes
from kit.model.training.train import prepare
from nanogpt import Report

pytestmark = pytest.mark.usefixtures("one_thread")

PLAY = "ROMEO:\nWhat say you?\n\nJULIET:\nNothing, nothing.\n\n" * 20


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every recipe is the small one."""
    small = recipes()["small"].changed(steps=20)
    monkeypatch.setattr(training, "recipes", lambda: dict.fromkeys(("default", "mine", "chapter", "seed"), small))
    monkeypatch.setattr(training, "MOST_STEPS", 100)


def small(steps: int) -> Recipe:
    return recipes()["small"].changed(steps=steps)


def test_computing_a_loss_is_off_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(10_000))
    monkeypatch.setattr(training.time, "perf_counter", lambda: float(next(now)))
    watch = training.time_training(small(10), PLAY, every=4)
    assert [point.step for point in watch.points] == [4, 8, 10]
    assert [point.seconds for point in watch.points] == [4, 8, 10]  # a tick for each step, none for a loss
    assert watch.goal is None


def test_a_timed_training_is_the_one_that_nobody_times() -> None:
    losses: list[float] = []
    prepare(small(10), PLAY, torch.device("cpu")).trainer.train(lambda report: losses.append(report.training_loss))
    run = prepare(small(10), PLAY, torch.device("cpu"))
    watch = training.Stopwatch(run, every=4, stop=False)
    found: list[float] = []

    def both(report: Report) -> None:
        found.append(report.training_loss)
        watch(report)

    run.trainer.train(both)
    assert found == losses


def test_a_training_ends_at_the_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "GOAL", 3.0)
    watch = training.time_training(small(500), PLAY, every=5, stop=True)
    assert watch.goal is not None and watch.goal == watch.points[-1]
    assert watch.points[-1].step < 500
    assert all(point.loss > 3.0 for point in watch.points[:-1])


def test_the_chapters_row_is_measured_with_the_chapters_threads(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    monkeypatch.setattr(training, "CHAPTER_THREADS", 2)
    monkeypatch.setattr(training.Stopwatch, "__call__", lambda *_: threads.append(torch.get_num_threads()))
    monkeypatch.setattr(training.Stopwatch, "points", [training.Point(20, 1.0, 1.5)], raising=False)
    monkeypatch.setattr(training.Stopwatch, "__init__", lambda *_: None)
    training.chapter_row(PLAY)
    assert set(threads) == {2} and torch.get_num_threads() == 1


@pytest.mark.long
@pytest.mark.parametrize(("goal", "ok"), [(3.0, True), (0.001, False)])
def test_rows(quick: None, monkeypatch: pytest.MonkeyPatch, goal: float, ok: bool) -> None:
    monkeypatch.setattr(training, "GOAL", goal)
    monkeypatch.setattr(training, "SPEEDUPS", dict.fromkeys(training.SPEEDUPS, 0.0))
    monkeypatch.setattr(training, "product_speed", lambda *sizes: 1e9)
    rows = [training.chapter_row(PLAY), *training.command_rows(PLAY)]
    assert all(isinstance(row, Row) and row.what and row.measured and row.how for row in rows)
    assert [row.ok for row in rows] == ([True, None, True, True, None] if ok else [False] * 4)


def test_seconds_are_the_middle_of_turns_without_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "TURNS", 3)
    pauses = iter([99.0, 99.0, 1.0, 10.0, 2.0, 20.0, 60.0, 600.0])  # the slow and the fast one in turn
    clock = [0.0]

    def now() -> float:
        started = clock[1:]
        clock[0] += next(pauses) if started else 0.0
        clock[1:] = [] if started else [1.0]
        return clock[0]

    monkeypatch.setattr(training.time, "perf_counter", now)
    both = {"a": small(50), "b": small(50)}
    found = training.seconds_in_turns(both, {"a": 40, "b": 20}, PLAY)
    assert found == {"a": pytest.approx(2.0 / 5 * 40), "b": pytest.approx(20.0 / 5 * 20)}


def test_steps_are_counted_in_a_real_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "GOAL", 3.0)
    found = training.steps_to_goal(small(500), PLAY, most=500, every=5)
    assert found is not None and 0 < found < 500 and found % 5 == 0
    assert training.steps_to_goal(small(500), PLAY, most=5, every=5) is None


def test_the_medians_of_turns_are_compared(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy moment is the same for all three: what counts is the middle one of the ratios."""
    rows = iter([(200.0, 10.0, 5.0), (600.0, 90.0, 30.0), (240.0, 24.0, 12.0)])
    monkeypatch.setattr(training, "steps_to_goal", lambda *_, **__: 20)
    turns = (dict(zip(training.COMMANDS, row, strict=True)) for row in rows)
    monkeypatch.setattr(training, "seconds_in_turns", lambda *_: next(turns))
    seed, mine, default, _ = training.command_rows(PLAY)
    assert (seed.ok, mine.ok, default.ok) == (None, True, True)
    assert "240.0 s" in seed.measured
    assert "24.0 s, 10.0 times" in mine.measured and "12.0 s, 20.0 times" in default.measured


@pytest.mark.long
def test_a_killed_training_and_two_processes() -> None:
    assert resuming.resumed_row().ok
    assert resuming.processes_row().ok


def test_sampling_is_measured_on_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "CHARACTERS", 40)
    monkeypatch.setattr(sampling, "recipes", lambda: {"chapter": small(20)})
    monkeypatch.setattr(sampling, "encode", lambda prompt, characters: [0, 1])
    assert sampling.row(PLAY).ok
    monkeypatch.setattr(sampling, "plainly", lambda model, ids: iter([0] * 40))
    row = sampling.row(PLAY)
    assert row.ok is False and "ANOTHER" in row.how


def test_the_speed_of_products_is_that_of_this_machine() -> None:
    assert 1e6 < training.product_speed(64, 32, 32, torch.float32, seconds=0.05) < 1e14


def test_the_operations_of_a_step_are_counted() -> None:
    """One product per weight and character forward, two backward, and those of attention."""
    recipe = replace(small(1), config=replace(small(1).config, batch_size=4))
    row = training.arithmetic_row(recipe, PLAY, seconds=1.0)
    assert row.ok is None and row.measured
