"""Two plain values: the same, or in what they differ, said in the learner's words."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.judge.values import Plain

RELATIVE, ABSOLUTE = 1e-4, 1e-5
NUMBER_KINDS = {
    "f": "decimal numbers",
    "i": "whole numbers",
    "u": "whole numbers",
    "b": "True and False",
    "c": "complex numbers",
}


def article(kind: str) -> str:
    """A kind of value with its article: `a list`, `an integer`."""
    words = {
        "int": "a whole number",
        "float": "a decimal number",
        "str": "a string",
        "bool": "True or False",
        "none": "None",
        "dict": "a dict",
        "function": "a function",
        "class": "a class",
        "module": "a module",
        "array": "a numpy array",
        "range": "a range",
        "blank": "still blank",
    }
    return words.get(kind, f"a {kind}")


def name_of(plain: Plain) -> str:
    """A value's kind in words, with its shape or type where it has one."""
    if plain["kind"] == "tensor":
        return f"a tensor of shape {tuple(plain['shape'])}"
    if plain["kind"] == "iterator":
        return f"a {plain['type']} object, which can be read only once"
    if plain["kind"] in ("object", "record", "module", "class"):
        return f"{article(plain['kind'])} {plain['type']}"
    return article(plain["kind"])


def short(value: object) -> str:
    """A value in at most 60 characters."""
    if isinstance(value, float | np.floating):
        return f"{float(value):.4g}"
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def numbers(plain: Plain) -> Any:
    """The numpy array in an array, a tensor or a packed list."""
    if "packed" in plain:
        return np.frombuffer(plain["packed"], dtype=np.int64)
    return np.frombuffer(plain["data"], dtype=np.dtype(plain["storage"])).reshape(plain["shape"])


def difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """None when the two are the same answer, else one sentence about the first thing that differs.

    Numbers compare with a relative tolerance of 1e-4 and an absolute one of 1e-5; NaN equals NaN. The width of a
    number (float32, float64) does not count, its kind does.
    """
    kinds = (expected["kind"], actual["kind"])
    if kinds == ("float", "int"):
        actual = {"kind": "float", "value": float(actual["value"])}
    elif kinds[0] != kinds[1]:
        return f"{name} should be {name_of(expected)}, and is {name_of(actual)}"
    kind = expected["kind"]
    if kind in ("tensor", "array"):
        return array_difference(name, expected, actual)
    if kind in ("int", "str", "bool", "none", "bytes"):
        return scalar_difference(name, expected["value"], actual["value"])
    if kind == "float":
        a, b = expected["value"], actual["value"]
        same = bool(np.isclose(b, a, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))
        return None if same else f"{name} should be {short(a)}, and is {short(b)}"
    if kind in ("list", "tuple", "range", "set"):
        return sequence_difference(name, expected, actual)
    if kind == "dict":
        return dict_difference(name, expected, actual)
    if kind == "record":
        return record_difference(name, expected, actual)
    if kind == "module":
        return module_difference(name, expected, actual)
    if kind == "object" and expected["type"] != actual["type"]:
        return f"{name} should be {name_of(expected)}, and is {name_of(actual)}"
    return None


def scalar_difference(name: str, a: object, b: object) -> str | None:
    """For values that are equal or not."""
    if a == b:
        return None
    if isinstance(a, str) and isinstance(b, str) and max(len(a), len(b)) > 60:
        at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        if len(a) != len(b):
            return f"{name} should have {len(a):,} characters, and has {len(b):,}; the first difference is at {at:,}"
        return f"{name} at {at:,} should be {a[at : at + 20]!r}, and is {b[at : at + 20]!r}"
    return f"{name} should be {short(a)}, and is {short(b)}"


def array_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Shape first, then the kind of number, then the first value that differs."""
    if expected["shape"] != actual["shape"]:
        return f"{name} should have shape {tuple(expected['shape'])}, and has {tuple(actual['shape'])}"
    a, b = numbers(expected), numbers(actual)
    if NUMBER_KINDS.get(a.dtype.kind) != NUMBER_KINDS.get(b.dtype.kind):
        want, have = (NUMBER_KINDS.get(x.dtype.kind, str(x.dtype)) for x in (a, b))
        return f"{name} should hold {want} ({expected['dtype']}), and holds {have} ({actual['dtype']})"
    same = np.isclose(b, a, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True) if a.dtype.kind in "fc" else a == b
    if same.all():
        return None
    wrong = np.argwhere(~same)
    at = tuple(int(i) for i in wrong[0])
    place = f"{name}[{', '.join(map(str, at))}]" if at else name
    count = f" ({len(wrong):,} of {a.size:,} values differ)" if a.size > 1 else ""
    return f"{place} should be {short(a[at])}, and is {short(b[at])}{count}"


def sequence_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Length first, then the first element that differs."""

    def length(plain: Plain) -> int:
        return len(numbers(plain)) if "packed" in plain else plain.get("length", len(plain["items"]))

    if length(expected) != length(actual):
        return f"{name} should have {length(expected):,} elements, and has {length(actual):,}"
    if "packed" in expected and "packed" in actual:
        a, b = numbers(expected), numbers(actual)
        wrong = np.flatnonzero(a != b)
        return f"{name}[{wrong[0]}] should be {a[wrong[0]]}, and is {b[wrong[0]]}" if len(wrong) else None
    if "packed" in expected or "packed" in actual:
        return f"{name} should hold {'whole numbers' if 'packed' in expected else 'other things than whole numbers'}"
    for place, (a, b) in enumerate(zip(expected["items"], actual["items"], strict=True)):
        found = difference(f"{name}[{place}]" if expected["kind"] != "set" else f"an element of {name}", a, b)
        if found:
            return found
    return None


def key(plain: Plain) -> str:
    """A dict's key as something to look up by."""
    return repr(sorted(plain.items(), key=str))


def dict_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Keys first, then values; the order of a dict does not count."""
    have = {key(k): v for k, v in actual["items"]}
    for k, value in expected["items"]:
        shown = short(k.get("value", k["kind"]))
        if key(k) not in have:
            return f"{name} should have the key {shown}, and has not"
        found = difference(f"{name}[{shown}]", value, have[key(k)])
        if found:
            return found
    extra = len(actual["items"]) - len(expected["items"])
    return f"{name} has {extra} keys too many" if extra else None


def record_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Field by field."""
    have = dict(map(tuple, actual["items"]))
    for field, value in expected["items"]:
        if field not in have:
            return f"{name} should have a field {field}"
        found = difference(f"{name}.{field}", value, have[field])
        if found:
            return found
    return None


def module_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Modules are the same when their parameters have the same shapes, whatever their names and order."""
    a, b = (sorted(tuple(shape) for _, shape in plain["parameters"]) for plain in (expected, actual))
    if a == b:
        return None
    if len(a) != len(b):
        return f"{name} should have {len(a)} parameter tensors, and has {len(b)}"
    want, have = next((x, y) for x, y in zip(a, b, strict=True) if x != y)
    return f"{name} should have a parameter of shape {want}, and has {have}"
