"""What a training is made of, by the name that `--config` has.

    default   the chapters' model, computed sooner; the settings of which it learns fastest
    chapter   the chapters' classes, as chapter 12 trains them; what --mine takes
    seed      the same classes with the settings that courses of this kind begin from: one rate for all steps, dropout
    small     a model that one can follow by hand, trained in seconds
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn

from kit.training import optimizer
from kit.training.batched import batched
from kit.training.loader import VectorisedLoader
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

    def mine(self) -> Recipe:
        """The same settings with the learner's classes, as `workshop.mine` finds them."""
        from workshop import mine

        return replace(self, model=mine.BigramLanguageModel, loader=mine.DataLoader, trainer=mine.Trainer)


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
    small = replace(
        Config.small(), batch_size=32, dropout=0.0, steps=500, learning_rate=1e-2, final_learning_rate=0.0
    )
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
        "default": Recipe(fast, optimizer.fast, batched, VectorisedLoader),
        "chapter": Recipe(Config(), optimizer.fast),
        "seed": Recipe(older, optimizer.older),
        "small": Recipe(small, optimizer.plain, batched, VectorisedLoader),
    }
