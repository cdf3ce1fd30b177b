"""How fast the model learns: in chapter 12, on the command line, and at the very best, if only arithmetic took time.

Every loss is the exact mean over the whole validation text, computed between two steps with the clock stopped.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass, replace

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import Row
from kit.model.training.evaluate import whole_loss
from kit.model.training.fast_model import fast_model
from kit.model.training.recipes import Recipe, recipes
from kit.model.training.train import TrainingRun, prepare
from nanogpt import Report

GOAL = 1.88  # nats per character
MOST_SECONDS = 60.0  # how long chapter 12's training may take to reach the goal
SPEEDUP = 4.0  # how many times sooner `train.py` must reach the goal than `train.py --config seed`
CHAPTER_THREADS = min(2, os.cpu_count() or 1)  # as chapter 12 sets them for its long training
MOST_STEPS = 12_000  # how many steps we give `--config seed` to reach the goal


@dataclass(frozen=True)
class Point:
    """The loss after a step, and the seconds of training so far."""

    step: int
    seconds: float
    loss: float


class Stopwatch:
    """Watches a training: it times it, and every so many steps stops the clock and computes the loss."""

    def __init__(self, run: TrainingRun, every: int, stop: bool) -> None:
        """`stop` ends the training as soon as a loss reaches the goal."""
        self.run, self.every, self.stop = run, every, stop
        self.evaluator = fast_model(run.loader.vocab_size, run.trainer.config)  # the same losses, computed faster
        self.points: list[Point] = []
        self.seconds = 0.0
        self.resumed = time.perf_counter()

    def __call__(self, report: Report) -> None:
        """Count a step. At the goal, it raises KeyboardInterrupt, which is how you stop a Trainer."""
        self.seconds += time.perf_counter() - self.resumed
        if report.step % self.every == 0 or report.step == report.steps:
            self.evaluator.load_state_dict(self.run.model.state_dict())
            length = self.run.trainer.config.input_sequence_length
            loss = whole_loss(self.evaluator, self.run.loader.validation_ids, length)
            self.points.append(Point(report.step, self.seconds, loss))
            if self.stop and loss <= GOAL:
                raise KeyboardInterrupt
        self.resumed = time.perf_counter()

    @property
    def goal(self) -> Point | None:
        """The first point at which the goal was reached."""
        return next((point for point in self.points if point.loss <= GOAL), None)

    @property
    def steps(self) -> str:
        """How many steps were measured, and how long each took."""
        last = self.points[-1]
        return f"{last.step} steps of {1000 * last.seconds / last.step:.0f} ms"


def time_training(recipe: Recipe, text: str, every: int, stop: bool = False, threads: int = 1) -> Stopwatch:
    """Time a training, to its end or to the goal. PyTorch's start-up isn't counted."""
    prepare(recipe, text, torch.device("cpu")).trainer.train_step()
    run = prepare(recipe, text, torch.device("cpu"))
    watch = Stopwatch(run, every, stop)
    torch.set_num_threads(threads)
    try:
        run.trainer.train(watch)
    finally:
        torch.set_num_threads(1)
    return watch


def conditions(threads: int = 1) -> str:
    """What the measurements depend on: threads, cores, and how busy the machine is."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{threads} {'thread' if threads == 1 else 'threads'} on {os.cpu_count()} cores{load}"


def chapter_row(text: str) -> Row:
    """Chapter 12's long training, with the chapters' classes and its own settings."""
    recipe = recipes()["chapter"]
    watch = time_training(recipe, text, every=max(1, recipe.config.steps // 20), threads=CHAPTER_THREADS)
    last, goal = watch.points[-1], watch.goal
    reached = f"; {GOAL} after {goal.seconds:.0f} s" if goal else ""
    return Row(
        "chapter 12's training",
        f"loss {last.loss:.3f} in {last.seconds:.0f} s{reached}",
        f"<= {GOAL} in < {MOST_SECONDS:g} s",
        last.loss <= GOAL and last.seconds < MOST_SECONDS,
        f"{watch.steps}, one head after the other; {conditions(CHAPTER_THREADS)}",
    )


def command_rows(text: str) -> list[Row]:
    """`train.py`, measured before and after `train.py --config seed`, so that both see the same machine."""
    fast, seed = recipes()["default"], recipes()["seed"]
    seed = replace(seed, config=replace(seed.config, steps=MOST_STEPS))  # its learning rate doesn't depend on steps
    before = time_training(fast, text, every=max(1, fast.config.steps // 20))
    slow = time_training(seed, text, every=250, stop=True)
    after = time_training(fast, text, every=max(1, fast.config.steps // 20))
    last = before.points[-1]
    measured, ok, how = f"loss {last.loss:.3f} at the end, {GOAL} not reached", False, f"{last.step} steps"
    if before.goal and after.goal:
        seconds = statistics.fmean((before.goal.seconds, after.goal.seconds))
        speedup = (slow.goal.seconds if slow.goal else slow.seconds) / seconds
        measured, ok = f"{GOAL} after {seconds:.1f} s, {speedup:.1f} times sooner", speedup >= SPEEDUP
        end = statistics.fmean((before.seconds, after.seconds))
        how = f"mean of two runs, before and after --config seed; loss {last.loss:.3f} at the end, after {end:.1f} s"
    return [
        Row(
            "train.py --config seed",
            f"{GOAL} after {slow.goal.seconds:.0f} s" if slow.goal else f"{GOAL} not reached in {MOST_STEPS} steps",
            "",
            None,
            f"{slow.steps}; {conditions()}",
        ),
        Row("train.py", measured, f">= {SPEEDUP:g} times sooner", ok, how),
        arithmetic_row(fast, text, min(before.seconds, after.seconds)),
    ]


def arithmetic_row(recipe: Recipe, text: str, seconds: float) -> Row:
    """A training's seconds, beside those for its matrix products alone at the speed of the largest one."""
    config = recipe.config
    run = prepare(recipe, text, torch.device("cpu"))
    with FlopCounterMode(display=False) as counter:
        run.trainer.train_step()
    operations = counter.get_total_flops() * config.steps
    rows, width, hidden = config.batch_size * config.input_sequence_length, config.embedding_dim, config.hidden_dim
    speed = product_speed(rows, width, hidden)
    least = operations / speed
    return Row(
        "train.py compared with its arithmetic",
        f"{seconds / least:.1f} times the {least:.1f} s of its matrix products",
        "",
        None,
        f"{operations / 1e12:.2f}e12 operations; ({rows}, {width}) @ ({width}, {hidden}) runs at "
        f"{speed / 1e9:.0f}e9 per second",
    )


def product_speed(rows: int, inner: int, columns: int, seconds: float = 1.0) -> float:
    """Operations per second of a float32 matrix product of these sizes: the best result in this many seconds."""
    left, right = torch.randn(rows, inner), torch.randn(inner, columns)
    end, best = time.perf_counter() + seconds, 0.0
    while not best or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(20):
            left @ right
        best = max(best, 20 * 2 * rows * inner * columns / (time.perf_counter() - start))
    return best


def measure() -> list[Row]:
    """Every row about training."""
    from kit.course import corpus

    text = corpus.shakespeare()
    return [chapter_row(text), *command_rows(text)]
