"""Trainer. Made from checkpoints/ch12_trainer.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import math

import torch
from torch import nn

from nanogpt.data_loader import Config
from nanogpt.data_loader import DataLoader


def rate_at(step: int, config: Config) -> float:
    """The learning rate of a step: up in a straight line from 0, then down along half a cosine."""
    if step <= config.warmup_steps:
        return config.learning_rate * step / config.warmup_steps  # on the way up
    gone = (step - config.warmup_steps) / (config.steps - config.warmup_steps)  # how much of the way down is behind us, from 0 to 1
    wave = (1 + math.cos(math.pi * gone)) / 2  # from 1 to 0
    return config.final_learning_rate + (config.learning_rate - config.final_learning_rate) * wave  # the final rate, plus the share `wave` of what the highest rate has more


@dataclass(frozen=True)
class Report:
    """What the Trainer reports after each step."""

    step: int  # the first one is 1
    steps: int  # how many there will be
    training_loss: float  # on this step's batch, before the step
    validation_loss: float | None = None  # if there was an exam after this step


class Trainer:
    """Trains a model on batches from a loader, and keeps the best version of it."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data_loader: DataLoader,
        config: Config,
    ) -> None:
        """`optimizer` has the parameters of `model`; `data_loader` gives batches of "train" and of "validation"."""
        self.model = model
        self.optimizer = optimizer
        self.data_loader = data_loader
        self.config = config
        self.shares = [group["lr"] / config.learning_rate for group in optimizer.param_groups]

    def learning_rate(self, step: int) -> float:
        """The rate for a step; the first step is 1."""
        return rate_at(step, self.config)  # as this Trainer's settings say

    def train_step(self) -> float:
        """Learn from one batch, and return the loss that the model had on it."""
        self.model.train()
        inputs, targets = self.data_loader.get_batch("train")
        loss = self.model(inputs, targets)[1]  # how surprised is the model?
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def evaluate(self) -> float:
        """The exam: the mean loss on `config.evaluation_batches` batches of the validation text."""
        self.model.eval()
        losses = []
        for _ in range(self.config.evaluation_batches):  # how many batches
            inputs, targets = self.data_loader.get_batch("validation")
            losses.append(self.model(inputs, targets)[1].item())
        self.model.train()
        return sum(losses) / len(losses)  # their mean

    def train(self, watch: Callable[[Report], object] | None = None) -> list[Report]:
        """Train for `config.steps` steps, or until somebody stops it; then restore its best version.

        `watch`, if given, is called with the report of each step.
        """
        reports: list[Report] = []
        best_loss, best = math.inf, None
        try:
            for step in range(1, self.config.steps + 1):
                for group, share in zip(self.optimizer.param_groups, self.shares, strict=True):
                    group["lr"] = share * self.learning_rate(step)  # the rate for this step
                training_loss = self.train_step()  # learn from one batch
                validation_loss = None
                if step % self.config.evaluate_every == 0 or step == self.config.steps:
                    validation_loss = self.evaluate()  # hold an exam
                    if validation_loss < best_loss:  # is it the best so far?
                        best = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}  # what to put aside
                        best_loss = validation_loss
                reports.append(Report(step, self.config.steps, training_loss, validation_loss))
                if watch is not None:
                    watch(reports[-1])
        except KeyboardInterrupt:
            pass  # stop here; the best so far is kept
        if best is not None:
            self.model.load_state_dict(best)
        return reports
