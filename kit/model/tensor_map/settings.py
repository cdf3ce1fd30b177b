"""The sizes of the model on the map, checked once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from kit.errors import KitError

if TYPE_CHECKING:
    from nanogpt import Config

HELP = "python scripts/tensor_map.py --help lists the settings"
LARGEST = 10_000_000
IN_CONFIG = {  # a size's name here, and in `nanogpt.Config`, which has no vocabulary
    "batch": "batch_size",
    "sequence": "input_sequence_length",
    "width": "embedding_dim",
    "heads": "num_heads",
    "layers": "num_layers",
    "hidden": "hidden_dim",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes of a model: whole numbers from 1 up, `width` a multiple of `heads`."""

    batch: int
    sequence: int
    width: int
    heads: int
    layers: int
    hidden: int
    vocab: int

    def __post_init__(self) -> None:
        """Refuse sizes that can't be a model's.

        Raises:
            KitError: a size is out of range, or the heads don't divide the width.
        """
        for field in fields(self):
            size = getattr(self, field.name)
            if not 1 <= size <= LARGEST:
                raise KitError(f"{size} must be between 1 and {LARGEST:,}", f"--{field.name}", HELP)
        if self.width % self.heads:
            raise KitError(f"a width of {self.width} can't be split evenly among {self.heads} heads", "--heads", HELP)

    @property
    def head_size(self) -> int:
        """How many numbers each head computes for a character."""
        return self.width // self.heads

    @property
    def config(self) -> Config:
        """The same sizes, in the form the model takes."""
        from nanogpt import Config

        return Config(**{theirs: getattr(self, ours) for ours, theirs in IN_CONFIG.items()})

    @property
    def sentence(self) -> str:
        """All sizes, on one line."""
        return (
            f"batch {self.batch:,} · sequence {self.sequence:,} · width {self.width:,} · "
            f"{counted(self.heads, 'head')} of {self.head_size:,} · hidden {self.hidden:,} · "
            f"{counted(self.layers, 'block')} · vocabulary {self.vocab:,}"
        )


def counted(number: int, noun: str) -> str:
    """`1 head`, `4 heads`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def read_settings(name: str, vocab: int, changes: dict[str, int | None]) -> Settings:
    """The settings called `small` or `default`, with this vocabulary, then with `changes`; `None` changes nothing.

    Raises:
        KitError: a size is out of range, or the heads don't divide the width.
    """
    from nanogpt import Config

    config = {"small": Config.small, "default": Config}[name]()
    sizes = {ours: getattr(config, theirs) for ours, theirs in IN_CONFIG.items()} | {"vocab": vocab}
    return Settings(**sizes | {name: size for name, size in changes.items() if size is not None})
