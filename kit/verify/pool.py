"""Who judges the batches: processes on this machine, or a Dask cluster. Either runs `kit.verify.worker.judge_batch`.

    batches --submit--> executor --as they finish--> results

If a batch is lost with its worker, another worker gets it. Each batch's results are taken once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from importlib import import_module
from threading import Thread
from typing import Any

from kit.errors import KitError
from kit.forks.records import NOT_JUDGED
from kit.verify.results import Result
from kit.verify.worker import Batch, judge_batch

ATTEMPTS = 3
CONNECT_SECONDS = 10  # for a scheduler to answer


@contextmanager
def local_pool(workers: int) -> Iterator[Executor]:
    """Processes on this machine, each started afresh. If the caller leaves early, it doesn't wait for their work."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=end_with_parent)
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def end_with_parent() -> None:
    """Leave Ctrl-C to the process that asked for the work, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def end() -> None:
        if parent:
            parent.join()
        os._exit(1)

    Thread(target=end, daemon=True).start()


@contextmanager
def dask_cluster(address: str) -> Iterator[Executor]:
    """The workers of the Dask cluster whose scheduler has this address.

    Raises:
        KitError: Dask isn't installed, or no scheduler answers there.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise KitError("Dask isn't installed here", "", "pip install -r requirements-cluster.txt") from None
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise KitError("no scheduler answers at this address", address, "dask scheduler") from error
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()


def judge_batches(batches: Sequence[Batch], workers: int, scheduler: str) -> Iterator[tuple[Batch, list[Result]]]:
    """Each batch once, with its results, in the order in which they finish.

    Raises:
        KitError: the judge can't run, or no scheduler answers.
    """
    left = list(range(len(batches)))
    error_name = ""
    for _ in range(ATTEMPTS):
        with dask_cluster(scheduler) if scheduler else local_pool(min(workers, len(left)) or 1) as executor:
            futures: dict[Future[list[Result]], int] = {executor.submit(judge_batch, batches[n]): n for n in left}
            for future in as_completed(futures):
                try:
                    results = future.result()
                except KitError:
                    raise
                except Exception as error:  # the worker is gone, and its batch with it
                    error_name = type(error).__name__
                    continue
                left.remove(futures[future])
                yield batches[futures[future]], results
        if not left:
            return
    for number in left:
        lost = Result(False, f"{NOT_JUDGED}: its worker was lost {ATTEMPTS} times ({error_name})", lasting=False)
        yield batches[number], [lost] * len(batches[number].cells)
