"""Where a training is shown: in a notebook, in a terminal, or as lines of a log."""

from __future__ import annotations

import os
import sys
import time
from html import escape
from typing import Any, Protocol

from kit.i18n import told
from workshop.here import in_notebook
from workshop.training_status import Status

CURVE_EVERY = 2.0  # seconds, at least; drawing the curve takes about 0.1
LINE_EVERY = 60.0  # seconds, at most, from one line of a log to the next


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

        console = Console(highlight=False)
        self.bar_width = max(4, min(24, console.width // 4))
        columns = BarColumn(bar_width=self.bar_width), TextColumn("{task.description}", markup=False)
        self.bar = Progress(*columns, console=console, auto_refresh=False, transient=True)
        self.task = self.bar.add_task("", total=None)
        self.bar.start()
        self.sample_step = 0

    def show(self, status: Status) -> None:
        """Move the bar; print a new sample above it."""
        line = status.line(self.bar.console.width - self.bar_width - 1)
        self.bar.update(self.task, total=status.steps, completed=status.step, description=line, refresh=True)
        if status.sample_step != self.sample_step:
            self.sample_step = status.sample_step
            self.bar.console.print(told(f"after step {status.sample_step} it writes"), style="bold")
            self.bar.console.print(f"{status.sample}\n", markup=False)

    def close(self, status: Status) -> None:
        """Take the bar away and leave a line."""
        self.bar.stop()
        self.bar.console.print(status.last_line(), markup=False)


class Plain:
    """A line for each look at the validation text, or each minute if looks are rare; at the end a sample."""

    def __init__(self) -> None:
        """Nothing is printed yet."""
        self.looked = 0  # after which step
        self.second = 0.0  # of the training, in which the last line was printed

    def show(self, status: Status) -> None:
        """Print a line after a look, or a minute without a line. The look before the first step has none."""
        looked = status.points[-1][0] if status.points else 0
        if looked > self.looked or status.seconds >= self.second + LINE_EVERY:
            self.looked, self.second = looked, status.seconds
            print(status.line(), flush=True)

    def close(self, status: Status) -> None:
        """The last sample and the last line."""
        if status.sample:
            print(f"{told(f'after step {status.sample_step} it writes')}: {status.sample!r}")
        print(status.last_line(), flush=True)


def screen() -> Screen:
    """The right screen for where this is running. A bar needs a terminal that can rewrite a line."""
    if in_notebook():
        return Notebook()
    return Terminal() if sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "unknown") else Plain()
