from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kit.errors import KitError
from kit.forks.records import NOT_JUDGED
from kit.verify import pool
from kit.verify.pool import ATTEMPTS, judge_batches, local_pool
from kit.verify.worker import Batch, VerifySetting

SETTING = VerifySetting(Path(), "version", "bubblewrap", False, (0, 1), 1.0)
BATCHES = [Batch(SETTING, (("00.01", "a"), ("00.02", "b"))), Batch(SETTING, (("01.01", "c"),))]


class LosingWorkers(Executor):
    """An executor in which each piece of work ends with the same exception."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def submit(self, *work: Any, **options: Any) -> Future[Any]:
        """A future that has failed."""
        self.asked += 1
        future: Future[Any] = Future()
        future.set_exception(self.error)
        return future


def use(monkeypatch: pytest.MonkeyPatch, executor: Executor) -> None:
    """Let `judge_batches` have this executor."""

    @contextmanager
    def given(workers: int) -> Iterator[Executor]:
        yield executor

    monkeypatch.setattr(pool, "local_pool", given)


def test_a_batch_whose_worker_is_lost_each_time_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = LosingWorkers(EOFError())
    use(monkeypatch, workers)
    found = dict(judge_batches(BATCHES, 2, ""))
    assert workers.asked == ATTEMPTS * len(BATCHES)
    assert [len(found[batch]) for batch in BATCHES] == [2, 1]
    for result in (result for results in found.values() for result in results):
        assert not result.passed and not result.lasting
        assert result.why.startswith(NOT_JUDGED) and "EOFError" in result.why


def test_what_the_judge_says_about_itself_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, LosingWorkers(KitError("no sandbox holds here")))
    with pytest.raises(KitError, match="no sandbox"):
        list(judge_batches(BATCHES, 2, ""))


def test_whoever_leaves_early_waits_for_no_worker() -> None:
    def leave_early() -> None:
        with local_pool(1) as workers:
            workers.submit(time.sleep, 120)
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        leave_early()
    assert time.monotonic() - start < 60
