"""Values become plain records, and differences are told in the learner's words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from kit.judge.compare import difference
from kit.judge.values import MAX_DEPTH, Error, Observation, observe, unpack


@dataclass
class Pair:
    a: int
    b: str


def differs(expected: object, actual: object) -> str | None:
    return difference("`x`", observe(expected), observe(actual))


SAME = [
    (1, 1),
    (1.0, 1),
    (0.1 + 0.2, 0.3),
    (float("nan"), float("nan")),
    ("a", "a"),
    (None, None),
    (b"x", b"x"),
    ([1, 2], [1, 2]),
    ([], []),
    ((1, "a"), (1, "a")),
    (range(3), range(3)),
    ({1, 2}, {2, 1}),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    (Counter("aab"), {"a": 2, "b": 1}),
    (list(range(100_000)), list(range(100_000))),
    (torch.ones(2, 3), torch.ones(2, 3, dtype=torch.float64)),
    (torch.ones(2, 3), torch.ones(2, 3, requires_grad=True)),
    (torch.tensor([1, 2]), torch.tensor([1, 2], dtype=torch.int32)),
    (torch.tensor([1.0]).bfloat16(), torch.tensor([1.0])),
    (torch.ones(2, 2).to_sparse(), torch.ones(2, 2)),
    (torch.ones(3, 2).mT, torch.ones(2, 3)),
    (np.ones(3), np.ones(3)),
    (nn.Linear(2, 3), nn.Linear(2, 3)),
    (nn.Embedding(4, 2), nn.Linear(2, 4, bias=False)),
    (len, max),
    (Pair(1, "a"), Pair(1, "a")),
    (torch.Size([2, 3]), (2, 3)),
    (torch.float32, torch.float32),
    (10**30, 10**30),
    ([*range(70), 10**30], [*range(70), 10**30]),
    (object(), object()),
    (4, 4.0),
    ([1, 2], (1, 2)),
    (torch.ones(2), torch.ones(2).long()),
    (torch.ones(2), torch.ones(2).bool()),
    (torch.tensor(1.0), 1.0),
    (1.0, torch.tensor(1.0)),
    (list(range(100)), tuple(float(number) for number in range(100))),
]


@pytest.mark.parametrize(("expected", "actual"), SAME, ids=lambda value: type(value).__name__)
def test_same(expected: object, actual: object) -> None:
    assert differs(expected, actual) is None


DIFFERENT = [
    (1, 2, "2"),
    (1, True, "True or False"),
    (1.5, 1.6, "1.6"),
    ("a", "b", "'b'"),
    ("a" * 100, "a" * 99, "99"),
    ("a" * 100, "a" * 50 + "b" + "a" * 49, "50"),
    ([1, 2], [1, 3], "`x[1]`"),
    ([1, 2], [1], "1"),
    ([1], map(int, "1"), "once"),
    (list(range(100)), [*range(99), 7], "[99]"),
    (list(range(100)), ["a"] * 100, "[0]"),
    ({1, 2}, {1, 3}, "element"),
    ({"a": 1}, {"b": 1}, "'a'"),
    ({"a": 1}, {"a": 2}, "'a'"),
    ({"a": 1}, {"a": 1, "b": 2}, "1"),
    (torch.ones(2, 3), torch.ones(3, 2), "(3, 2)"),
    (torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 2.5]]), "[0, 1]"),
    (torch.tensor(1.0), torch.tensor(2.0), "2"),
    (torch.ones(2), np.ones(2), "numpy"),
    (nn.Linear(2, 3), nn.Linear(3, 2), "(2,)"),
    (nn.Linear(2, 3), nn.Linear(2, 3, bias=False), "1"),
    (Pair(1, "a"), Pair(1, "b"), "`x.b`"),
    (torch.Generator(), nn.Linear(1, 1), "Linear"),
    (len, 3, "function"),
    (int, len, "class"),
    (None, 1, "None"),
]


@pytest.mark.parametrize(("expected", "actual", "names"), DIFFERENT, ids=lambda value: type(value).__name__)
def test_different(expected: object, actual: object, names: str) -> None:
    said = differs(expected, actual)
    assert said is not None
    assert names in said


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(NESTED)
def test_a_value_is_itself_after_its_journey(value: object) -> None:
    sent = Observation({"x": observe(value)}, Error("ValueError", "no", 3))
    received = unpack(sent.pack())
    assert received.error == sent.error
    assert difference("x", observe(value), received.values["x"]) is None


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x93\x01\x02\x03", b"\x01", b"\x92\x90\x91\x01"])
def test_bytes_that_are_no_observation(data: bytes) -> None:
    with pytest.raises(ValueError, match="an observation"):
        unpack(data)


def test_a_deep_value_ends() -> None:
    value: list[object] = []
    for _ in range(MAX_DEPTH * 3):
        value = [value]
    assert observe(value)["kind"] == "list"
    loop: list[object] = []
    loop.append(loop)
    assert observe(loop)["kind"] == "list"


def test_one_is_counted_in_the_singular() -> None:
    said = differs(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 2.0, 4.0]))
    assert said and said.endswith("(1 of 3 values differs)")
    said = differs(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 0.0, 4.0]))
    assert said and said.endswith("(2 of 3 values differ)")
    assert "1 character," in (differs("a", "b" * 70) or "")


@pytest.mark.parametrize(
    ("expected", "actual", "word"),
    [
        (4, 4.0, "whole"),
        (torch.ones(2), torch.ones(2).long(), "float"),
        ([1], (1,), "list"),
        (1.0, torch.ones(()), "float"),
    ],
)
def test_where_the_author_says_so_types_count(expected: object, actual: object, word: str) -> None:
    sentence = difference("`x`", observe(expected) | {"typed": True}, observe(actual))
    assert sentence and word in sentence


def test_as_many_digits_as_it_takes() -> None:
    sentence = differs(-1.39000001, -1.3905)
    assert sentence and len(set(re.findall(r"-1\.39\d*", sentence))) == 2
