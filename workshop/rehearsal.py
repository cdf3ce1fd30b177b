"""A chapter's long training made short, for whoever prepares an evening or tests the course: `WORKSHOP_STEPS=20`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError

if TYPE_CHECKING:
    from nanogpt import Config

STEPS = "WORKSHOP_STEPS"  # in the environment: how many steps the long training has


def folder(usual: Path) -> Path:
    """Where the model goes: the usual folder, or, for a training made short, one that is thrown away."""
    return Path(tempfile.mkdtemp()) / usual.name if os.environ.get(STEPS) else usual


def settings(config: Config) -> Config:
    """These settings; where the environment asks for another number of steps, with that and its share of warm-up.

    Raises:
        KitError: what it asks for is no whole number above 0.
    """
    asked = os.environ.get(STEPS, "")
    if not asked:
        return config
    if not asked.isdecimal() or int(asked) == 0:
        raise KitError(f"{asked!r} is no number of steps", f"{STEPS} in the environment", f"unset {STEPS}")
    from kit.model.training.recipes import with_steps

    return with_steps(config, int(asked))
