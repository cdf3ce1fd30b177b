"""A chapter's long training cut short, for rehearsing an evening or testing the course: `WORKSHOP_STEPS=20`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError

if TYPE_CHECKING:
    from nanogpt import Config

STEPS = "WORKSHOP_STEPS"  # the environment variable that says how many steps the long training takes


def is_on() -> bool:
    """Whether long trainings are cut short."""
    return bool(os.environ.get(STEPS))


def folder(usual: Path) -> Path:
    """Where to save the model: the usual folder, or a temporary one if the training was cut short."""
    return Path(tempfile.mkdtemp()) / usual.name if is_on() else usual


def settings(config: Config) -> Config:
    """These settings; if the environment asks for another number of steps, with that number, and warm-up in proportion.

    Raises:
        KitError: it asks for something other than a whole number above 0.
    """
    asked = os.environ.get(STEPS, "")
    if not asked:
        return config
    if not asked.isdecimal() or int(asked) == 0:
        raise KitError(f"{asked!r} isn't a number of steps", f"{STEPS} in the environment", f"unset {STEPS}")
    from kit.model.training.recipes import with_steps

    return with_steps(config, int(asked))
