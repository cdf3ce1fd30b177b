"""Recipes: the settings and parts of a training, by the name that --config takes.

default   the chapters' model, computed faster, with the settings that get to a low loss soonest
mine      the chapters' own classes, on settings almost as quick; what --mine trains a learner's classes on
chapter   the chapters' own classes, as chapter 12 trains them
seed      the chapters' classes with the settings such courses usually start from: constant learning rate, dropout
large     fifty times the parameters and eight times the context: for a GPU, or for a night
small     a model small enough to follow by hand, trained in seconds
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import nn

from kit.model.training.batches import VectorisedLoader
from kit.model.training.execution import FLOAT32, Execution
from kit.model.training.fast_model import fast_model
from kit.model.training.optimizers import WEIGHT_DECAY, adamw, muon_and_adamw, quick_muon_and_adamw
from nanogpt import BigramLanguageModel, Config, DataLoader, Trainer


@dataclass(frozen=True)
class Recipe:
    """Settings, and the parts to train with."""

    config: Config
    optimizer: Callable[[nn.Module, Config], torch.optim.Optimizer]
    model: Callable[[int, Config], nn.Module] = BigramLanguageModel  # (vocab_size, config)
    loader: Callable[[str, Config], DataLoader] = DataLoader  # (text, config)
    trainer: Callable[..., Trainer] = Trainer  # (model, optimizer, loader, config)
    checkpoint_every: int = 0  # steps from one checkpoint to the next; 0 for none
    execution: Execution | None = FLOAT32  # how its numbers are computed; None: whichever is fastest here
    threads: int = 1  # on a CPU; 0 for one on each core. With small tensors a second one gains little

    def changed(self, steps: int | None = None, seed: int | None = None) -> Recipe:
        """The same recipe with another number of steps or another seed; `None` keeps the recipe's own."""
        config = self.config if steps is None else with_steps(self.config, steps)
        return replace(self, config=config if seed is None else replace(config, seed=seed))

    def with_classes(self, classes: Any) -> Recipe:
        """The same settings with the classes of a module, such as the learner's own in `workshop.mine`."""
        return replace(self, model=classes.BigramLanguageModel, loader=classes.DataLoader, trainer=classes.Trainer)


def with_steps(config: Config, steps: int) -> Config:
    """The same settings for another number of steps, with warm-up in proportion."""
    return replace(config, steps=steps, warmup_steps=config.warmup_steps * steps // config.steps)


class LinearTrainer(Trainer):
    """The chapters' Trainer, whose learning rate falls in a straight line after the warm-up."""

    def learning_rate(self, step: int) -> float:
        """The rate for a step; the first step is 1."""
        config = self.config
        if step <= config.warmup_steps:
            return config.learning_rate * step / config.warmup_steps
        gone = (step - config.warmup_steps) / (config.steps - config.warmup_steps)
        return config.learning_rate + (config.final_learning_rate - config.learning_rate) * gone


def quiet_model(vocab_size: int, config: Config) -> BigramLanguageModel:
    """The fast model, in which at first no block adds anything to the stream, and all characters are equally likely."""
    model = fast_model(vocab_size, config)
    with torch.no_grad():
        still = (part for block in model.blocks for part in (block.attention.projection, block.feed_forward.contract))
        for linear in (model.to_logits.to_scores, *still):
            linear.weight.zero_()
            linear.bias.zero_()
        for block in model.blocks:
            block.feed_forward.expand.bias.zero_()
    return model


def recipes() -> dict[str, Recipe]:
    """All recipes, by name."""
    seed = Config(
        batch_size=16,
        dropout=0.1,
        steps=5000,
        learning_rate=1e-3,
        final_learning_rate=1e-3,
        warmup_steps=0,
        evaluate_every=100,
        evaluation_batches=10,
    )
    small = replace(Config.small(), batch_size=32, dropout=0.0, steps=500, learning_rate=1e-2, final_learning_rate=0.0)
    fast = Config(
        batch_size=48,
        dropout=0.0,
        steps=310,
        learning_rate=3e-2,
        final_learning_rate=0.0,
        warmup_steps=9,
        evaluate_every=100,
        evaluation_batches=10,
    )
    large = Config(
        batch_size=64,
        input_sequence_length=256,
        embedding_dim=384,
        hidden_dim=1536,
        num_heads=6,
        num_layers=6,
        dropout=0.2,
        steps=3000,
        learning_rate=6e-3,
        final_learning_rate=0.0,
        warmup_steps=100,
        evaluate_every=250,
        evaluation_batches=10,
    )
    return {
        "default": Recipe(fast, quick_muon_and_adamw, quiet_model, VectorisedLoader, LinearTrainer, execution=None),
        "mine": Recipe(with_steps(fast, 320), quick_muon_and_adamw),
        "chapter": Recipe(Config(), muon_and_adamw),
        "seed": Recipe(seed, adamw, checkpoint_every=500),
        "large": Recipe(
            large, muon_and_adamw, fast_model, VectorisedLoader, checkpoint_every=250, execution=None, threads=0
        ),
        "small": Recipe(small, partial(adamw, weight_decay=WEIGHT_DECAY), fast_model, VectorisedLoader),
    }
