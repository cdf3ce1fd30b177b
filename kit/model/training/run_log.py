"""A training's numbers for other programs: JSON lines, and TensorBoard's files.

    {"run": {"recipe": "default", "steps": 310, ...}}                              once, at the beginning
    {"step": 1, "training_loss": 4.27, "learning_rate": 0.00015, "seconds": 0.02}   after each step
    {"step": 100, ..., "validation_loss": 2.36}                                    after one with an exam
    {"resumed": 400}     it went on from the checkpoint after step 400; a step that comes twice is the same one
    {"loss": 1.875, "seconds": 16.0}                                               once, at the end

Lines are only ever added to a file. A number has all its digits, so two runs can be compared to the last bit.
"""

from __future__ import annotations

import json
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from kit.errors import KitError
from kit.files import reason
from kit.model.training.plan import Plan
from kit.terminal import say
from nanogpt import Report

OTHER = "give another file with --log-file, or leave it out"


class RunLog(Protocol):
    """What is told about a training."""

    def begin(self, plan: Plan, resumed: int) -> None:
        """It begins, or goes on after step `resumed`."""

    def step(self, report: Report, rate: float, seconds: float) -> None:
        """A step has been done, at this learning rate, this long after the beginning."""

    def end(self, loss: float | None, seconds: float) -> None:
        """It's over, with this loss on the whole validation text."""

    def close(self) -> None:
        """Nothing more will come."""


class JsonLines:
    """One JSON object a line."""

    def __init__(self, path: Path) -> None:
        """Lines are added to a file that's there.

        Raises:
            KitError: nothing can be written there.
        """
        self.path, self.full = path, False
        try:
            self.file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise KitError(f"this can't be written: {reason(error)}", str(path), OTHER) from error

    def write(self, line: dict[str, Any]) -> None:
        """Add a line, and let it be seen right away. If that fails it's remarked on, and nothing more is added."""
        if self.full:
            return
        try:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()
        except OSError as error:
            self.full = True
            say(f"{self.path} ends here: {reason(error)}")

    def begin(self, plan: Plan, resumed: int) -> None:
        """See `RunLog`."""
        self.write({"resumed": resumed} if resumed else {"run": plan.as_dict()})

    def step(self, report: Report, rate: float, seconds: float) -> None:
        """See `RunLog`."""
        line = {"step": report.step, "training_loss": report.training_loss, "learning_rate": rate, "seconds": seconds}
        exam = {} if report.validation_loss is None else {"validation_loss": report.validation_loss}
        self.write(line | exam)

    def end(self, loss: float | None, seconds: float) -> None:
        """See `RunLog`."""
        self.write({"loss": loss, "seconds": seconds})

    def close(self) -> None:
        """See `RunLog`."""
        with suppress(OSError):
            self.file.close()


class TensorBoard:
    """Event files for TensorBoard, which isn't one of the kit's own libraries."""

    def __init__(self, folder: Path) -> None:
        """A run is a folder.

        Raises:
            KitError: TensorBoard isn't installed, or nothing can be written there.
        """
        self.folder = folder
        try:
            self.make: Any = import_module("torch.utils.tensorboard").SummaryWriter
        except ImportError:
            raise KitError(
                "TensorBoard isn't installed", "--tensorboard", "pip install tensorboard, or leave --tensorboard out"
            ) from None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KitError(
                f"this can't be written: {reason(error)}", str(folder), "give another folder with --tensorboard"
            ) from error
        self.writer: Any = None

    def begin(self, plan: Plan, resumed: int) -> None:
        """See `RunLog`. Steps after the checkpoint that were written before are hidden."""
        self.writer = self.make(str(self.folder), purge_step=resumed + 1 if resumed else None)
        if not resumed:
            self.writer.add_text("run", f"```\n{json.dumps(plan.as_dict(), indent=1)}\n```")

    def step(self, report: Report, rate: float, seconds: float) -> None:
        """See `RunLog`."""
        self.writer.add_scalar("loss/training", report.training_loss, report.step)
        self.writer.add_scalar("learning_rate", rate, report.step)
        if report.validation_loss is not None:
            self.writer.add_scalar("loss/validation", report.validation_loss, report.step)

    def end(self, loss: float | None, seconds: float) -> None:
        """See `RunLog`."""
        if loss is not None:
            self.writer.add_text("loss on the whole validation text", f"{loss:.4f}, after {seconds:.1f} seconds")

    def close(self) -> None:
        """See `RunLog`."""
        if self.writer is not None:
            self.writer.close()


class RunLogs:
    """All the logs that were asked for, as one; they're closed at the end of a `with`."""

    def __init__(self, lines: Path | None, tensorboard: Path | None) -> None:
        """A file for JSON lines, a folder for TensorBoard; None for none.

        Raises:
            KitError: one of them can't be written.
        """
        self.logs: list[RunLog] = [
            *([TensorBoard(tensorboard)] if tensorboard else ()),
            *([JsonLines(lines)] if lines else ()),
        ]

    def begin(self, plan: Plan, resumed: int) -> None:
        """See `RunLog`."""
        for log in self.logs:
            log.begin(plan, resumed)

    def step(self, report: Report, rate: float, seconds: float) -> None:
        """See `RunLog`."""
        for log in self.logs:
            log.step(report, rate, seconds)

    def end(self, loss: float | None, seconds: float) -> None:
        """See `RunLog`."""
        for log in self.logs:
            log.end(loss, seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for log in self.logs:
            log.close()
