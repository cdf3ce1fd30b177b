"""One training from beginning to end, through the chapters' own Trainer."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch

from kit.model.training.batches import DeviceBatches
from kit.model.training.evaluate import whole_loss
from kit.model.training.recipes import Recipe
from kit.model.training.sampling import encode
from kit.model.training.saved_model import Saved
from nanogpt import DataLoader, Report, Trainer

THREADS = 1  # tensors this small: a second thread gains little, and on a busy machine it is waited for


@dataclass(frozen=True)
class TrainingRun:
    """A training that can begin."""

    trainer: Trainer
    model: Any  # a module that generates
    loader: DataLoader
    device: torch.device

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    def speak(self, characters: int = 100) -> str:
        """A text as the model now writes it."""
        start = [encode("", "".join(self.loader.characters))]
        ids = self.model.generate(torch.tensor(start, device=self.device), characters)
        return self.loader.decode(ids[0, 1:].tolist())


@dataclass(frozen=True)
class Trained:
    """What came out: the model at its best, its loss over the whole validation text, the time it took to train.

    The loss is None where a second Ctrl+C came while it was computed.
    """

    saved: Saved
    validation_loss: float | None
    seconds: float
    stopped: bool  # before the last step


def prepare(recipe: Recipe, text: str, device: torch.device) -> TrainingRun:
    """Everything that is needed to train, from the recipe's seed on.

    Raises:
        ValueError: the text is too short.
    """
    config = recipe.config
    torch.set_num_threads(THREADS)
    torch.manual_seed(config.seed)
    loader = recipe.loader(text, config)
    model = recipe.model(loader.vocab_size, config).to(device)
    batches: Any = loader if device.type == "cpu" else DeviceBatches(loader, device)
    trainer = recipe.trainer(model, recipe.optimizer(model, config), batches, config)
    return TrainingRun(trainer, model, loader, device)


def train(session: TrainingRun, watch: Callable[[Report], object] | None = None) -> Trained:
    """Train; Ctrl+C ends it early, and a second one leaves out the loss over the whole text, never the model."""
    began = time.perf_counter()
    reports = session.trainer.train(watch)
    seconds = time.perf_counter() - began
    loader = session.loader
    config = session.trainer.config
    loss: float | None = None
    with suppress(KeyboardInterrupt):
        loss = whole_loss(session.model, loader.validation_ids, config.input_sequence_length)
    state = {name: tensor.detach().cpu() for name, tensor in session.model.state_dict().items()}
    saved = Saved(state, "".join(loader.characters), config, loss, steps_of_best(reports))
    return Trained(saved, loss, seconds, len(reports) < config.steps)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A block that Ctrl+C does not end: what a training has made is being saved."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def steps_of_best(reports: Sequence[Report]) -> int:
    """After which step the Trainer kept the model: the one with the lowest validation loss, else the last."""
    looked = [(report.validation_loss, report.step) for report in reports if report.validation_loss is not None]
    return min(looked)[1] if looked else len(reports)


def described(session: TrainingRun) -> str:
    """What is about to be trained, in one line."""
    config = session.trainer.config
    size = f"{session.parameters:,} parameters, {session.loader.vocab_size} characters"
    windows = f"{config.batch_size} windows of {config.input_sequence_length}"
    return f"{size}; {config.steps} steps of {windows}, on {session.device}"
