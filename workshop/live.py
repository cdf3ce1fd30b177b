"""A training as it happens: how far along it is, how fast, its loss so far, and what the model can say by now.

    with Live(speak, evaluate=trainer.evaluate) as watch:
        reports = trainer.train(watch)
    watch.samples  # what it said, by the number of steps behind it; 0 is before the first

`watch(report)` takes a `nanogpt.Report` after each step. It keeps a `Status`, and shows it on one of three screens:

    Notebook   one display that is updated: bar, curve, sample
    Terminal   a bar on the last line, samples above it
    Plain      a line for each look at the validation text, for a log

Samples use their own random numbers, others each time, and so does the look at the loss before the first step. So a
training gives the same results whether it's watched or not.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import fmean
from types import TracebackType
from typing import TYPE_CHECKING, Self

from workshop.screens import Plain, Screen, screen
from workshop.training_status import Status

if TYPE_CHECKING:
    from nanogpt import Report

UPDATE_EVERY = 0.5  # seconds, at least
SHARES = (1 / 32, 1 / 16, 1 / 10, 1 / 4, 1 / 2, 3 / 4, 1)  # of all steps: when a sample is taken, besides after step 1
LAST = 20  # batches whose mean loss is shown, since the loss of a single one jumps around
SEED = 1616  # of the samples: other dice than the training's


class Live:
    """A watcher for `Trainer.train`."""

    def __init__(
        self,
        speak: Callable[[], str] | None = None,
        screen: Callable[[], Screen] = screen,
        evaluate: Callable[[], float] | None = None,
        earlier: float = 0.0,
    ) -> None:
        """`speak` returns a sample from the model; it's called at most nine times. `evaluate` returns the model's
        validation loss; it's called once, before the first step, so that the curve starts there. `earlier`: the seconds
        that a training which now goes on has taken before."""
        self.speak = speak
        self.evaluate = evaluate
        self.earlier = earlier
        self.make_screen = screen
        self.screen: Screen | None = None
        self.status = Status()
        self.losses: list[float] = []  # of the steps since the last point
        self.last: deque[float] = deque(maxlen=LAST)
        self.start: float | None = None  # the validation loss before the first step, until the curve has it
        self.began = self.shown = time.monotonic() - earlier

    @property
    def samples(self) -> dict[int, str]:
        """What the model wrote, by the step after which it did; 0 is before the first."""
        return self.status.samples

    def __enter__(self) -> Self:
        """Look at the model as it is before the first step, and start the clock."""
        if self.evaluate is not None:
            with own_random_numbers(0):
                self.start = self.evaluate()
        self.listen(0)
        self.shown = time.monotonic()
        self.began = self.shown - self.earlier
        return self

    def listen(self, step: int) -> None:
        """Ask for a sample after this step."""
        if self.speak is not None:
            with own_random_numbers(step):
                self.samples[step] = self.speak()

    def __call__(self, report: Report) -> None:
        """Record a step, and show it if it's time to."""
        if self.screen is None:
            self.screen = self.make_screen()
        self.record(report)
        if report.step in sample_steps(report.steps):
            self.listen(report.step)
        now = time.monotonic()
        self.status.seconds = now - self.began
        if report.step == 1 or now >= self.shown + UPDATE_EVERY or isinstance(self.screen, Plain):
            self.shown = now
            self.screen.show(self.status)

    def record(self, report: Report) -> None:
        """Update the status; a validation loss adds a point to the curve."""
        status = self.status
        status.step, status.steps = report.step, report.steps
        self.losses.append(report.training_loss)
        self.last.append(report.training_loss)
        status.training_loss = fmean(self.last)
        if self.start is not None:  # the first report has the loss from before its step
            status.points.append((0, report.training_loss, self.start))
            self.start = None
        if report.validation_loss is not None:
            status.points.append((report.step, fmean(self.losses), report.validation_loss))
            self.losses = []

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Show what stays."""
        if self.screen is not None:
            self.screen.close(self.status)


def sample_steps(steps: int) -> set[int]:
    """The steps after which we take a sample: close together at first, while the model is changing fast."""
    return {1, *(max(1, round(steps * share)) for share in SHARES)}


@contextmanager
def own_random_numbers(step: int) -> Iterator[None]:
    """Random numbers of their own inside, others for each step; outside, as if nothing had been drawn."""
    import torch

    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        with torch.random.fork_rng():
            torch.manual_seed(SEED + step)
            yield
    finally:
        if mps is not None:
            torch.mps.set_rng_state(mps)
