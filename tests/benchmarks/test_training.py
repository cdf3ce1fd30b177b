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
    monkeypatch.setattr(training, "ENOUGH", 100)


def small(steps: int) -> Recipe:
    return recipes()["small"].changed(steps=steps)


def test_looks_are_off_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(10_000))
    monkeypatch.setattr(training.time, "perf_counter", lambda: float(next(now)))
    watch = training.watched(small(10), PLAY, every=4)
    assert [look.step for look in watch.looks] == [4, 8, 10]
    assert [look.seconds for look in watch.looks] == [4, 8, 10]  # a tick for each step and none for a look
    assert watch.reached is None


def test_a_training_ends_at_the_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "GOAL", 3.0)
    watch = training.watched(small(500), PLAY, every=5, stop=True)
    assert watch.reached is not None and watch.reached == watch.looks[-1]
    assert watch.looks[-1].step < 500
    assert all(look.loss > 3.0 for look in watch.looks[:-1])


def test_the_chapters_row_is_measured_with_the_chapters_threads(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    monkeypatch.setattr(training, "CHAPTER_THREADS", 2)
    monkeypatch.setattr(training.Stopwatch, "__call__", lambda *_: threads.append(torch.get_num_threads()))
    monkeypatch.setattr(training.Stopwatch, "looks", [training.Look(20, 1.0, 1.5)], raising=False)
    monkeypatch.setattr(training.Stopwatch, "__init__", lambda *_: None)
    training.chapter(PLAY)
    assert set(threads) == {2} and torch.get_num_threads() == 1


@pytest.mark.long
@pytest.mark.parametrize(("goal", "ok"), [(3.0, True), (0.001, False)])
def test_rows(quick: None, monkeypatch: pytest.MonkeyPatch, goal: float, ok: bool) -> None:
    monkeypatch.setattr(training, "GOAL", goal)
    monkeypatch.setattr(training, "SOONER", 0.0)
    monkeypatch.setattr(training, "product_rate", lambda *sizes: 1e9)
    rows = [training.chapter(PLAY), *training.pair(PLAY)]
    assert all(isinstance(row, Row) and row.what and row.measured and row.how for row in rows)
    assert [row.ok for row in rows] == [ok, None, ok, None]


def test_the_rate_of_products_is_that_of_this_machine() -> None:
    assert 1e6 < training.product_rate(64, 32, 32, seconds=0.05) < 1e14


def test_the_operations_of_a_step_are_counted() -> None:
    """Forward a product for each weight and character, backward two, besides the attention's own."""
    recipe = replace(small(1), config=replace(small(1).config, batch_size=4))
    row = training.limit(recipe, PLAY, seconds=1.0)
    assert row.ok is None and row.measured
