"""Checkpoints of a training while any Trainer runs it, and the way back into one.

A Trainer knows nothing about either. To go on, it trains from step 1 again, but the steps and exams that it has done
before are replayed: they return the losses that the checkpoint has, and cost nothing. With the last of them the model,
the optimizer and the random numbers become what they were, and from there on each step is the one it would have been.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from torch import nn

from kit.errors import KitError
from kit.model.training import dice
from kit.model.training.checkpoint import Checkpoint, State
from kit.model.training.plan import ANEW, Plan
from kit.terminal import say
from nanogpt import Report

if TYPE_CHECKING:
    from kit.model.training.train import TrainingRun


class Checkpoints:
    """Watches a training, and hands over a checkpoint after every so many steps."""

    def __init__(
        self,
        run: TrainingRun,
        plan: Plan,
        every: int,
        write: Callable[[Checkpoint], object],
        begun: Checkpoint | None = None,
    ) -> None:
        """With `every` 0 there are none. `begun` is the one from which the training goes on."""
        self.run, self.plan, self.every, self.write = run, plan, every, write
        self.losses = list(begun.losses) if begun else []
        self.best = begun.best if begun else None
        self.best_loss = min((loss for _, loss in self.losses if loss is not None), default=math.inf)
        self.step = begun.step if begun else 0  # after which the last one was written

    def __call__(self, report: Report, seconds: float) -> None:
        """Note a step; write a checkpoint if it's time to. `seconds` is how long the training has taken.

        One that can't be written is remarked on, and the training goes on.
        """
        if not self.every:
            return
        model, optimizer = self.run.model, self.run.trainer.optimizer
        self.losses.append((report.training_loss, report.validation_loss))
        if report.validation_loss is not None and report.validation_loss < self.best_loss:  # as the Trainer decides
            self.best, self.best_loss = copy(model), report.validation_loss
        if report.step % self.every == 0:
            numbers = dice.states(self.run.device)
            made = Checkpoint(self.plan, self.losses, seconds, copy(model), self.best, optimizer.state_dict(), numbers)
            try:
                self.write(made)
                self.step = report.step
            except KitError as error:  # the disk is full, say: the training is worth more than its checkpoint
                say(str(error))


def copy(model: nn.Module) -> State:
    """The model's tensors as they are now."""
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def replay(run: TrainingRun, begun: Checkpoint) -> None:
    """Let the run's Trainer go on from a checkpoint.

    Raises:
        KitError: the model isn't like the checkpoint's.
    """
    trainer = run.trainer
    try:
        run.model.load_state_dict(begun.model)
        if begun.best is not None:
            run.model.load_state_dict(begun.best)  # what the Trainer puts aside at each replayed exam
    except RuntimeError as error:
        raise KitError(
            "the model's classes have changed since the training began",
            "--resume",
            f"put them back as they were, {ANEW}",
        ) from error
    step, evaluate = trainer.train_step, trainer.evaluate
    losses = [loss for loss, _ in reversed(begun.losses)]
    exams = [loss for _, loss in reversed(begun.losses) if loss is not None]

    def train_step() -> float:
        if len(losses) == 1:  # before the Trainer sets the rate for the first new step
            restore(run, begun)
        return losses.pop() if losses else step()

    trainer.train_step = train_step  # type: ignore[method-assign]
    trainer.evaluate = lambda: exams.pop() if exams else evaluate()  # type: ignore[method-assign]


def restore(run: TrainingRun, begun: Checkpoint) -> None:
    """Make model, optimizer and random numbers what they were."""
    run.model.load_state_dict(begun.model)
    run.trainer.optimizer.load_state_dict(begun.optimizer)
    dice.restore(begun.random)
