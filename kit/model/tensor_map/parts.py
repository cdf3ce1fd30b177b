"""What is on the map: each tensor with its shape, in names and in numbers, and the lines that note it.

We find the names by running the model a second time, with sizes that all differ: then a 7 can only be the sequence.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import prod
from typing import Literal

from kit.model.tensor_map.settings import Settings
from kit.model.tensor_map.trace import NEW_TOKENS, Size, Trace, trace

Kind = Literal["tensor", "parameter", "buffer"]
DISTINCT = Settings(batch=3, sequence=7, width=10, heads=2, layers=1, hidden=11, vocab=13)


@dataclass(frozen=True, slots=True)
class Part:
    """A tensor, or all parameters of a module: the size of each, and the same in names.

    `keys` are the keys of the chapters' `shapes` exercises; noting any one of them reveals this part.
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
        return format_shapes(self.names)

    @property
    def in_numbers(self) -> str:
        """`(16, 32, 64)`; several are joined by a plus sign."""
        return format_shapes(self.sizes)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the plan: which shapes of the trace make a part. `paths` are keys of the trace's `table`.

    `keys` are those of the part; without any, the name is the key.
    """

    name: str
    table: Literal["went_in", "came_out", "parameters", "buffers", "gradients"]
    paths: tuple[str, ...]
    keys: tuple[str, ...] = ()

    def shapes(self, seen: Trace) -> tuple[Size, ...]:
        """Its shapes in a trace."""
        table: dict[str, Size] = getattr(seen, self.table)
        return tuple(table[path] for path in self.paths)


def module(name: str, path: str, *keys: str, of: tuple[str, ...] = ("weight", "bias")) -> Entry:
    """The entry of a module's parameters."""
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
    Entry("mean of its gradients", "gradients", ("embedding.token_embedding.table.weight",)),  # shaped like each one
    Entry("context", "went_in", ("",)),
    Entry("last scores", "went_in", ("generate:softmax",)),
    Entry("chosen", "came_out", ("generate:multinomial",)),
    Entry("generated", "came_out", ("generate:cat",)),
)
KINDS: dict[str, Kind] = {"parameters": "parameter", "buffers": "buffer"}


def size_names(settings: Settings) -> dict[int, str]:
    """What each size is, in a model whose sizes all differ."""
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
    """Every part of the map for a model with these settings, by name."""
    names_of, distinct, seen = size_names(DISTINCT), trace(DISTINCT), trace(settings)
    found = {}
    for entry in PLAN:
        sizes = entry.shapes(seen)
        names = tuple(tuple(names_of[size] for size in shape) for shape in entry.shapes(distinct))
        if entry.table == "came_out" and len(set(sizes)) == 1:
            sizes, names = sizes[:1], names[:1]  # tensors of one shape, side by side
        kind = KINDS.get(entry.table, "tensor")
        found[entry.name] = Part(entry.name, entry.keys or (entry.name,), kind, sizes, names)
    return found


def all_parameters(settings: Settings) -> int:
    """How many parameters the whole model has."""
    return sum(map(prod, trace(settings).parameters.values()))


def format_shapes(shapes: tuple[tuple[object, ...], ...]) -> str:
    """Shapes as text, equal ones counted: `3 × (head size, width)`, `(hidden, width) + (hidden,)`."""
    groups = Counter(shapes).items()
    return " + ".join(f"{f'{times} × ' if times > 1 else ''}{format_shape(shape)}" for shape, times in groups)


def format_shape(shape: tuple[object, ...]) -> str:
    """A shape as Python writes it, but names without quotes."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
