"""Who judges batches: processes of this machine, or a Dask cluster. One function, `kit.verify.worker.hear`, on either.

    batches --submit--> executor --as they come--> rulings

A batch that was lost with its worker is given to another one; each batch's rulings are taken once.
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
from kit.verify.results import Result
from kit.verify.worker import Batch, judge_batch

ATTEMPTS = 3
PATIENCE = 10  # seconds for a scheduler to answer


@contextmanager
def local(workers: int) -> Iterator[Executor]:
    """Processes on this machine, each started afresh. Whoever stops early does not wait for what they are at."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=follow)
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def follow() -> None:
    """Leave Ctrl-C to the one who asked for the work, and end when that process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def end() -> None:
        if parent:
            parent.join()
        os._exit(1)

    Thread(target=end, daemon=True).start()


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of the Dask cluster whose scheduler has this address.

    Raises:
        KitError: dask is not installed, or nobody answers there.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise KitError("Dask is not installed here", "", "pip install -r requirements-cluster.txt") from None
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise KitError("no scheduler answers", address, "dask scheduler") from error
    try:
        yield client.get_executor(pure=False)
    finally:
        client.close()


def judge_batches(batches: Sequence[Batch], workers: int, scheduler: str) -> Iterator[tuple[Batch, list[Result]]]:
    """The rulings on each batch, as they come; each batch once.

    Raises:
        KitError: the judge cannot run, or nobody answers.
    """
    left = list(range(len(batches)))
    last = ""
    for _ in range(ATTEMPTS):
        with cluster(scheduler) if scheduler else local(min(workers, len(left)) or 1) as executor:
            futures: dict[Future[list[Result]], int] = {executor.submit(judge_batch, batches[n]): n for n in left}
            for future in as_completed(futures):
                try:
                    found = future.result()
                except KitError:
                    raise
                except Exception as error:  # the worker is gone, and its batch with it
                    last = type(error).__name__
                    continue
                left.remove(futures[future])
                yield batches[futures[future]], found
        if not left:
            return
    for number in left:
        lost = Result(False, f"not judged: its worker was lost {ATTEMPTS} times ({last})", lasting=False)
        yield batches[number], [lost] * len(batches[number].cells)
