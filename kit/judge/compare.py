"""Two plain values: are they the same answer, and if not, what differs first, in the learner's words?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kit.judge.values import Plain
from kit.text import plural

RELATIVE, ABSOLUTE = 1e-4, 1e-5
ROUNDING = 2e-6  # of a tensor's median: float32's rounding in sums of a few dozen terms
LOOSE = 1e-2  # for what a training made of a value: it makes small differences larger
LEARNING = 1e-2  # of a tensor's length
SEQUENCES = {"list", "tuple", "range"}
KINDS = {
    "int": "a whole number",
    "float": "a float",
    "str": "a string",
    "bytes": "a bytes object",
    "bool": "True or False",
    "none": "None",
    "list": "a list",
    "tuple": "a tuple",
    "range": "a range",
    "set": "a set",
    "dict": "a dict",
    "array": "a numpy array",
    "function": "a function",
    "blank": "a blank",
}
TENSORS = {  # by what numpy says about the kind of numbers
    "f": "a tensor of floats",
    "i": "a tensor of whole numbers",
    "u": "a tensor of whole numbers",
    "b": "a tensor of True and False",
}
ARRAYS = {
    "f": "a numpy array of floats",
    "i": "a numpy array of whole numbers",
    "u": "a numpy array of whole numbers",
    "b": "a numpy array of True and False",
}


def name_of(plain: Plain) -> str:
    """A value's kind in words: `a list`, `a tensor of shape (2, 3)`, `a Linear module`."""
    kind = str(plain["kind"])
    if kind == "tensor":
        return f"a tensor of shape {tuple(plain['shape'])}"
    if kind == "iterator":
        return f"a {plain['type']} object, which can be read only once"
    if kind == "module":
        return f"a {plain['type']} module"
    if kind == "class":
        return f"the class {plain['type']}"
    if kind in ("object", "record") or (kind == "dict" and plain.get("type", "dict") != "dict"):
        return f"a {plain['type']} object"
    return KINDS.get(kind, kind)


def type_of(plain: Plain) -> str:
    """A value's kind in words, with the kind of number that a tensor or array holds."""
    names = {"tensor": TENSORS, "array": ARRAYS}.get(plain["kind"], {})
    return names[numbers(plain).dtype.kind] if names and numbers(plain).dtype.kind in names else name_of(plain)


def short(value: object) -> str:
    """A value in at most 60 characters."""
    if isinstance(value, float | np.floating):
        return f"{float(value):.4g}"
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def should_be(name: str, wanted: object, found: object) -> str:
    """The sentence that is needed most often."""
    return f"{name} should be {wanted}, not {found}"


def inside(name: str, place: str) -> str:
    """The name of a part: `x[0]`; for a caption, words and where in it."""
    if name.endswith("`") and name.startswith("`") and name.count("`") == 2:
        return f"{name[:-1]}{place}`"
    if name.endswith(",") and not name.endswith("],"):
        name = name[:-1]
    if not name or name.isidentifier():
        return f"{name}{place}"
    return f"{name[:-1]}{place}," if name.endswith("],") else f"{name}, at {place},"


def apart(one: object, other: object) -> tuple[str, str]:
    """Two values that differ, each short, with as many digits as it takes to see that they do."""
    if isinstance(one, float | np.floating) or isinstance(other, float | np.floating):
        for digits in range(4, 18):
            texts = f"{one:.{digits}g}", f"{other:.{digits}g}"
            if texts[0] != texts[1]:
                return texts
    return short(one), short(other)


def number_in(plain: Plain) -> int | float | None:
    """The number in a value: a Python one, or the only one of a tensor or array without dimensions; else None."""
    if plain["kind"] in ("int", "float") and not isinstance(plain["value"], str):
        return plain["value"]  # type: ignore[no-any-return]
    if plain["kind"] in ("tensor", "array") and not plain["shape"] and numbers(plain).dtype.kind in "iuf":
        return numbers(plain).item()  # type: ignore[no-any-return]
    return None


def number_difference(name: str, a: int | float, b: int | float, relative: float = RELATIVE) -> str | None:
    """For two numbers: whole ones are equal or not, others within the tolerance."""
    if isinstance(a, int) and isinstance(b, int):
        same = a == b
    else:
        same = bool(np.isclose(b, a, rtol=relative, atol=ABSOLUTE, equal_nan=True))
    return None if same else should_be(name, *apart(a, b))


def learning_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Whether a value that should learn does: the same tensors get the same gradients. More of them do no harm."""
    for kind in ("learns", "inputs"):
        want, have = expected.get(kind), actual.get(kind)
        if not isinstance(want, list) or not want:
            continue
        if not have:
            return f"{name} has the right numbers, but no gradient can flow back from it, so nothing would be learned"
        if isinstance(have, str):
            return f"{name} has the right numbers, but its gradient can't be computed: {have}"
        left = list(have)
        for row in want:
            alike = [other for other in left if other[0] == row[0] and close(row[1:4], other[1:4])]
            if not alike:
                return f"{name} has the right numbers, but some of what should learn gets no gradient from it"
            fitting = next((other for other in alike if close(row[4:], other[4:])), None)
            if fitting is None:
                return f"{name} has the right numbers, but gives other gradients; is something cut off on the way?"
            left.remove(fitting)
    return None


def close(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two tensors are alike, each as its length and projections."""
    scale = max(abs(one[0]), 1e-6)
    return all(abs(a - b) <= LEARNING * scale for a, b in zip(one, other, strict=True))


def items_of(plain: Plain) -> list[Plain]:
    """The elements of a sequence, packed or not."""
    if "packed" in plain:
        return [{"kind": "int", "value": int(number)} for number in numbers(plain)]
    return list(plain["items"])


def numbers(plain: Plain) -> Any:
    """The numpy array in an array, a tensor or a packed list."""
    if "packed" in plain:
        return np.frombuffer(plain["packed"], dtype=np.int64)
    return np.frombuffer(plain["data"], dtype=np.dtype(plain["storage"])).reshape(plain["shape"])


def difference(name: str, expected: Plain, actual: Plain, relative: float = RELATIVE) -> str | None:
    """None if the two are the same answer, else one sentence about the first difference.

    Numbers may differ by `relative` or by 1e-5; NaN equals NaN. What counts is the number: not its width, not
    whether it's a whole number or a float, not whether it's wrapped in a tensor without dimensions. A list is as good
    as a tuple. Where a type matters, a later cell breaks, and the judge runs that too. What learns must still learn.
    """
    if expected.get("typed") and type_of(expected) != type_of(actual):
        return should_be(name, type_of(expected), type_of(actual))
    cut = learning_difference(name, expected, actual)
    a, b = number_in(expected), number_in(actual)
    if a is not None and b is not None:
        return number_difference(name, a, b, relative) or cut
    kind = expected["kind"]
    if kind != actual["kind"] and not {kind, actual["kind"]} <= SEQUENCES:
        return should_be(name, name_of(expected), name_of(actual))
    if kind in ("tensor", "array"):
        return array_difference(name, expected, actual, relative) or cut
    if kind in ("int", "str", "bool", "none", "bytes"):
        return scalar_difference(name, expected["value"], actual["value"])
    if kind in ("list", "tuple", "range", "set"):
        return sequence_difference(name, expected, actual, relative)
    if kind == "dict":
        return dict_difference(name, expected, actual, relative)
    if kind == "record":
        return record_difference(name, expected, actual, relative)
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
                f"{name} should have {plural(len(a), 'character')}, not {len(b):,}; they first differ at index {at:,}"
            )
        return should_be(f"{name} at index {at:,}", repr(a[at : at + 20]), repr(b[at : at + 20]))
    return should_be(name, short(a), short(b))


def array_difference(name: str, expected: Plain, actual: Plain, relative: float = RELATIVE) -> str | None:
    """Shape first, then the first value that differs."""
    if expected["shape"] != actual["shape"]:
        return f"{name} should have shape {tuple(expected['shape'])}, not {tuple(actual['shape'])}"
    a, b = numbers(expected), numbers(actual)
    decimal = a.dtype.kind in "fc" or b.dtype.kind in "fc"
    same = np.isclose(b, a, rtol=relative, atol=absolute_tolerance(a), equal_nan=True) if decimal else a == b
    if same.all():
        return None
    wrong = np.argwhere(~same)
    at = tuple(int(i) for i in wrong[0])
    place = inside(name, f"[{', '.join(map(str, at))}]") if at else name
    count = f" ({len(wrong):,} of {a.size:,} values differ)"
    if len(wrong) == 1:
        count = f" (1 of {a.size:,} values differs)" if a.size > 1 else ""
    return should_be(place, *apart(a[at], b[at])) + count


def absolute_tolerance(a: Any) -> float:
    """How far numbers near 0 may be apart: further where the others are large, since sums of those are rounded."""
    finite = np.abs(a[np.isfinite(a)])
    return max(ABSOLUTE, ROUNDING * float(np.median(finite))) if finite.size else ABSOLUTE


def sequence_difference(name: str, expected: Plain, actual: Plain, relative: float = RELATIVE) -> str | None:
    """Length first, then the first element that differs."""

    def length(plain: Plain) -> int:
        return len(numbers(plain)) if "packed" in plain else plain.get("length", len(plain["items"]))

    if length(expected) != length(actual):
        return f"{name} should have {plural(length(expected), 'element')}, not {length(actual):,}"
    if "packed" in expected and "packed" in actual:
        a, b = numbers(expected), numbers(actual)
        wrong = np.flatnonzero(a != b)
        return should_be(inside(name, f"[{wrong[0]}]"), a[wrong[0]], b[wrong[0]]) if len(wrong) else None
    for place, (a, b) in enumerate(zip(items_of(expected), items_of(actual), strict=True)):
        part = f"an element of {name}" if expected["kind"] == "set" else inside(name, f"[{place}]")
        found = difference(part, a, b, relative)
        if found:
            return found
    return None


def key(plain: Plain) -> str:
    """A dict's key in a form to look it up by."""
    return repr(sorted(plain.items(), key=str))


def dict_difference(name: str, expected: Plain, actual: Plain, relative: float = RELATIVE) -> str | None:
    """Keys first, then values; the order doesn't matter."""
    have = {key(k): v for k, v in actual["items"]}
    for k, value in expected["items"]:
        shown = short(k.get("value", k["kind"]))
        if key(k) not in have:
            return f"{name} should have the key {shown}, which is missing"
        found = difference(inside(name, f"[{shown}]"), value, have[key(k)], relative)
        if found:
            return found
    extra = len(actual["items"]) - len(expected["items"])
    return f"{name} has {plural(extra, 'key')} too many" if extra else None


def record_difference(name: str, expected: Plain, actual: Plain, relative: float = RELATIVE) -> str | None:
    """Field by field."""
    have = dict(map(tuple, actual["items"]))
    for field, value in expected["items"]:
        if field not in have:
            return f"{name} should have a field {field}, which is missing"
        found = difference(inside(name, f".{field}"), value, have[field], relative)
        if found:
            return found
    return None


def module_difference(name: str, expected: Plain, actual: Plain) -> str | None:
    """Modules are the same if their parameters have the same shapes, whatever their names and order."""
    a, b = (sorted(tuple(shape) for _, shape, _ in plain["parameters"]) for plain in (expected, actual))
    if a == b:
        trained = [sum(learns for *_, learns in plain["parameters"]) for plain in (expected, actual)]
        frozen = trained[0] - trained[1]
        return f"{name} has the right parts, but {frozen} can't learn: requires_grad is False" if frozen > 0 else None
    if len(a) != len(b):
        return f"{name} should have {plural(len(a), 'parameter tensor')}, not {len(b)}"
    want, have = next((x, y) for x, y in zip(a, b, strict=True) if x != y)
    return f"{name} should have a parameter of shape {want}, not {have}"
