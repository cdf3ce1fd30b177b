"""One training from start to finish, with the chapters' own Trainer."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import torch

from kit.i18n import told
from kit.model.training.batches import DeviceBatches
from kit.model.training.checkpoint import Checkpoint
from kit.model.training.evaluate import whole_loss
from kit.model.training.execution import Execution, announce, choose
from kit.model.training.processes import ALONE, Processes, Share
from kit.model.training.recipes import Recipe
from kit.model.training.resume import replay
from kit.model.training.sampling import encode
from kit.model.training.saved_model import SavedModel
from nanogpt import DataLoader, Report, Trainer


@dataclass(frozen=True)
class TrainingRun:
    """A training that's ready to start."""

    trainer: Trainer
    model: Any  # the module that `trainer` trains, with a `generate`
    loader: DataLoader
    device: torch.device
    execution: Execution
    processes: Processes

    def describe(self) -> str:
        """What we're about to train and how, in one line."""
        config, how, count = self.trainer.config, self.execution, self.processes.count
        parameters = sum(parameter.numel() for parameter in self.model.parameters())
        where = f"{count} × {self.device.type}" if count > 1 else str(self.device)
        return told(
            f"{parameters:,} parameters, {self.loader.vocab_size} characters; {config.steps} steps of "
            f"{count * config.batch_size} windows of {config.input_sequence_length} characters, on {where} in {how}"
        )

    def sample(self, characters: int = 100) -> str:
        """This many characters, as the model writes them now."""
        start = [encode("", "".join(self.loader.characters))]
        ids = self.model.generate(torch.tensor(start, device=self.device), characters)
        return self.loader.decode(ids[0, 1:].tolist())


def prepare(
    recipe: Recipe,
    text: str,
    device: torch.device,
    processes: Processes = ALONE,
    execution: Execution | None = None,
) -> TrainingRun:
    """Set up everything a training needs, starting from the recipe's seed. `execution` is what was chosen earlier.

    Raises:
        ValueError: the text is too short.
    """
    config = recipe.config
    torch.set_num_threads(recipe.threads or max(1, (os.cpu_count() or 1) // processes.here))
    torch.manual_seed(config.seed)
    loader = recipe.loader(text, replace(config, batch_size=processes.count * config.batch_size))
    model = recipe.model(loader.vocab_size, config).to(device)
    batches: Any = loader if processes.count == 1 else Share(loader, processes, config.batch_size)
    batches = batches if device.type == "cpu" else DeviceBatches(batches, device)
    if execution and execution.compiled and processes.first:
        announce()
    execution = execution or recipe.execution
    if execution is None:
        execution = processes.agreed(choose(model, batches.get_batch, config.steps, quiet=not processes.first))
    execution.apply(model, device)
    trainer = recipe.trainer(processes.wrap(model), recipe.optimizer(model, config), batches, config)
    processes.average_losses(trainer)
    return TrainingRun(trainer, model, loader, device, execution, processes)


def train(
    run: TrainingRun, watch: Callable[[Report], object] | None = None, begun: Checkpoint | None = None
) -> tuple[SavedModel, float]:
    """Train, from the beginning or from a checkpoint. Returns the model at its best, ready to save, and the seconds it
    took.

    Ctrl+C ends the training early. A second one skips the loss over the whole validation text (it's then `None`), but
    it never loses the model.
    """
    if begun:
        replay(run, begun)
    start = time.perf_counter() - (begun.seconds if begun else 0.0)
    reports = run.trainer.train(watch)
    seconds = time.perf_counter() - start
    config = run.trainer.config
    loss: float | None = None
    with suppress(KeyboardInterrupt):
        loss = whole_loss(run.model, run.loader.validation_ids, config.input_sequence_length)
    characters = "".join(run.loader.characters)
    return SavedModel(run.model.state_dict(), characters, config, loss, best_step(reports)), seconds


def best_step(reports: Sequence[Report]) -> int:
    """The step after which the Trainer kept the model: the one with the lowest validation loss, otherwise the last."""
    losses = [(report.validation_loss, report.step) for report in reports if report.validation_loss is not None]
    return min(losses)[1] if losses else len(reports)


@contextmanager
def ignore_interrupts() -> Iterator[None]:
    """Ignore Ctrl+C inside this block: a trained model is being saved."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
