"""Two plain values: are they the same answer, and if not, what differs first, in the learner's words?"""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.judge.values import Plain

RELATIVE, ABSOLUTE = 1e-4, 1e-5
KINDS = {  # the ones whose name isn't "a" and the kind
    "int": "a whole number",
    "float": "a decimal number",
    "str": "a string",
    "bool": "True or False",
    "none": "None",
    "array": "a numpy array",
    "object": "an object",
    "blank": "a blank",
}
NUMBER_KINDS = {
    "f": "decimal numbers",
    "i": "whole numbers",
    "u": "whole numbers",
    "b": "True and False",
    "c": "complex numbers",
}


def name_of(plain: Plain) -> str:
    """A value's kind in words: `a list`, `a tensor of shape (2, 3)`, `a module Linear`."""
    kind = KINDS.get(plain["kind"], f"a {plain['kind']}")
    if plain["kind"] == "tensor":
        return f"a tensor of shape {tuple(plain['shape'])}"
    if plain["kind"] == "iterator":
        return f"a {plain['type']} object, which can be read only once"
    if plain["kind"] in ("object", "record", "module", "class"):
        return f"{kind} {plain['type']}"
    return kind


def short(value: object) -> str:
    """A value in at most 60 characters."""
    if isinstance(value, float | np.floating):
        return f"{float(value):.4g}"
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def should_be(name: str, wanted: object, found: object) -> str:
    """The sentence that is needed most often."""
    return f"{name} should be {wanted}, but is {found}"


def plural(count: int, noun: str) -> str:
    """`1 element`, `2 elements`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def numbers(plain: Plain) -> Any:
    """The numpy array in an array, a tensor or a packed list."""
    if "packed" in plain:
        return np.frombuffer(plain["packed"], dtype=np.int64)
    return np.frombuffer(plain["data"], dtype=np.dtype(plain["storage"])).reshape(plain["shape"])


def difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """None if the two are the same answer, else one sentence about the first difference.

    Numbers may differ by 1e-4 relative or 1e-5 absolute; NaN equals NaN. The width of a number (float32, float64)
    doesn't matter, its kind (whole, decimal) does.
    """
    kinds = (expected["kind"], actual["kind"])
    if kinds == ("float", "int"):
        actual = {"kind": "float", "value": float(actual["value"])}
    elif kinds[0] != kinds[1]:
        return should_be(name, name_of(expected), name_of(actual))
    kind = expected["kind"]
    if kind in ("tensor", "array"):
        return array_difference(name, expected, actual)
    if kind in ("int", "str", "bool", "none", "bytes"):
        return scalar_difference(name, expected["value"], actual["value"])
    if kind == "float":
        a, b = expected["value"], actual["value"]
        same = bool(np.isclose(b, a, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))
        return None if same else should_be(name, short(a), short(b))
    if kind in ("list", "tuple", "range", "set"):
        return sequence_difference(name, expected, actual)
    if kind == "dict":
        return dict_difference(name, expected, actual)
    if kind == "record":
        return record_difference(name, expected, actual)
    if kind == "module":
        return module_difference(name, expected, actual)
    if kind == "object" and expected["type"] != actual["type"]:
        return should_be(name, name_of(expected), name_of(actual))
    return None


def scalar_difference(name: str, a: object, b: object) -> str | None:
    """For values that are either equal or not; in a long text, the place where they first differ."""
    if a == b:
        return None
    if isinstance(a, str) and isinstance(b, str) and max(len(a), len(b)) > 60:
        at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        if len(a) != len(b):
            return (
                f"{name} should have {len(a):,} characters, but has {len(b):,}; they first differ at character {at:,}"
            )
        return should_be(f"{name} at character {at:,}", repr(a[at : at + 20]), repr(b[at : at + 20]))
    return should_be(name, short(a), short(b))


def array_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Shape first, then the kind of number, then the first value that differs."""
    if expected["shape"] != actual["shape"]:
        return f"{name} should have shape {tuple(expected['shape'])}, but has {tuple(actual['shape'])}"
    a, b = numbers(expected), numbers(actual)
    if NUMBER_KINDS.get(a.dtype.kind) != NUMBER_KINDS.get(b.dtype.kind):
        want, have = (NUMBER_KINDS.get(x.dtype.kind, str(x.dtype)) for x in (a, b))
        return f"{name} should hold {want} ({expected['dtype']}), but holds {have} ({actual['dtype']})"
    same = np.isclose(b, a, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True) if a.dtype.kind in "fc" else a == b
    if same.all():
        return None
    wrong = np.argwhere(~same)
    at = tuple(int(i) for i in wrong[0])
    place = f"{name}[{', '.join(map(str, at))}]" if at else name
    count = f" ({len(wrong):,} of {a.size:,} values differ)" if a.size > 1 else ""
    return should_be(place, short(a[at]), short(b[at])) + count


def sequence_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Length first, then the first element that differs."""

    def length(plain: Plain) -> int:
        return len(numbers(plain)) if "packed" in plain else plain.get("length", len(plain["items"]))

    if length(expected) != length(actual):
        return f"{name} should have {plural(length(expected), 'element')}, but has {length(actual):,}"
    if "packed" in expected and "packed" in actual:
        a, b = numbers(expected), numbers(actual)
        wrong = np.flatnonzero(a != b)
        return should_be(f"{name}[{wrong[0]}]", a[wrong[0]], b[wrong[0]]) if len(wrong) else None
    if "packed" in expected or "packed" in actual:
        whole = "whole numbers only" if "packed" in expected else "something other than whole numbers"
        return f"{name} should hold {whole}"
    for place, (a, b) in enumerate(zip(expected["items"], actual["items"], strict=True)):
        found = difference(f"{name}[{place}]" if expected["kind"] != "set" else f"an element of {name}", a, b)
        if found:
            return found
    return None


def key(plain: Plain) -> str:
    """A dict's key in a form to look it up by."""
    return repr(sorted(plain.items(), key=str))


def dict_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Keys first, then values; the order doesn't matter."""
    have = {key(k): v for k, v in actual["items"]}
    for k, value in expected["items"]:
        shown = short(k.get("value", k["kind"]))
        if key(k) not in have:
            return f"{name} should have the key {shown}, but doesn't"
        found = difference(f"{name}[{shown}]", value, have[key(k)])
        if found:
            return found
    extra = len(actual["items"]) - len(expected["items"])
    return f"{name} has {plural(extra, 'key')} too many" if extra else None


def record_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Field by field."""
    have = dict(map(tuple, actual["items"]))
    for field, value in expected["items"]:
        if field not in have:
            return f"{name} should have a field {field}, but doesn't"
        found = difference(f"{name}.{field}", value, have[field])
        if found:
            return found
    return None


def module_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Modules are the same if their parameters have the same shapes, whatever their names and order."""
    a, b = (sorted(tuple(shape) for _, shape in plain["parameters"]) for plain in (expected, actual))
    if a == b:
        return None
    if len(a) != len(b):
        return f"{name} should have {plural(len(a), 'parameter tensor')}, but has {len(b)}"
    want, have = next((x, y) for x, y in zip(a, b, strict=True) if x != y)
    return f"{name} should have a parameter of shape {want}, but has {have}"
