"""The model that you trained in chapter 12, for a chapter that goes on from there.

    from workshop import trained
    model, plays, folder = trained.load()        # models/mine, in your classes; another one if it isn't there
    trained.keep(model, plays, folder, loss, steps)     # in models/mine/answers, beside what was there

Whoever has no such model gets one of the workshop's, trained here and now in less than a minute.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from kit.course import corpus
from kit.errors import KitError
from kit.i18n import told
from kit.model.training import saved_model
from kit.model.training.saved_model import ANSWERS, SavedModel
from nanogpt import BigramLanguageModel, Config, DataLoader
from workshop import mine, rehearsal
from workshop.lesson import course

PLACES = ("mine", "gpt")  # folders in models/, the learner's own first
SEES = 32  # characters at least, or a question and the beginning of its answer don't fit

made: list[SavedModel] = []  # trained here, where it wasn't to be saved


class Trained(NamedTuple):
    """A trained model, the loader of the plays that it learned from, and its folder."""

    model: nn.Module
    plays: DataLoader
    folder: Path


def load() -> Trained:
    """A fresh copy of your trained model, or of the workshop's."""
    models = course().root / "models"
    for folder in (models / name for name in PLACES):
        if (folder / saved_model.SETTINGS).exists():
            try:
                saved = saved_model.load(folder)
                require_plays(saved, folder)
                return Trained(*built(saved), folder)
            except KitError as error:
                print(told(f"passed over: {error}"))
    if not made:
        made.append(trained_now(models / PLACES[-1]))
    return Trained(*built(made[0]), models / PLACES[-1])


def require_plays(saved: SavedModel, folder: Path) -> None:
    """Make sure that a model has learned from the plays, and sees far enough.

    Raises:
        KitError: it hasn't, or doesn't.
    """
    if saved.characters != "".join(sorted(set(corpus.shakespeare()))):
        raise KitError("this model has learned from another text", str(folder), "do chapter 12's training again")
    if saved.config.input_sequence_length < SEES:
        raise KitError(f"this model sees fewer than {SEES} characters", str(folder), "do chapter 12's training again")


def built(saved: SavedModel) -> tuple[nn.Module, DataLoader]:
    """The model, made of the learner's classes if they can do what's needed here, and the plays' loader."""
    config = replace(saved.config, batch_size=Config().batch_size)
    plays: DataLoader = mine.DataLoader(corpus.shakespeare(), config)
    try:
        model: nn.Module = filled(mine.BigramLanguageModel, len(saved.characters), config, saved.state)
        ids = torch.zeros(1, 2, dtype=torch.long)
        logits, loss = model(ids, torch.tensor([[0, -100]]))
        if not math.isclose(loss.item(), -logits[0, 0].log_softmax(dim=-1)[0].item(), rel_tol=1e-3):
            raise ValueError("a target of -100 counts in its loss")
    except Exception as error:  # whatever a learner's class raises
        print(told(f"the model is made of the workshop's classes, since yours don't fit here: {error}"))
        model = filled(BigramLanguageModel, len(saved.characters), config, saved.state)
    return model, plays


def filled(model_class: Any, vocab_size: int, config: Config, state: Mapping[str, torch.Tensor]) -> nn.Module:
    """A model of this class with these weights."""
    model: nn.Module = model_class(vocab_size, config)
    model.load_state_dict(dict(state))
    return model.eval()


def trained_now(folder: Path) -> SavedModel:
    """The workshop's model, trained as `train.py` does it, and saved, unless this is a rehearsal."""
    from kit.model.training import train
    from kit.model.training.recipes import recipes

    print(told("there's no model in models/mine; chapter 12 trains yours. Until then, here's one of the workshop's,"))
    print(told("which takes half a minute to train"), flush=True)
    recipe = recipes()["default"]
    recipe = replace(recipe, config=rehearsal.settings(recipe.config))
    saved, _ = train.train(train.prepare(recipe, corpus.shakespeare(), torch.device("cpu")))
    if rehearsal.is_on():
        return saved
    saved_model.save(folder, saved)
    return saved


def keep(model: nn.Module, plays: DataLoader, folder: Path, loss: float, steps: int) -> Path:
    """Save a model that answers beside the one it came from, which stays. Returns its folder."""
    place = rehearsal.folder(folder / ANSWERS)
    characters = "".join(plays.characters)
    saved_model.save(place, SavedModel(model.state_dict(), characters, plays.config, loss, steps, answers=True))
    return place
