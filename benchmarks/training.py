"""How fast the model learns: the chapter's settings, the command line's, and what the arithmetic would allow.

A loss here is the exact mean over the whole validation text, taken between two steps with the clock stopped.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import Row
from kit.model.training.evaluate import whole_loss
from kit.model.training.fast_model import fast_model
from kit.model.training.recipes import Recipe, recipes
from kit.model.training.train import THREADS, TrainingRun, prepare
from nanogpt import Report

GOAL = 1.88  # nats per character
LONGEST = 60.0  # seconds that chapter 12's training may take to get there
SOONER = 4.0  # times, that the default of scripts/train.py gets there than the older settings
CHAPTER_THREADS = min(2, os.cpu_count() or 1)  # as chapter 12 says for its long training
ENOUGH = 12_000  # steps after which the older settings are given up


@dataclass(frozen=True)
class Look:
    """The loss after a step, and the seconds of training up to there."""

    step: int
    seconds: float
    loss: float


class Stopwatch:
    """A watcher that takes the time of a training, and looks at the loss every so often with the clock stopped."""

    def __init__(self, session: TrainingRun, every: int, stop: bool) -> None:
        """`stop` ends the training as soon as a look has reached the goal."""
        config = session.trainer.config
        self.session, self.every, self.stop = session, every, stop
        self.judge = fast_model(session.loader.vocab_size, config)  # the same numbers, sooner
        self.looks: list[Look] = []
        self.seconds = 0.0
        self.resumed = time.perf_counter()

    def __call__(self, report: Report) -> None:
        """Take note of a step; KeyboardInterrupt, by which a Trainer stops, at the goal."""
        self.seconds += time.perf_counter() - self.resumed
        if report.step % self.every == 0 or report.step == report.steps:
            self.judge.load_state_dict(self.session.model.state_dict())
            length = self.session.trainer.config.input_sequence_length
            loss = whole_loss(self.judge, self.session.loader.validation_ids, length)
            self.looks.append(Look(report.step, self.seconds, loss))
            if self.stop and loss <= GOAL:
                raise KeyboardInterrupt
        self.resumed = time.perf_counter()

    @property
    def reached(self) -> Look | None:
        """The first look at which the goal was reached."""
        return next((look for look in self.looks if look.loss <= GOAL), None)


def watched(recipe: Recipe, text: str, every: int, stop: bool = False, threads: int = THREADS) -> Stopwatch:
    """A training from beginning to end, or to the goal; PyTorch's own start-up is not counted."""
    prepare(recipe, text, torch.device("cpu")).trainer.train_step()
    session = prepare(recipe, text, torch.device("cpu"))
    watch = Stopwatch(session, every, stop)
    torch.set_num_threads(threads)
    try:
        session.trainer.train(watch)
    finally:
        torch.set_num_threads(THREADS)
    return watch


def conditions(threads: int = THREADS) -> str:
    """What the figures depend on: threads, cores, and what else the machine does."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{threads} {'thread' if threads == 1 else 'threads'} of {os.cpu_count()} cores{load}"


def chapter(text: str) -> Row:
    """Chapter 12 with its own classes and settings."""
    recipe = recipes()["chapter"]
    watch = watched(recipe, text, every=max(1, recipe.config.steps // 20), threads=CHAPTER_THREADS)
    last, first = watch.looks[-1], watch.reached
    step = f"{last.step} steps of {1000 * last.seconds / last.step:.0f} ms"
    there = f"; {GOAL} after {first.seconds:.0f} s" if first else ""
    return Row(
        "chapter 12's training",
        f"loss {last.loss:.3f} in {last.seconds:.0f} s{there}",
        f"<= {GOAL} in < {LONGEST:g} s",
        last.loss <= GOAL and last.seconds < LONGEST,
        f"{step}, a head at a time; {conditions(CHAPTER_THREADS)}",
    )


def pair(text: str) -> list[Row]:
    """The command line's default, before and after the older settings, in one run."""
    fast, older = recipes()["default"], recipes()["seed"]
    older = replace(older, config=replace(older.config, steps=ENOUGH))  # the same, as its rate does not change
    before = watched(fast, text, every=max(1, fast.config.steps // 20))
    slow = watched(older, text, every=250, stop=True)
    after = watched(fast, text, every=max(1, fast.config.steps // 20))
    rows = [
        Row(
            "train.py --config seed",
            f"{GOAL} after {slow.reached.seconds:.0f} s" if slow.reached else f"not reached in {ENOUGH} steps",
            "",
            None,
            f"{slow.looks[-1].step} steps of {1000 * slow.seconds / slow.looks[-1].step:.0f} ms; {conditions()}",
        )
    ]
    last = before.looks[-1]
    if before.reached and after.reached:
        seconds = statistics.fmean((before.reached.seconds, after.reached.seconds))
        ratio = (slow.reached.seconds if slow.reached else slow.seconds) / seconds
        measured, ok = f"{GOAL} after {seconds:.1f} s, {ratio:.1f} times sooner", ratio >= SOONER
        last_seconds = statistics.fmean((before.seconds, after.seconds))
        how = (
            f"mean of two runs, before and after the other; loss {last.loss:.3f} at the end, after {last_seconds:.1f} s"
        )
    else:
        measured, ok, how = f"{GOAL} is not reached, {last.loss:.3f} is", False, f"{last.step} steps"
    rows.append(Row("train.py", measured, f">= {SOONER:g} times sooner", ok, how))
    rows.append(limit(fast, text, min(before.seconds, after.seconds)))
    return rows


def limit(recipe: Recipe, text: str, seconds: float) -> Row:
    """How far a training of so many seconds is from its matrix products alone, at the rate of the largest of them."""
    config = recipe.config
    session = prepare(recipe, text, torch.device("cpu"))
    with FlopCounterMode(display=False) as counter:
        session.trainer.train_step()
    operations = counter.get_total_flops() * config.steps
    rows, width, hidden = config.batch_size * config.input_sequence_length, config.embedding_dim, config.hidden_dim
    rate = product_rate(rows, width, hidden)
    least = operations / rate
    return Row(
        "train.py against its arithmetic",
        f"{seconds / least:.1f} times the {least:.1f} s of its matrix products",
        "",
        None,
        f"{operations / 1e12:.2f}e12 operations counted; ({rows}, {width}) by ({width}, {hidden}) runs at "
        f"{rate / 1e9:.0f}e9 a second",
    )


def product_rate(rows: int, inner: int, columns: int, seconds: float = 1.0) -> float:
    """Operations a second of a float32 matrix product of these sizes: the best of many short measurements."""
    left, right = torch.randn(rows, inner), torch.randn(inner, columns)

    def once() -> float:
        start = time.perf_counter()
        for _ in range(20):
            left @ right
        return 40 * rows * inner * columns / (time.perf_counter() - start)

    return best(once, seconds)


def best(measure: Callable[[], float], seconds: float) -> float:
    """The highest of the measurements that fit into so many seconds."""
    end = time.perf_counter() + seconds
    found = [measure()]
    while time.perf_counter() < end:
        found.append(measure())
    return max(found)


def measure() -> list[Row]:
    """Every row about training."""
    from kit.course import corpus

    text = corpus.shakespeare()
    return [chapter(text), *pair(text)]
