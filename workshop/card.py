"""The card of a model that you trained with your own classes: a Markdown file beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kit import files
from kit.errors import KitError
from kit.git.command import git
from kit.model.training import saved_model
from kit.model.training.model_card import ModelCard
from kit.model.training.saved_model import SavedModel
from kit.model.training.train import TrainingRun
from workshop import mine
from workshop.here import in_notebook
from workshop.lesson import course

PLAYS = "the course's plays"
SAMPLE = 400  # characters


def markdown(saved: SavedModel, sample: str, seconds: float, source: str = PLAYS) -> str:
    """The card of a model trained today with the classes that `mine` has now."""
    return ModelCard(name(), date.today(), source, mine.parts(), saved, seconds, sample).markdown()


def trained(training: TrainingRun, saved: SavedModel, seconds: float, source: str) -> str:
    """The card of a model whose training has just ended, with a sample of what it writes."""
    return markdown(saved, training.sample(SAMPLE), seconds, source)


def name() -> str:
    """The learner's name as git knows it; empty if it doesn't."""
    try:
        return git(course().root, "config", "user.name").stdout.strip()
    except KitError:  # there's no git here
        return ""


def write(folder: Path, sample: str, seconds: float, source: str = PLAYS) -> None:
    """Put a card beside the model in this folder, and show it.

    Raises:
        KitError: there's no model in the folder, or nothing can be written there.
    """
    text = markdown(saved_model.load(folder), sample, seconds, source)
    files.write(folder / saved_model.CARD, text.encode(), folder)
    if not in_notebook():
        print(text)
        return
    from IPython.display import display

    display({"text/markdown": text, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]
