"""What a training is made of, by the name that `--config` has.

default   the chapters' model, computed sooner; the settings of which it learns fastest
chapter   the chapters' classes, as chapter 12 trains them; what --mine takes
seed      the same classes with the settings that courses of this kind begin from: one rate for all steps, dropout
small     a model that one can follow by hand, trained in seconds
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from kit.model.training import optimizers
from kit.model.training.batches import VectorisedLoader
from kit.model.training.fast_model import fast_model
from nanogpt import BigramLanguageModel, Config, DataLoader, Trainer

NAMES = ("default", "seed", "small")  # as --config has them


@dataclass(frozen=True)
class Recipe:
    """Settings, and the parts to train with."""

    config: Config
    optimizer: Callable[[nn.Module, Config], torch.optim.Optimizer]
    model: Callable[[int, Config], nn.Module] = BigramLanguageModel  # of the vocabulary's size and the settings
    loader: Callable[[str, Config], DataLoader] = DataLoader
    trainer: Callable[..., Trainer] = Trainer  # of the model, its optimizer, the loader and the settings

    def changed(self, steps: int | None = None, seed: int | None = None) -> Recipe:
        """The same with another number of steps, to which warm-up and looks at the validation text adapt; or seed."""
        config = self.config
        if seed is not None:
            config = replace(config, seed=seed)
        if steps is not None:
            config = resized(config, steps)
        return replace(self, config=config)

    def with_classes(self, classes: Any) -> Recipe:
        """The same settings with the classes that `classes` has, such as the learner's own in `workshop.mine`."""
        return replace(self, model=classes.BigramLanguageModel, loader=classes.DataLoader, trainer=classes.Trainer)


def resized(config: Config, steps: int) -> Config:
    """The same settings for another number of steps, with the same share of warm-up."""
    return replace(config, steps=steps, warmup_steps=config.warmup_steps * steps // config.steps)


def recipes() -> dict[str, Recipe]:
    """All of them."""
    older = Config(
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
        batch_size=24,
        dropout=0.0,
        steps=800,
        learning_rate=1.5e-2,
        final_learning_rate=0.0,
        warmup_steps=100,
        evaluate_every=100,
        evaluation_batches=10,
    )
    return {
        "default": Recipe(fast, optimizers.fast, fast_model, VectorisedLoader),
        "chapter": Recipe(Config(), optimizers.fast),
        "seed": Recipe(older, optimizers.older),
        "small": Recipe(small, optimizers.plain, fast_model, VectorisedLoader),
    }
