"""A training as it happens: how far it is, how fast, its loss so far, and what the model says by now.

    with Live(speak) as watch:
        reports = trainer.train(watch)

`watch(report)` takes a `nanogpt.Report` after each step. It keeps a `Stand`, and gives it to one of three screens:

    Notebook   one display, which is updated: bar, curve, sample
    Terminal   a bar on the last line, samples above it
    Plain      a few lines, for a pipe or a test

What the model says is drawn with random numbers of its own, so that a training that is watched gives the same numbers
as one that is not.
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

from workshop.draw import lines_picture
from workshop.picture import Picture, in_notebook

if TYPE_CHECKING:
    from nanogpt import Report

MOST_OFTEN = 0.5  # seconds between two updates of what is shown
CURVE_MOST_OFTEN = 2.0  # and between two paintings of the curve, each of which takes about 0.1
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1)  # of all steps: when the model is heard, besides after step 1
PLAIN_LINES = 10
LAST = 20  # batches whose mean loss is shown; a single one jumps
SEED = 1337


@dataclass
class Stand:
    """How a training stands. A point of the curve is a step, its validation loss, and the mean of the training losses
    since the point before it."""

    step: int = 0
    steps: int = 0
    training_loss: float = float("nan")  # mean of the last batches
    points: list[tuple[int, float, float]] = field(default_factory=list)  # step, training loss, validation loss
    said: str = ""  # what the model said last,
    said_at: int = 0  # and after which step
    seconds: float = 0.0

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
        """The step with the lowest validation loss so far, and that loss."""
        return min(((step, loss) for step, _, loss in self.points), key=lambda point: point[1], default=None)

    def line(self) -> str:
        """All of it but curve and sample, in one line."""
        parts = [f"step {self.step} of {self.steps}", f"training loss {self.training_loss:.3f}"]
        if self.points:
            parts.append(f"validation loss {self.points[-1][2]:.3f}")
        parts.append(f"{self.per_second:.0f} steps/s")
        left = (self.steps - self.step) / self.per_second if self.per_second else 0.0
        return " · ".join([*parts, f"{clock(self.seconds)} gone" if self.over else f"{clock(left)} left"])

    def last_line(self) -> str:
        """What is said when it is over, or has been stopped."""
        end = "done" if self.over else f"stopped after step {self.step} of {self.steps}"
        best = self.best
        kept = f"; best validation loss {best[1]:.3f}, after step {best[0]}" if best else ""
        return f"{end} in {clock(self.seconds)}{kept}"

    def curve(self) -> Picture | None:
        """Both losses over the steps; None before the first point."""
        if not self.points:
            return None
        steps, training, validation = zip(*self.points, strict=True)
        return lines_picture(
            {"training": training, "validation": validation},
            x=list(steps),
            title=f"The loss after {self.points[-1][0]} of {self.steps} steps",
            x_name="step",
            y_name="loss",
            alt=f"Two lines from step {steps[0]} to {steps[-1]}: the training loss goes from {training[0]:.2f} to "
            f"{training[-1]:.2f}, the validation loss from {validation[0]:.2f} to {validation[-1]:.2f}.",
        )


def clock(seconds: float) -> str:
    """Seconds as one reads them: `7 s`, `2 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


class Screen(Protocol):
    """Where a stand is shown."""

    def show(self, stand: Stand) -> None:
        """Show a stand."""

    def close(self, stand: Stand) -> None:
        """Show the last one."""


class Notebook:
    """One display below the cell, updated in place."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self.handle: Any = None
        self.painted, self.painted_at, self.painted_to = "", 0.0, 0

    def paint(self, stand: Stand, last: bool) -> None:
        """Paint the curve anew if it has grown and it is time."""
        now = time.monotonic()
        if len(stand.points) > self.painted_to and (last or now >= self.painted_at + CURVE_MOST_OFTEN):
            curve = stand.curve()
            assert curve is not None
            self.painted, self.painted_at, self.painted_to = curve.html(), now, len(stand.points)

    def show(self, stand: Stand, last: bool = False) -> None:
        """Put the stand in the place of the one before it."""
        from IPython.display import DisplayHandle

        self.paint(stand, last)
        line = stand.last_line() if last else stand.line()
        bundle = {"text/html": self.html(stand, line), "text/plain": line}
        if self.handle is None:
            self.handle = DisplayHandle()  # type: ignore[no-untyped-call]
            self.handle.display(bundle, raw=True)
        else:
            self.handle.update(bundle, raw=True)

    def html(self, stand: Stand, line: str) -> str:
        """Bar and line, what the model says, the curve."""
        bar = (
            f'<progress max="{stand.steps}" value="{stand.step}" aria-label="steps done" '
            f'style="width:100%;max-width:46em"></progress>'
        )
        said = (
            f"<div><small>after step {stand.said_at} it says</small></div>"
            f'<pre style="margin:0 0 0.5em;white-space:pre-wrap;min-height:9em">{escape(stand.said)}</pre>'
            if stand.said
            else ""
        )
        return f"<div>{bar}<div>{escape(line)}</div>{said}{self.painted}</div>"

    def close(self, stand: Stand) -> None:
        """The last stand stays."""
        self.show(stand, last=True)


class Terminal:
    """A bar that stays on the last line, while what the model says scrolls above it."""

    def __init__(self) -> None:
        """Start the bar; no thread draws it, each update does."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = BarColumn(bar_width=24), TextColumn("{task.description}", markup=False)
        self.bar = Progress(*columns, console=Console(highlight=False), auto_refresh=False, transient=True)
        self.task = self.bar.add_task("", total=None)
        self.bar.start()
        self.said_at = 0

    def show(self, stand: Stand) -> None:
        """Move the bar; print what is new above it."""
        if stand.said_at != self.said_at:
            self.said_at = stand.said_at
            self.bar.console.print(f"after step {stand.said_at}:", style="bold")
            self.bar.console.print(f"{stand.said}\n", markup=False)
        self.bar.update(self.task, total=stand.steps, completed=stand.step, description=stand.line(), refresh=True)

    def close(self, stand: Stand) -> None:
        """Take the bar away, and leave a line."""
        self.bar.stop()
        self.bar.console.print(stand.last_line(), markup=False)


class Plain:
    """Lines: about ten for the numbers, and one sample at the end."""

    def __init__(self) -> None:
        """Nothing is printed yet."""
        self.printed = 0

    def show(self, stand: Stand) -> None:
        """A line for each tenth of the steps."""
        tenth = stand.step * PLAIN_LINES // max(1, stand.steps)
        if tenth > self.printed:
            self.printed = tenth
            print(stand.line(), flush=True)

    def close(self, stand: Stand) -> None:
        """The last line, and what the model said last."""
        if stand.said:
            print(f"after step {stand.said_at} it says: {stand.said!r}")
        print(stand.last_line(), flush=True)


def screen() -> Screen:
    """The screen that fits the place where this runs."""
    if in_notebook():
        return Notebook()
    return Terminal() if sys.stdout.isatty() else Plain()


class Live:
    """A watcher for `Trainer.train`."""

    def __init__(self, speak: Callable[[], str] | None = None, screen: Callable[[], Screen] = screen) -> None:
        """`speak` gives a text as the model now writes it; it is called eight times at most."""
        self.speak = speak
        self.make_screen = screen
        self.screen: Screen | None = None
        self.stand = Stand()
        self.losses: list[float] = []  # of the steps since the last point
        self.last: deque[float] = deque(maxlen=LAST)
        self.began = self.shown = time.monotonic()

    def __enter__(self) -> Self:
        """Begin to count the time."""
        self.began = self.shown = time.monotonic()
        return self

    def __call__(self, report: Report) -> None:
        """Take note of a step, and show it when it is time."""
        if self.screen is None:
            self.screen = self.make_screen()
        self.note(report)
        if self.speak is not None and report.step in moments(report.steps):
            with own_random():
                self.stand.said, self.stand.said_at = self.speak(), report.step
        now = time.monotonic()
        self.stand.seconds = now - self.began
        if report.step == 1 or now >= self.shown + MOST_OFTEN or isinstance(self.screen, Plain):
            self.shown = now
            self.screen.show(self.stand)

    def note(self, report: Report) -> None:
        """Bring the stand to this report's step; a validation loss makes a point of the curve."""
        stand = self.stand
        stand.step, stand.steps = report.step, report.steps
        self.losses.append(report.training_loss)
        self.last.append(report.training_loss)
        stand.training_loss = fmean(self.last)
        if report.validation_loss is not None:
            stand.points.append((report.step, fmean(self.losses), report.validation_loss))
            self.losses = []

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the screen as it shall stay."""
        if self.screen is not None:
            self.screen.close(self.stand)


def moments(steps: int) -> set[int]:
    """The steps after which the model is heard: close to each other at first, when it changes fast."""
    return {1, *(max(1, round(steps * share)) for share in SHARES)}


@contextmanager
def own_random() -> Iterator[None]:
    """Random numbers from a seed of their own inside, and outside as if nothing had been drawn."""
    import torch

    mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        with torch.random.fork_rng():
            torch.manual_seed(SEED)
            yield
    finally:
        if mps is not None:
            torch.mps.set_rng_state(mps)
