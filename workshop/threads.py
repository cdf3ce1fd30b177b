"""One core or two for a training: what is quicker here and now. On a busy machine two threads wait for each other."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

ROUNDS = 3
STEPS = 3  # in each round, with each number of threads
WORTH = 0.9  # two threads must take less than this share of one's time


def quicker(step: Callable[[], object]) -> int:
    """1 or 2, after a second of trying out `step`: something like a step of the training, which changes nothing.

    The number of threads is afterwards what it was before.
    """
    import torch

    if (os.cpu_count() or 1) < 2:
        return 1
    before = torch.get_num_threads()
    spent = {1: 0.0, 2: 0.0}
    try:
        step()
        for _ in range(ROUNDS):
            for threads in spent:
                torch.set_num_threads(threads)
                start = time.perf_counter()
                for _ in range(STEPS):
                    step()
                spent[threads] += time.perf_counter() - start
    finally:
        torch.set_num_threads(before)
    return 2 if spent[2] < WORTH * spent[1] else 1
