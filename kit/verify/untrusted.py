"""An observation from a process that a stranger's code may have taken over: read strictly, or else not believed.

What comes out has exactly the form that `kit.judge.values` gives its records, so comparing it brings no surprises.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from kit.judge.values import MAX_DEPTH, MAX_ITEMS, Error, Observation, Plain, unpack

MAX_BYTES = 32 << 20  # of one observation
MAX_SIZE = 1 << 40  # along one dimension: more than could fit, yet few enough digits to multiply
MAX_DIMENSIONS = 32
STORAGES = frozenset(np.dtype(name).str for name in "?bhilqBHILQefdFD")
SCALARS = {
    "int": (int, str),
    "float": (float,),
    "str": (str,),
    "bytes": (bytes,),
    "bool": (bool,),
    "none": (type(None),),
}
ARRAY, SEQUENCE = ("dtype", "storage", "shape", "data"), ("items",)
FORMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # a kind's keys: those it must have, those it may have
    **dict.fromkeys(SCALARS, (("value",), ())),
    **dict.fromkeys(("tensor", "array"), (ARRAY, ("learns",))),
    **dict.fromkeys(("object", "class", "iterator"), (("type",), ())),
    **dict.fromkeys(("list", "tuple", "range"), ((), ("items", "length", "packed"))),
    "set": (SEQUENCE, ()),
    "dict": (SEQUENCE, ("type",)),
    "record": (("type", "items"), ()),
    "module": (("type", "parameters"), ()),
    "raised": (("type", "text", "line"), ()),
    "function": ((), ()),
    "blank": ((), ()),
}
BY_A_PROBE = ("inputs", "still", "filled", "typed")  # what a probe adds
MAX_LEAVES = 10_000  # of one value
BROKEN = Observation({}, Error("SystemExit", "the cell broke Python itself"))


def read(data: bytes) -> Observation:
    """The observation in these bytes; a failed one if there are too many bytes, or if they hold anything else."""
    if len(data) > MAX_BYTES:
        return Observation({}, Error("MemoryError", f"the cell makes more than {MAX_BYTES >> 20} MB"))
    try:
        observation = unpack(data)
        is_valid = all(is_plain(plain, 0) for plain in observation.values.values())
    except (ValueError, TypeError, RecursionError, OverflowError):  # TypeError: a list where a word should be
        return BROKEN
    if not is_valid:
        return BROKEN
    if observation.error and not observation.error.type.isidentifier():  # it would read like something of ours
        return replace(observation, error=replace(observation.error, type="Exception"))
    return observation


def is_plain(plain: object, depth: int) -> bool:
    """Whether this is the plain form of a value."""
    if not isinstance(plain, dict) or depth > MAX_DEPTH + 1 or not is_seen_by_probe(plain):
        return False
    kind = plain.get("kind")
    if kind not in FORMS:
        return False
    needed, allowed = FORMS[kind]
    if not set(needed) <= plain.keys() <= {"kind", *needed, *allowed, *BY_A_PROBE}:
        return False
    if kind in SCALARS:
        value = plain.get("value")
        return type(value) in SCALARS[kind]
    if kind in ("tensor", "array"):
        return is_array(plain)
    if kind in ("list", "tuple", "range", "set"):
        return is_sequence(plain, depth)
    if kind in ("dict", "record"):
        return isinstance(plain.get("type", ""), str) and is_mapping(plain, depth, names=kind == "record")
    if kind == "module":
        return isinstance(plain.get("type"), str) and is_parameters(plain.get("parameters"))
    if kind == "raised":
        return all(isinstance(plain.get(name), str) for name in ("type", "text")) and type(plain.get("line")) is int
    if kind in ("object", "class", "iterator"):
        return isinstance(plain.get("type"), str)
    return kind in ("function", "blank")


def is_array(plain: Plain) -> bool:
    """Whether this is a tensor or array with as many bytes as its shape and kind of number call for."""
    shape, storage, data = plain.get("shape"), plain.get("storage"), plain.get("data")
    if not isinstance(shape, list) or not all(type(n) is int and 0 <= n < MAX_SIZE for n in shape):
        return False
    if len(shape) > MAX_DIMENSIONS:
        return False
    if not isinstance(plain.get("dtype"), str) or storage not in STORAGES or not isinstance(data, bytes):
        return False
    return len(data) == prod(shape) * np.dtype(storage).itemsize and is_learning(plain.get("learns", []))


def is_learning(rows: object) -> bool:
    """Whether these are leaves with six numbers each, or the reason why there are none."""
    return isinstance(rows, str) or (
        isinstance(rows, list)
        and len(rows) <= MAX_LEAVES
        and all(isinstance(row, list) and len(row) == 7 and isinstance(row[0], str) for row in rows)
        and all(type(number) is float for row in rows for number in row[1:])
    )


def is_seen_by_probe(plain: Plain) -> bool:
    """Whether what a probe adds to a value is in order: parameters that were filled, and those that never move."""
    still, filled = plain.get("still", []), plain.get("filled", [])
    return (
        is_learning(plain.get("inputs", []))
        and type(plain.get("typed", True)) is bool
        and isinstance(still, list)
        and all(isinstance(shape, str) for shape in still)
        and isinstance(filled, list)
        and all(isinstance(pair, list) and len(pair) == 2 and all(isinstance(w, str) for w in pair) for pair in filled)
    )


def is_sequence(plain: Plain, depth: int) -> bool:
    """Whether this has plain items, or whole numbers packed into bytes."""
    if "packed" in plain:
        return isinstance(plain["packed"], bytes) and len(plain["packed"]) % 8 == 0 and "items" not in plain
    items = plain.get("items")
    if not isinstance(items, list):
        return False
    length = plain.get("length", len(items))
    if type(length) is not int or length < len(items) or (length > len(items) != MAX_ITEMS):
        return False
    return all(is_plain(item, depth + 1) for item in items)


def is_mapping(plain: Plain, depth: int, names: bool) -> bool:
    """Whether this has pairs of a key and a value; with `names`, of a field's name and a value."""
    items = plain.get("items")
    if not isinstance(items, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in items):
        return False
    keys = all(isinstance(key, str) if names else is_plain(key, depth + 1) for key, _ in items)
    return keys and all(is_plain(value, depth + 1) for _, value in items)


def is_parameters(pairs: object) -> bool:
    """Whether these are names with shapes, and whether each is trained."""
    return isinstance(pairs, list) and all(
        isinstance(pair, list)
        and len(pair) == 3
        and isinstance(pair[0], str)
        and isinstance(pair[1], list)
        and all(type(n) is int and n >= 0 for n in pair[1])
        and type(pair[2]) is bool
        for pair in pairs
    )
