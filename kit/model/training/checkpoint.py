"""A training after a step, as one file with all it takes to go on as if nothing had happened.

    models/gpt.checkpoint   beside the folder `models/gpt` in which the trained model will be

It's replaced in one step, so whoever is killed while writing it leaves the one before. It goes when its training has
ended and the model is saved; one that another training leaves behind is moved aside: gpt-1.checkpoint, gpt-2...
"""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass, fields
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch

from kit import files
from kit.errors import KitError
from kit.model.training.plan import Plan
from kit.model.training.saved_model import read

FORMAT = 1
State = dict[str, torch.Tensor]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training after its last step so far."""

    plan: Plan
    losses: list[tuple[float, float | None]]  # of each step: training loss, and validation loss if there was an exam
    seconds: float  # of training so far
    model: State
    best: State | None  # the model after the best exam
    optimizer: dict[str, Any]
    random: dict[str, Any]  # random number generators, by name; see `kit.model.training.dice`

    @property
    def step(self) -> int:
        """The step after which it was written."""
        return len(self.losses)


def place(out: Path) -> Path:
    """Where the checkpoint of a training is whose model goes to `out`."""
    return out.with_name(f"{out.name}.checkpoint")


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, in place of the one before.

    Raises:
        KitError: it can't be written, and the one before is still there.
    """
    values = {field.name: getattr(checkpoint, field.name) for field in fields(Checkpoint)}
    buffer = io.BytesIO()
    torch.save({"format": FORMAT} | values | {"plan": checkpoint.plan.as_dict()}, buffer)
    files.write(path, buffer.getvalue(), path.parent)


def load(path: Path, advice: str) -> Checkpoint:
    """The checkpoint in a file. `advice` says what to do if there's none to go on from.

    Raises:
        KitError: it's missing, damaged or in another format, or can't be read.
    """
    if not path.exists():
        raise KitError("there's no unfinished training here", str(path), advice)
    data = read(path)
    try:
        if ZipFile(io.BytesIO(data)).testzip() is None:  # torch.load doesn't compare checksums
            values = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
            if values.pop("format") == FORMAT:
                return Checkpoint(**{**values, "plan": Plan.from_dict(values["plan"])})
    except (BadZipFile, AttributeError, KeyError, RuntimeError, TypeError, pickle.UnpicklingError):
        pass
    raise KitError("this checkpoint is damaged, or another version wrote it", str(path), advice)


def move_aside(path: Path) -> Path | None:
    """Make room for another training's checkpoint. Returns where the older one went, `None` if there wasn't one."""
    if not path.exists():
        return None
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(1))
    return path.rename(next(name for name in names if not name.exists()))
