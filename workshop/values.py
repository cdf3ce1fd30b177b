"""A figure's numbers and labels, as a chapter gives them, checked and turned into plain lists.

Numbers may be tensors (with gradients, on any device), arrays, or lists of either.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from kit.i18n import told

Numbers: TypeAlias = Any  # a tensor, an array, or a (nested) list of numbers

INVISIBLE = str.maketrans({"\n": "⏎", "\t": "⇥", "\r": "␍"})


def visible(labels: Iterable[object]) -> list[str]:
    """Labels with visible line breaks and visible spaces at their ends: `" "` becomes `"␣"`."""
    plain = labels.tolist() if hasattr(labels, "tolist") else labels
    texts = [str(label).translate(INVISIBLE) for label in plain]
    return [edge_spaces(text) for text in texts]


def edge_spaces(text: str) -> str:
    """`text` with the spaces at its ends made visible; those between words stay."""
    left = len(text) - len(text.lstrip(" "))
    right = len(text) - len(text.rstrip(" ")) if left < len(text) else 0
    return "␣" * left + text[left : len(text) - right] + "␣" * right


def written(values: Sequence[float]) -> list[str]:
    """The numbers as text: whole ones without a decimal point, others with two decimals, and never a minus zero."""
    finite = [value for value in values if math.isfinite(value)]
    small = all(abs(value) < 1000 for value in finite)
    form = ".0f" if all(value.is_integer() for value in finite) else ".2f" if small else ".4g"
    texts = [format(value, form).replace("inf", "∞") for value in values]
    return [text.lstrip("-") if not text.strip("-0.") else text for text in texts]


def plain(values: Numbers) -> Any:
    """Tensors and arrays, alone or inside lists, as plain Python numbers and lists."""
    if hasattr(values, "tolist"):
        return values.tolist()
    return [plain(value) for value in values] if isinstance(values, Iterable) else values


def vector(values: Numbers, who: str) -> list[float]:
    """One dimension of numbers, with at least one number."""
    row = plain(values)
    if not isinstance(row, list) or any(isinstance(value, list) for value in row):
        raise ValueError(told(f"{who}: give one list of numbers, in one dimension"))
    if not row:
        raise ValueError(told(f"{who}: there's nothing to draw; the list of values is empty"))
    return [float(value) for value in row]


def grid(values: Numbers, who: str) -> list[list[float]]:
    """Two dimensions of numbers: rows of equal length, at least one, none empty."""
    table = plain(values)
    if not isinstance(table, list) or not table:
        raise ValueError(told(f"{who}: there's nothing to draw; give rows of numbers, in two dimensions"))
    if not all(isinstance(row, list) for row in table):
        raise ValueError(told(f"{who}: give rows of numbers, in two dimensions; put a single row in [ ]"))
    lengths = sorted({len(row) for row in table})
    if len(lengths) > 1:
        raise ValueError(told(f"{who}: all rows must have the same length, but here they have {lengths} numbers"))
    if any(isinstance(value, list) for row in table for value in row):
        raise ValueError(told(f"{who}: give two dimensions; here there are more, so pick one matrix, as in m[0]"))
    if lengths == [0]:
        raise ValueError(told(f"{who}: there's nothing to draw; the rows are empty"))
    return [[float(value) for value in row] for row in table]


def must_match(who: str, one: int, ones: str, other: int, others: str) -> None:
    """Raises ValueError unless the two counts are equal."""
    if one != other:
        raise ValueError(told(f"{who}: {one} {ones} don't match {other} {others}"))
