"""Values as plain records, which travel from the process that ran a cell to the one that compares them.

    Observation
      values   {"name or probe": Plain}     in order
      error    what the cell raised, or None

A Plain is a dict with a "kind" and bytes, numbers, strings, lists, never a pickle. `observe` runs where the cell ran,
so torch is already loaded; reading a Plain only takes numpy.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgpack

from kit.judge.effects import learning

Plain = dict[str, Any]

MAX_BYTES = 64 << 20
MAX_ITEMS = 200_000
MAX_DEPTH = 12
IN_GIVEN = -1  # the line of an error that a given cell raised


@dataclass(frozen=True, slots=True)
class Error:
    """What a cell raised: the exception's name, its text, and the line of the cell, from 1 (0: outside the cell)."""

    type: str
    text: str
    line: int = 0


HIDDEN = Error("Hidden", "a given cell needs what is hidden here")  # in a sandbox, before the chapter has defined it


@dataclass(frozen=True, slots=True)
class Observation:
    """What running a cell gave: the values by name or probe, or the error that ended it.

    `changed` are the names that existed before and whose values were changed in place.
    """

    values: dict[str, Plain] = field(default_factory=dict)
    error: Error | None = None
    changed: tuple[str, ...] = ()

    def pack(self) -> bytes:
        """The observation as bytes."""
        error = [self.error.type, self.error.text, self.error.line] if self.error else None
        packed: bytes = msgpack.packb([list(self.values.items()), error, self.changed])
        return packed


def unpack(data: bytes) -> Observation:
    """The observation in these bytes.

    Raises:
        ValueError: they don't hold one.
    """
    try:
        values, error, changed = msgpack.unpackb(data, strict_map_key=False)
        return Observation(
            {str(name): dict(plain) for name, plain in values},
            Error(str(error[0]), str(error[1]), int(error[2])) if error else None,
            tuple(map(str, changed)),
        )
    except Exception as problem:
        raise ValueError("these bytes aren't an observation") from problem


def observe(value: object, depth: int = 0) -> Plain:
    """The plain form of a value; just the type's name if its type has no such form."""
    torch = sys.modules.get("torch")
    numpy = sys.modules.get("numpy")
    if type(value).__name__ == "Blank" and type(value).__module__.startswith("workshop"):
        return {"kind": "blank"}
    if value is None or isinstance(value, bool):
        return {"kind": "bool" if value is not None else "none", "value": value}
    if torch is not None and isinstance(value, torch.Tensor):
        return observe_tensor(value, torch)
    if torch is not None and isinstance(value, torch.nn.Module):
        shapes = [[name, list(one.shape), one.requires_grad] for name, one in value.named_parameters()]
        return {"kind": "module", "type": type(value).__name__, "parameters": shapes[:MAX_ITEMS]}
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        return observe_array(numpy.asarray(value), "array")
    if isinstance(value, int):
        return {"kind": "int", "value": value if abs(value) < 1 << 63 else str(value)[:1000]}
    if isinstance(value, float):
        return {"kind": "float", "value": value}
    if isinstance(value, str):
        return {"kind": "str", "value": str(value)[:MAX_BYTES]}
    if isinstance(value, bytes):
        return {"kind": "bytes", "value": value[:MAX_BYTES]}
    if isinstance(value, list | tuple | range) and depth < MAX_DEPTH:
        return observe_sequence(value, depth)
    if isinstance(value, set | frozenset) and depth < MAX_DEPTH:
        items = sorted((observe(item, depth + 1) for item in list(value)[:MAX_ITEMS]), key=repr)
        return {"kind": "set", "items": items}
    if isinstance(value, Mapping) and depth < MAX_DEPTH:
        pairs = [[observe(k, depth + 1), observe(v, depth + 1)] for k, v in list(value.items())[:MAX_ITEMS]]
        return {"kind": "dict", "type": type(value).__name__, "items": pairs}
    if isinstance(value, type):
        return {"kind": "class", "type": value.__name__}
    if hasattr(value, "__dataclass_fields__") and depth < MAX_DEPTH:
        fields = [[name, observe(getattr(value, name, None), depth + 1)] for name in value.__dataclass_fields__]
        return {"kind": "record", "type": type(value).__name__, "items": fields}
    if hasattr(value, "__next__"):
        return {"kind": "iterator", "type": type(value).__name__}
    if callable(value):
        return {"kind": "function"}
    if torch is not None and isinstance(value, torch.dtype | torch.device):
        return {"kind": "str", "value": str(value)}
    return {"kind": "object", "type": type(value).__name__}


def observe_sequence(value: list[Any] | tuple[Any, ...] | range, depth: int) -> Plain:
    """A list, tuple or range. Whole numbers are packed, since an encoded text can have a million of them."""
    kind = "list" if isinstance(value, list) else "range" if isinstance(value, range) else "tuple"
    if len(value) > 64 and all(type(item) is int for item in value):
        try:
            return {"kind": kind, "packed": array("q", value).tobytes()[:MAX_BYTES]}
        except OverflowError:
            pass
    return {"kind": kind, "items": [observe(item, depth + 1) for item in value[:MAX_ITEMS]], "length": len(value)}


def observe_tensor(value: Any, torch: Any) -> Plain:
    """A tensor on the CPU, dense; half precision becomes float32, since numpy has no bfloat16."""
    plain = value.detach().cpu()
    if plain.is_sparse or plain.is_quantized:
        plain = plain.to_dense() if plain.is_sparse else plain.dequantize()
    if plain.dtype in (torch.bfloat16, torch.float16):
        plain = plain.float()
    found = observe_array(plain.resolve_conj().resolve_neg().numpy(), "tensor")
    found["dtype"] = str(value.dtype).removeprefix("torch.")
    if value.requires_grad and value.is_floating_point():
        found["learns"] = learning(value)
    return found


def observe_array(value: Any, kind: str) -> Plain:
    """An array's dtype, shape and bytes."""
    data = value.tobytes()
    return {
        "kind": kind,
        "dtype": str(value.dtype),
        "storage": value.dtype.str,
        "shape": list(value.shape),
        "data": data if len(data) <= MAX_BYTES else b"",
    }
