from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from benchmarks import Row, training
from kit.model.training.recipes import Recipe, recipes

pytestmark = pytest.mark.usefixtures("one_thread")

PLAY = "ROMEO:\nWhat say you?\n\nJULIET:\nNothing, nothing.\n\n" * 20


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every recipe is the small one."""
    small = recipes()["small"].changed(steps=20)
    monkeypatch.setattr(training, "recipes", lambda: dict.fromkeys(("default", "chapter", "seed"), small))
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
    monkeypatch.setattr(training, "SPEEDUP", 0.0)
    monkeypatch.setattr(training, "product_speed", lambda *sizes: 1e9)
    rows = [training.chapter_row(PLAY), *training.command_rows(PLAY)]
    assert all(isinstance(row, Row) and row.what and row.measured and row.how for row in rows)
    assert [row.ok for row in rows] == [ok, None, ok, None]


def test_the_speed_of_products_is_that_of_this_machine() -> None:
    assert 1e6 < training.product_speed(64, 32, 32, seconds=0.05) < 1e14


def test_the_operations_of_a_step_are_counted() -> None:
    """One product per weight and character forward, two backward, and those of attention."""
    recipe = replace(small(1), config=replace(small(1).config, batch_size=4))
    row = training.arithmetic_row(recipe, PLAY, seconds=1.0)
    assert row.ok is None and row.measured
