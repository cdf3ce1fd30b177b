"""How fast the model learns: in chapter 12, on the command line, and at the very best, if only arithmetic took time.

Every loss is the exact mean over the whole validation text, computed between two steps with the clock stopped.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import Row, resuming, sampling
from kit.model.training.evaluate import whole_loss
from kit.model.training.fast_model import fast_model
from kit.model.training.recipes import Recipe, recipes
from kit.model.training.train import TrainingRun, prepare
from nanogpt import Report

GOAL = 1.88  # nats per character
MOST_SECONDS = 60.0  # how long chapter 12's training may take to reach the goal
COMMANDS = {"seed": "train.py --config seed", "mine": "train.py --mine", "default": "train.py"}  # by recipe
SPEEDUPS = {"mine": 8.0, "default": 15.0}  # how many times sooner they must reach the goal than the seed
ROUNDS, TURNS, STEPS_IN_TURN = 3, 30, 5
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
        with torch.random.fork_rng(devices=[]):  # its initial weights are drawn, and the run's batches stay the same
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


def steps_to_goal(recipe: Recipe, text: str, most: int, every: int) -> int | None:
    """How many steps a real training takes to the goal, if `most` are enough; the loss is computed `every` so many."""
    recipe = replace(recipe, config=replace(recipe.config, steps=most))
    watch = time_training(recipe, text, every, stop=True)
    return watch.goal.step if watch.goal else None


def seconds_in_turns(known: Mapping[str, Recipe], steps: Mapping[str, int], text: str) -> dict[str, float]:
    """Seconds of so many steps of each recipe, without exams: a few steps of each in turn, and the middle one of turns.

    Turns of a fraction of a second see the same machine, however busy it is.
    """
    runs = {name: prepare(known[name], text, torch.device("cpu")) for name in steps}
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(TURNS + 1):  # PyTorch starts up in the first one
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(STEPS_IN_TURN):
                run.trainer.train_step()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken[name][1:]) / STEPS_IN_TURN * steps[name] for name in runs}


def command_rows(text: str) -> Iterator[Row]:
    """`train.py`, `train.py --mine` and `train.py --config seed`, to the same loss.

    Steps are counted in one whole training of each, in which the loss is computed every sixtieth of it. How long a step
    takes is measured in turns, three times.
    """
    known = {name: recipes()[name] for name in COMMANDS}
    steps = {}
    for name, recipe in known.items():
        most = MOST_STEPS if name == "seed" else recipe.config.steps  # its learning rate doesn't depend on steps
        steps[name] = steps_to_goal(recipe, text, most, every=max(1, recipe.config.steps // 60))
        if steps[name] is None:
            yield Row(COMMANDS[name], f"{GOAL} not reached in {most} steps", "", False, conditions())
    reached = {name: found for name, found in steps.items() if found}
    rounds = [seconds_in_turns(known, reached, text) for _ in range(ROUNDS)]
    for name, found in reached.items():
        seconds = [each[name] for each in rounds]
        middle = statistics.median(seconds)
        speedup = statistics.median(each.get("seed", 0.0) / each[name] for each in rounds)
        least = SPEEDUPS.get(name)
        sooner = f", {speedup:.1f} times sooner" if least else ""
        yield Row(
            COMMANDS[name],
            f"{GOAL} after {middle:.1f} s{sooner}",
            f">= {least:g} times sooner" if least else "",
            speedup >= least if least else None,
            f"{found} steps of {1000 * middle / found:.0f} ms; medians of {ROUNDS}: {min(seconds):.1f} to "
            f"{max(seconds):.1f} s; {conditions()}",
        )
    if "default" in reached:
        default = known["default"]
        step = statistics.median(each["default"] for each in rounds) / reached["default"]
        yield arithmetic_row(default, text, step * default.config.steps)


def arithmetic_row(recipe: Recipe, text: str, seconds: float) -> Row:
    """A training's seconds, beside those for its matrix products alone at the speed of the largest one."""
    config = recipe.config
    run = prepare(recipe, text, torch.device("cpu"))
    with FlopCounterMode(display=False) as counter:
        run.trainer.train_step()
    operations = counter.get_total_flops()
    rows, width, hidden = config.batch_size * config.input_sequence_length, config.embedding_dim, config.hidden_dim
    single, half = (product_speed(rows, width, hidden, dtype) for dtype in (torch.float32, torch.bfloat16))
    ratios = [seconds / (config.steps * operations / speed) for speed in (single, half)]
    return Row(
        "train.py compared with its arithmetic",
        f"{ratios[0]:.1f} times its matrix products in float32, {ratios[1]:.1f} in bfloat16",
        "",
        None,
        f"{operations / 1e9:.2f}e9 operations a step; ({rows}, {width}) @ ({width}, {hidden}) runs at "
        f"{single / 1e9:.0f}e9 per second in float32, {half / 1e9:.0f}e9 in bfloat16; it trained in {run.execution}",
    )


def product_speed(rows: int, inner: int, columns: int, dtype: torch.dtype, seconds: float = 1.0) -> float:
    """Operations per second of a matrix product of these sizes: the best result in this many seconds."""
    left, right = torch.randn(rows, inner).to(dtype), torch.randn(inner, columns).to(dtype)
    end, best = time.perf_counter() + seconds, 0.0
    while not best or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(20):
            left @ right
        best = max(best, 20 * 2 * rows * inner * columns / (time.perf_counter() - start))
    return best


def measure() -> Iterator[Row]:
    """Every row about training, and about what comes of it."""
    from kit.course import corpus

    text = corpus.shakespeare()
    yield from (resuming.resumed_row(), resuming.processes_row(), sampling.row(text))
    yield chapter_row(text)
    yield from command_rows(text)
