"""A training as it happens: how far along it is, how fast, its loss so far, and what the model can say by now.

    with Live(speak, evaluate=trainer.evaluate) as watch:
        reports = trainer.train(watch)
    watch.samples  # what it said, by the number of steps behind it; 0 is before the first

`watch(report)` takes a `nanogpt.Report` after each step. It keeps a `Status`, and shows it on one of three screens:

    Notebook   one display that is updated: bar, curve, sample
    Terminal   a bar on the last line, samples above it
    Plain      a few lines, for a pipe or a test

Samples use their own random numbers, others each time, and so does the look at the loss before the first step. So a
training gives the same results whether it's watched or not.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from statistics import fmean
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from kit.i18n import told
from workshop.draw import lines_picture
from workshop.here import in_notebook
from workshop.picture import Picture

if TYPE_CHECKING:
    from nanogpt import Report

UPDATE_EVERY = 0.5  # seconds, at least
CURVE_EVERY = 2.0  # seconds, at least; drawing the curve takes about 0.1
SHARES = (1 / 32, 1 / 16, 1 / 10, 1 / 4, 1 / 2, 3 / 4, 1)  # of all steps: when a sample is taken, besides after step 1
PLAIN_LINES = 10
LAST = 20  # batches whose mean loss is shown, since the loss of a single one jumps around
SEED = 1616  # of the samples: other dice than the training's


@dataclass
class Status:
    """How far along a training is. A point on the curve is a step, the mean training loss since the previous point, and
    the validation loss. At step 0 the training loss is that of the first batch."""

    step: int = 0
    steps: int = 0
    training_loss: float = float("nan")  # mean of the last batches
    points: list[tuple[int, float, float]] = field(default_factory=list)  # step, training loss, validation loss
    samples: dict[int, str] = field(default_factory=dict)  # what the model wrote, by the step after which it did
    seconds: float = 0.0

    @property
    def sample(self) -> str:
        """What the model wrote last; empty if it hasn't been asked since the first step."""
        return self.samples[self.sample_step] if self.sample_step else ""

    @property
    def sample_step(self) -> int:
        """After which step it did."""
        return max(self.samples, default=0)

    @property
    def over(self) -> bool:
        """Whether the last step is done."""
        return self.step >= self.steps

    @property
    def per_second(self) -> float:
        """Steps per second so far."""
        return self.step / self.seconds if self.seconds > 0 else 0.0

    @property
    def best(self) -> tuple[int, float] | None:
        """The step with the lowest validation loss so far, and that loss. Step 0 is no step."""
        after = ((step, loss) for step, _, loss in self.points if step)
        return min(after, key=lambda point: point[1], default=None)

    def line(self) -> str:
        """Everything except the curve and the sample, in one line."""
        parts = [f"step {self.step} of {self.steps}", f"training loss {self.training_loss:.3f}"]
        if self.points:
            parts.append(f"validation loss {self.points[-1][2]:.3f}")
        parts.append(f"{self.per_second:.0f} steps/s")
        left = (self.steps - self.step) / self.per_second if self.per_second else 0.0
        parts.append(f"{clock(self.seconds)} gone" if self.over else f"{clock(left)} left")
        return " · ".join(map(told, parts))

    def last_line(self) -> str:
        """The line that stays once the training is over or has been stopped."""
        spent, best = clock(self.seconds), self.best
        said = [
            f"done in {spent}" if self.over else f"stopped after step {self.step} of {self.steps} in {spent}",
            *([f"best validation loss {best[1]:.3f} after step {best[0]}"] if best else ()),
        ]
        return "; ".join(map(told, said))

    def curve(self) -> Picture | None:
        """Both losses over the steps; None before the first point."""
        if not self.points:
            return None
        steps, training, validation = zip(*self.points, strict=True)
        return lines_picture(
            {told("training"): training, told("validation"): validation},
            x=list(steps),
            title=told(f"The loss after {self.points[-1][0]} of {self.steps} steps"),
            x_name=told("step"),
            y_name=told("loss"),
            alt=told(
                f"Two lines from step {steps[0]} to {steps[-1]}: the training loss goes from {training[0]:.2f} to "
                f"{training[-1]:.2f}, the validation loss from {validation[0]:.2f} to {validation[-1]:.2f}."
            ),
        )


def clock(seconds: float) -> str:
    """Seconds for people: `7 s`, `2 min 05 s`."""
    whole = round(seconds)
    return told(f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s")


class Screen(Protocol):
    """Where a status is shown."""

    def show(self, status: Status) -> None:
        """Show a status."""

    def close(self, status: Status) -> None:
        """Show the last one."""


class Notebook:
    """One display below the cell, updated in place."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self.handle: Any = None
        self.painted, self.painted_at, self.painted_to = "", 0.0, 0

    def paint(self, status: Status, last: bool) -> None:
        """Redraw the curve if it has grown and it's time to."""
        now = time.monotonic()
        if len(status.points) > self.painted_to and (last or now >= self.painted_at + CURVE_EVERY):
            curve = status.curve()
            assert curve is not None
            self.painted, self.painted_at, self.painted_to = curve.html(), now, len(status.points)

    def show(self, status: Status, last: bool = False) -> None:
        """Show a status in place of the previous one."""
        from IPython.display import DisplayHandle

        self.paint(status, last)
        line = status.last_line() if last else status.line()
        bundle = {"text/html": self.html(status, line), "text/plain": line}
        if self.handle is None:
            self.handle = DisplayHandle()  # type: ignore[no-untyped-call]
            self.handle.display(bundle, raw=True)
        else:
            self.handle.update(bundle, raw=True)

    def html(self, status: Status, line: str) -> str:
        """The bar, the line, the sample, the curve."""
        bar = (
            f'<progress max="{status.steps}" value="{status.step}" aria-label="{told("steps done")}" '
            f'style="width:100%;max-width:46em"></progress>'
        )
        sample = (
            f"<div><small>{told(f'after step {status.sample_step} it writes')}</small></div>"
            f'<pre style="margin:0 0 0.5em;white-space:pre-wrap;min-height:9em">{escape(status.sample)}</pre>'
            if status.sample
            else ""
        )
        return f"<div>{bar}<div>{escape(line)}</div>{sample}{self.painted}</div>"

    def close(self, status: Status) -> None:
        """Show the last status, which stays."""
        self.show(status, last=True)


class Terminal:
    """A bar that stays on the last line, while samples scroll above it."""

    def __init__(self) -> None:
        """Start the bar. It's drawn by each update, not by a thread."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = BarColumn(bar_width=24), TextColumn("{task.description}", markup=False)
        self.bar = Progress(*columns, console=Console(highlight=False), auto_refresh=False, transient=True)
        self.task = self.bar.add_task("", total=None)
        self.bar.start()
        self.sample_step = 0

    def show(self, status: Status) -> None:
        """Move the bar; print a new sample above it."""
        if status.sample_step != self.sample_step:
            self.sample_step = status.sample_step
            self.bar.console.print(told(f"after step {status.sample_step} it writes"), style="bold")
            self.bar.console.print(f"{status.sample}\n", markup=False)
        self.bar.update(self.task, total=status.steps, completed=status.step, description=status.line(), refresh=True)

    def close(self, status: Status) -> None:
        """Take the bar away and leave a line."""
        self.bar.stop()
        self.bar.console.print(status.last_line(), markup=False)


class Plain:
    """About ten lines with numbers, and one sample at the end."""

    def __init__(self) -> None:
        """Nothing is printed yet."""
        self.printed = 0

    def show(self, status: Status) -> None:
        """A line for each tenth of the steps."""
        tenth = status.step * PLAIN_LINES // max(1, status.steps)
        if tenth > self.printed:
            self.printed = tenth
            print(status.line(), flush=True)

    def close(self, status: Status) -> None:
        """The last sample and the last line."""
        if status.sample:
            print(f"{told(f'after step {status.sample_step} it writes')}: {status.sample!r}")
        print(status.last_line(), flush=True)


def screen() -> Screen:
    """The right screen for where this is running."""
    if in_notebook():
        return Notebook()
    return Terminal() if sys.stdout.isatty() else Plain()


class Live:
    """A watcher for `Trainer.train`."""

    def __init__(
        self,
        speak: Callable[[], str] | None = None,
        screen: Callable[[], Screen] = screen,
        evaluate: Callable[[], float] | None = None,
    ) -> None:
        """`speak` returns a sample from the model; it's called at most nine times. `evaluate` returns the model's
        validation loss; it's called once, before the first step, so that the curve starts there."""
        self.speak = speak
        self.evaluate = evaluate
        self.make_screen = screen
        self.screen: Screen | None = None
        self.status = Status()
        self.losses: list[float] = []  # of the steps since the last point
        self.last: deque[float] = deque(maxlen=LAST)
        self.start: float | None = None  # the validation loss before the first step, until the curve has it
        self.began = self.shown = time.monotonic()

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
        self.began = self.shown = time.monotonic()
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
