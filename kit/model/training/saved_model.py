"""A trained model as a folder: weights, and what one must know to use them.

    model.safetensors   the tensors of `BigramLanguageModel.state_dict()`
    settings.json       {"format": 1, "characters": "...", "config": {...}, "validation_loss": 1.86, "steps": 2000}

A folder appears whole or not at all. One that is there already moves aside, to its name with the next free number.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit import files as disk
from kit.errors import KitError

if TYPE_CHECKING:
    import torch

    from nanogpt import BigramLanguageModel, Config

FOLDER = Path("models/gpt")  # where a model goes that is given no place
WEIGHTS = "model.safetensors"
SETTINGS = "settings.json"
FORMAT = 1
TRAIN = "python scripts/train.py"


@dataclass(frozen=True, eq=False)
class Saved:
    """What a folder holds. The id of a character is its place in `characters`."""

    state: Mapping[str, torch.Tensor]
    characters: str
    config: Config
    validation_loss: float | None  # in nats per character
    steps: int  # that the weights have learned from

    def model(self) -> BigramLanguageModel:
        """The model with these weights, on the CPU, in eval mode.

        Raises:
            KitError: the weights are those of another model than the settings say.
        """
        from nanogpt import BigramLanguageModel

        try:
            model = BigramLanguageModel(len(self.characters), self.config)
            model.load_state_dict(dict(self.state))
        except (RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split(":", 1)[-1].split())
            raise KitError(f"the weights do not fit the settings beside them: {reason}", WEIGHTS, TRAIN) from None
        return model.eval()


def save(folder: Path, saved: Saved) -> Path | None:
    """Put a model into `folder`; where an older one has been put aside to, or `None` where there was none.

    Raises:
        KitError: it cannot be written, and nothing has changed; or the folder holds something else than a model.
    """
    from safetensors.torch import save as packed

    settings = {
        "format": FORMAT,
        "characters": saved.characters,
        "config": asdict(saved.config),
        "validation_loss": saved.validation_loss,
        "steps": saved.steps,
    }
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in saved.state.items()}
    files = {
        WEIGHTS: packed(state),
        SETTINGS: (json.dumps(settings, indent=1, ensure_ascii=False) + "\n").encode(),
    }
    require_place(folder)
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}~")
    try:
        try:
            fresh.mkdir(parents=True)
            for name, data in files.items():
                write(fresh / name, data)
            disk.fsync_folder(fresh)
            aside = put_in_place(fresh, folder)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    except OSError as error:
        raise KitError(
            f"the model cannot be saved here, {disk.reason(error)}; nothing has been changed",
            str(folder),
            "make room, or give another folder with --out",
        ) from error
    disk.fsync_folder(folder.parent)
    return aside


def require_place(folder: Path) -> None:
    """Make sure that a model may come to `folder`: nothing is there, or an empty folder, or an older model.

    Raises:
        KitError: something else is there, or the place cannot be written.
    """
    another = "give another folder with --out"
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise KitError("this is no folder", str(folder), another)
        if folder.is_dir() and any(folder.iterdir()) and not (folder / SETTINGS).is_file():
            raise KitError("this folder holds something else than a model", str(folder), another)
        nearest = next(parent for parent in folder.absolute().parents if parent.exists())
    except OSError as error:
        raise KitError(f"this cannot be read, {disk.reason(error)}", str(folder), another) from error
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        raise KitError("nothing can be written here", str(nearest), another)


def put_in_place(fresh: Path, folder: Path) -> Path | None:
    """Rename `fresh` to `folder`, and what is there to its name with the next free number: that path, or `None`."""
    if not folder.exists() or not any(folder.iterdir()):
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()
        fresh.rename(folder)
        return None
    number = 1
    while (aside := folder.with_name(f"{folder.name}-{number}")).exists():
        number += 1
    folder.rename(aside)
    try:
        fresh.rename(folder)
    except BaseException:
        aside.rename(folder)
        raise
    return aside


def write(path: Path, data: bytes) -> None:
    """Write a new file through to the disk."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def load(folder: Path, characters: str | None = None) -> Saved:
    """The model in a folder; with `characters`, only one of that vocabulary.

    Raises:
        KitError: it is missing, cannot be read, has another format, or is of another vocabulary.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as unpacked

    found = settings(folder)
    if characters is not None and found.characters != characters:
        different = sorted(set(characters) ^ set(found.characters))
        raise KitError(
            f"this model is of another vocabulary: {len(found.characters)} characters, the text has {len(characters)}"
            + (f"; {' '.join(map(repr, different[:8]))} only in one of them" if different else ", in another order"),
            str(folder),
            TRAIN,
        )
    data = content(folder / WEIGHTS)
    try:
        state = unpacked(data)
    except SafetensorError as error:
        raise KitError(f"these are no whole weights: {error}", str(folder / WEIGHTS), TRAIN) from None
    return Saved(state, found.characters, found.config, found.validation_loss, found.steps)


def settings(folder: Path) -> Saved:
    """The settings of a folder, without its weights.

    Raises:
        KitError: they are missing, cannot be read, or have another format.
    """
    path = folder / SETTINGS
    try:
        given = json.loads(content(path))
    except ValueError:
        raise KitError("this is not JSON", str(path), TRAIN) from None
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        said = given.get("format") if isinstance(given, dict) else None
        raise KitError(f"this is a model of format {said!r}, and format {FORMAT} is read here", str(path), TRAIN)
    try:
        return parsed(given)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise KitError(f"these settings are incomplete: {type(error).__name__}: {error}", str(path), TRAIN) from None


def parsed(given: Mapping[str, Any]) -> Saved:
    """The record that the parsed JSON is; an error of Python where it is none."""
    from nanogpt import Config

    characters, loss = given["characters"], given["validation_loss"]
    if not isinstance(characters, str) or len(set(characters)) < len(characters) or not characters:
        raise ValueError("characters must be a text in which none comes twice")
    config = Config(**{field.name: number(given["config"], field) for field in fields(Config)})
    return Saved({}, characters, config, None if loss is None else float(loss), int(given["steps"]))


def number(config: Mapping[str, Any], field: Field[Any]) -> Any:
    """A field's value, a number of the kind that its default is; the default where the field is missing."""
    value = config.get(field.name, field.default)
    kinds = (int, float) if isinstance(field.default, float) else int
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise TypeError(f"{field.name} is {value!r}")
    return value


def content(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        KitError: it is missing or cannot be read.
    """
    try:
        data = disk.content(path)
    except OSError as error:
        raise KitError(f"this cannot be read, {disk.reason(error)}", str(path), disk.RETRY) from error
    if data is None:
        raise KitError("there is no model here", str(path), TRAIN)
    return data
