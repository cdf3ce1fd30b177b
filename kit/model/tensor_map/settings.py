"""The settings of the model that is mapped, checked once, and their names."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from kit.errors import KitError

if TYPE_CHECKING:
    from nanogpt import Config

COMMAND = "python scripts/tensor_map.py --help lists the settings"
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes of a model; all of them whole numbers from 1 on, and `width` a multiple of `heads`."""

    batch: int
    sequence: int
    width: int
    heads: int
    layers: int
    hidden: int
    vocab: int

    def __post_init__(self) -> None:
        """Refuse what no model can be made of.

        Raises:
            KitError: a size is out of range, or the heads do not split the width.
        """
        for field in fields(self):
            size = getattr(self, field.name)
            if not 1 <= size <= LARGEST:
                raise KitError(f"{size} is no size; it must lie between 1 and {LARGEST:,}", f"--{field.name}", COMMAND)
        if self.width % self.heads:
            raise KitError(f"{self.heads} heads cannot split a width of {self.width} evenly", "--heads", COMMAND)

    @property
    def head_size(self) -> int:
        """The numbers that each head hands over for a place."""
        return self.width // self.heads

    @property
    def config(self) -> Config:
        """The same as the model wants it."""
        from nanogpt import Config

        return Config(
            batch_size=self.batch,
            input_sequence_length=self.sequence,
            embedding_dim=self.width,
            hidden_dim=self.hidden,
            num_heads=self.heads,
            num_layers=self.layers,
        )

    @property
    def sentence(self) -> str:
        """All of them in a line."""
        return (
            f"batch {self.batch:,} · sequence {self.sequence:,} · width {self.width:,} · "
            f"{counted(self.heads, 'head')} of {self.head_size:,} · hidden {self.hidden:,} · "
            f"{counted(self.layers, 'block')} · vocabulary {self.vocab:,}"
        )


def counted(number: int, noun: str) -> str:
    """`1 head`, `4 heads`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def read_settings(name: str, vocab: int, changes: dict[str, int | None]) -> Settings:
    """The settings called `small` or `default` for this vocabulary, with some sizes replaced; None changes nothing.

    Raises:
        KitError: a size is out of range, or the heads do not split the width.
    """
    from nanogpt import Config

    config = {"small": Config.small, "default": Config}[name]()
    sizes = {
        "batch": config.batch_size,
        "sequence": config.input_sequence_length,
        "width": config.embedding_dim,
        "heads": config.num_heads,
        "layers": config.num_layers,
        "hidden": config.hidden_dim,
        "vocab": vocab,
    }
    return Settings(**sizes | {name: size for name, size in changes.items() if size is not None})
