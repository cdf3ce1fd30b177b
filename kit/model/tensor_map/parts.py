"""What stands on the map: each tensor with its shape, in names and in numbers, and the lines that note it.

Names are seen, not written down: the model runs a second time with settings that all differ, so that a size tells
which of them it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

from kit.model.tensor_map.settings import Settings
from kit.model.tensor_map.trace import NEW_TOKENS, Size, Trace, trace

Kind = Literal["tensor", "parameter", "buffer"]
TELLING = Settings(batch=3, sequence=7, width=10, heads=2, layers=1, hidden=11, vocab=13)


@dataclass(frozen=True, slots=True)
class Part:
    """A tensor, or a module's parameters together: the sizes of each, and the same in names.

    `keys` are the lines of the chapters' `shapes` with which it becomes known; any one of them will do.
    """

    name: str
    keys: tuple[str, ...]
    kind: Kind
    sizes: tuple[Size, ...]
    names: tuple[tuple[str, ...], ...]

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return sum(prod(size) for size in self.sizes)

    @property
    def in_names(self) -> str:
        """`(batch, sequence, width)`; several are joined by a plus sign."""
        return written(self.names)

    @property
    def in_numbers(self) -> str:
        """`(16, 32, 64)`; several are joined by a plus sign."""
        return written(self.sizes)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the plan: where the trace has a part. `places` are paths in the `table` of the trace."""

    name: str
    table: Literal["went_in", "came_out", "parameters", "buffers", "gradients", "means"]
    places: tuple[str, ...]
    keys: tuple[str, ...] = ()


def module(name: str, path: str, *keys: str, of: tuple[str, ...] = ("weight", "bias")) -> Entry:
    """The parameters of a module."""
    return Entry(name, "parameters", tuple(f"{path}.{parameter}" for parameter in of), keys)


BLOCK, HEAD = "blocks.0", "blocks.0.attention.heads.0"
PLAN = (
    Entry("ids", "went_in", ("",)),
    module("token table", "embedding.token_embedding.table", "token vectors", "token table", of=("weight",)),
    Entry("token vectors", "came_out", ("embedding.token_embedding",)),
    Entry("places", "went_in", ("embedding.position_embedding.table",)),
    module("position table", "embedding.position_embedding.table", of=("weight",)),
    Entry("position vectors", "came_out", ("embedding.position_embedding",)),
    Entry("embedding", "came_out", ("embedding",)),
    Entry("mean", "came_out", (f"{BLOCK}.norm_1:mean",)),
    module("norm_1: gain, bias", f"{BLOCK}.norm_1", "gain", "norm_1 gain", of=("gain", "bias")),
    Entry("normalised", "came_out", (f"{BLOCK}.norm_1",)),
    Entry(
        "query, key, value weights",
        "parameters",
        tuple(f"{HEAD}.{name}.weight" for name in ("query", "key", "value")),
        ("queries",),
    ),
    Entry("queries, keys, values", "came_out", tuple(f"{HEAD}.{n}" for n in ("query", "key", "value")), ("queries",)),
    Entry("mask", "buffers", (f"{HEAD}.mask",)),
    Entry("attention weights", "came_out", (f"{HEAD}.dropout",)),
    Entry("head output", "came_out", (HEAD,)),
    Entry("heads side by side", "went_in", (f"{BLOCK}.attention.projection",)),
    module("projection", f"{BLOCK}.attention.projection", "projection weight"),
    Entry("projected", "came_out", (f"{BLOCK}.attention.projection",)),
    Entry("stream", "went_in", (f"{BLOCK}.norm_2",)),
    module("norm_2: gain, bias", f"{BLOCK}.norm_2", "norm_2 gain", of=("gain", "bias")),
    Entry("normalised again", "came_out", (f"{BLOCK}.norm_2",), ("normalised",)),
    module("expand", f"{BLOCK}.feed_forward.expand", "expand weight"),
    Entry("hidden", "came_out", (f"{BLOCK}.feed_forward.expand",)),
    module("contract", f"{BLOCK}.feed_forward.contract", "contract weight"),
    Entry("thought", "came_out", (f"{BLOCK}.feed_forward.contract",)),
    Entry("out of the last block", "went_in", ("to_logits",)),
    module("last norm: gain, bias", "to_logits.norm", "into the logits", of=("gain", "bias")),
    Entry("into the logits", "went_in", ("to_logits.to_scores",)),
    module("to_scores", "to_logits.to_scores", "logits"),
    Entry("logits", "came_out", ("to_logits",)),
    Entry("flat logits", "went_in", (":cross_entropy",)),
    Entry("loss", "came_out", (":cross_entropy",)),
    Entry("its gradient", "gradients", ("embedding.token_embedding.table.weight",)),
    Entry("mean of its gradients", "means", ("embedding.token_embedding.table.weight",)),
    Entry("context", "went_in", ("",)),
    Entry("last scores", "went_in", ("generate:softmax",)),
    Entry("chosen", "came_out", ("generate:multinomial",)),
    Entry("generated", "came_out", ("generate:cat",)),
)
KINDS: dict[str, Kind] = {"parameters": "parameter", "buffers": "buffer"}


def dictionary(settings: Settings) -> dict[int, str]:
    """What each size means in a model whose settings all differ."""
    return {
        1: "1",
        settings.batch: "batch",
        settings.sequence: "sequence",
        settings.width: "width",
        settings.head_size: "head size",
        settings.hidden: "hidden",
        settings.vocab: "vocab",
        settings.batch * settings.sequence: "batch · sequence",
        settings.sequence + NEW_TOKENS: f"sequence + {NEW_TOKENS}",
    }


def parts(settings: Settings) -> dict[str, Part]:
    """Every part of the model of these settings, by name."""
    words, named, seen = dictionary(TELLING), trace(TELLING), trace(settings)
    found = {}
    for entry in PLAN:
        names = tuple(tuple(words[size] for size in look(named, entry, place)) for place in entry.places)
        sizes = tuple(look(seen, entry, place) for place in entry.places)
        if entry.table == "came_out" and len(set(sizes)) == 1:
            sizes, names = sizes[:1], names[:1]  # tensors of one shape that travel side by side
        found[entry.name] = Part(
            entry.name, entry.keys or (entry.name,), KINDS.get(entry.table, "tensor"), sizes, names
        )
    return found


def look(seen: Trace, entry: Entry, place: str) -> Size:
    """The shape of an entry in a trace."""
    table: dict[str, Size] = getattr(seen, entry.table)
    return table[place]


def all_parameters(settings: Settings) -> int:
    """How many numbers the whole model learns."""
    return sum(map(prod, trace(settings).parameters.values()))


def written(tuples: tuple[tuple[object, ...], ...]) -> str:
    """Shapes as text, equal ones counted: `3 × (head size, width)`, `(hidden, width) + (hidden,)`."""
    groups: dict[tuple[object, ...], int] = {}
    for one in tuples:
        groups[one] = groups.get(one, 0) + 1
    return " + ".join(f"{f'{times} × ' if times > 1 else ''}{one_tuple(shape)}" for shape, times in groups.items())


def one_tuple(shape: tuple[object, ...]) -> str:
    """A shape as Python writes it, its names without quotes."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
