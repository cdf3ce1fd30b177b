"""A trained model as a folder: the weights, and everything you need to use them.

    model.safetensors   the tensors of `BigramLanguageModel.state_dict()`
    settings.json       {"format": 1, "characters": "...", "config": {...}, "validation_loss": 1.86, "steps": 2000}
    model_card.md       for people: who trained it, and how well. Only a model of the learner's own classes has one
    answers/            another such folder, with "answers": true in its settings: the same model, once it has learned
                        to answer (chapter 13)

A folder appears complete or not at all. An older model in its place is moved to the next free name: gpt-1, gpt-2...
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit import files
from kit.errors import KitError

if TYPE_CHECKING:
    import torch

    from nanogpt import BigramLanguageModel, Config

FOLDER = Path("models/gpt")  # where a model goes unless --out says otherwise
WEIGHTS = "model.safetensors"
SETTINGS = "settings.json"
CARD = "model_card.md"
ANSWERS = "answers"
FORMAT = 1
TRAIN = "python scripts/train.py"
OTHER_FOLDER = "give another folder with --out"


@dataclass(frozen=True, eq=False)
class SavedModel:
    """What a folder holds. A character's id is its place in `characters`."""

    state: Mapping[str, torch.Tensor]
    characters: str
    config: Config
    validation_loss: float | None  # nats per character
    steps: int  # after how many training steps the weights were kept
    answers: bool = False  # whether it has learned to answer

    def model(self) -> BigramLanguageModel:
        """The model with these weights, on the CPU, in eval mode.

        Raises:
            KitError: the weights don't fit the settings.
        """
        from nanogpt import BigramLanguageModel

        try:
            model = BigramLanguageModel(len(self.characters), self.config)
            model.load_state_dict(dict(self.state))
        except (RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split(":", 1)[-1].split())
            raise KitError(f"the weights don't fit the settings beside them: {reason}", WEIGHTS, TRAIN) from None
        return model.eval()


def save(folder: Path, saved: SavedModel, card: str = "") -> Path | None:
    """Write a model to `folder`, and its card if it has one. Returns where an older model was moved to, `None` if there
    wasn't one.

    Raises:
        KitError: it can't be written, and nothing has changed; or the folder has something other than a model in it.
    """
    from safetensors.torch import save as to_bytes

    settings = {
        "format": FORMAT,
        "characters": saved.characters,
        "config": asdict(saved.config),
        "validation_loss": saved.validation_loss,
        "steps": saved.steps,
    } | ({"answers": True} if saved.answers else {})
    contents = {
        WEIGHTS: to_bytes({name: tensor.detach().cpu().contiguous() for name, tensor in saved.state.items()}),
        SETTINGS: (json.dumps(settings, indent=1, ensure_ascii=False) + "\n").encode(),
    } | ({CARD: card.encode()} if card else {})
    require_place(folder)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}~")
    try:
        temporary.mkdir(parents=True)
        for name, data in contents.items():
            with (temporary / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        files.fsync_folder(temporary)
        older = put_in_place(temporary, folder)
    except OSError as error:
        raise KitError(
            f"can't save the model here: {files.reason(error)}. Nothing has been changed",
            str(folder),
            "make room, or give another folder with --out",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)  # it's still there only if something went wrong
    files.fsync_folder(folder.parent)
    return older


def require_place(folder: Path) -> None:
    """Make sure that a model can be saved to `folder`: it's new, it's empty, or there's an older model in it.

    Raises:
        KitError: there's something else in it, or nothing can be written there.
    """
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise KitError("this isn't a folder", str(folder), OTHER_FOLDER)
        if folder.is_dir() and any(folder.iterdir()) and not (folder / SETTINGS).is_file():
            raise KitError("this folder has something other than a model in it", str(folder), OTHER_FOLDER)
        nearest = next(parent for parent in folder.absolute().parents if parent.exists())
    except OSError as error:
        raise KitError(f"can't read this: {files.reason(error)}", str(folder), OTHER_FOLDER) from error
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        raise KitError("nothing can be written here", str(nearest), OTHER_FOLDER)


def put_in_place(temporary: Path, folder: Path) -> Path | None:
    """Rename `temporary` to `folder`. Returns where an older model was moved to, `None` if there wasn't one."""
    older = None
    if folder.exists() and any(folder.iterdir()):
        names = (folder.with_name(f"{folder.name}-{number}") for number in count(1))
        older = folder.rename(next(name for name in names if not name.exists()))
    else:
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()
    try:
        temporary.rename(folder)
    except BaseException:
        if older:
            older.rename(folder)
        raise
    return older


def load(folder: Path) -> SavedModel:
    """The model in a folder.

    Raises:
        KitError: it's missing, damaged or in another format, or can't be read.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    settings, weights = folder / SETTINGS, folder / WEIGHTS
    try:
        parsed = json.loads(read(settings))
    except ValueError:
        raise KitError("this isn't JSON", str(settings), TRAIN) from None
    found = parsed.get("format") if isinstance(parsed, dict) else None
    if found != FORMAT:
        raise KitError(f"this model has format {found!r}; only format {FORMAT} is supported", str(settings), TRAIN)
    try:
        characters = parse_characters(parsed["characters"])
        config = parse_config(parsed["config"])
        loss = None if parsed["validation_loss"] is None else float(parsed["validation_loss"])
        steps = int(parsed["steps"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise KitError(f"incomplete settings: {type(error).__name__}: {error}", str(settings), TRAIN) from None
    try:
        state = from_bytes(read(weights))
    except SafetensorError as error:
        raise KitError(f"these weights are damaged: {error}", str(weights), TRAIN) from None
    return SavedModel(state, characters, config, loss, steps, parsed.get("answers") is True)


def parse_characters(value: Any) -> str:
    """The vocabulary; `ValueError` unless it is a string of different characters."""
    if not isinstance(value, str) or not value or len(set(value)) < len(value):
        raise ValueError("characters must be a string in which no character appears twice")
    return value


def parse_config(values: Mapping[str, Any]) -> Config:
    """The settings; a missing one gets its default. `TypeError` unless each is a number of the default's type."""
    from nanogpt import Config

    config: dict[str, Any] = {}
    for field in fields(Config):
        value = values.get(field.name, field.default)
        if isinstance(value, bool) or not isinstance(value, (int, type(field.default))):
            raise TypeError(f"{field.name} is {value!r}")
        config[field.name] = value
    return Config(**config)


def read(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        KitError: it is missing or can't be read.
    """
    try:
        data = files.content(path)
    except OSError as error:
        raise KitError(f"can't read this: {files.reason(error)}", str(path), files.RETRY) from error
    if data is None:
        raise KitError("there's no model here", str(path), TRAIN)
    return data
