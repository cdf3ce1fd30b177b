"""Observations from a process that may be lying."""

from __future__ import annotations

import msgpack
import pytest

from kit.judge.values import Observation, Plain
from kit.verify.untrusted import BROKEN, MAX_BYTES, read

TENSOR: Plain = {"kind": "tensor", "dtype": "float32", "storage": "<f4", "shape": [2], "data": bytes(8)}
SOUND: list[Plain] = [
    TENSOR,
    {"kind": "int", "value": 3},
    {"kind": "none", "value": None},
    {"kind": "list", "items": [{"kind": "str", "value": "a"}], "length": 1},
    {"kind": "tuple", "packed": bytes(16)},
    {"kind": "dict", "items": [[{"kind": "int", "value": 1}, TENSOR]]},
    {"kind": "record", "type": "Config", "items": [["a", {"kind": "bool", "value": True}]]},
    {"kind": "module", "type": "Linear", "parameters": [["weight", [2, 3], True]]},
    {"kind": "raised", "type": "ValueError", "text": "", "line": 1},
    {"kind": "function"},
]
ODD: list[object] = [
    TENSOR | {"storage": "O"},
    TENSOR | {"storage": []},
    {"kind": ["int"], "value": 3},
    TENSOR | {"storage": "(9,9)i4"},
    TENSOR | {"shape": [3]},
    TENSOR | {"shape": [-2]},
    TENSOR | {"shape": [2.0]},
    TENSOR | {"shape": "2"},
    TENSOR | {"data": "x" * 8},
    {"kind": "int", "value": True},
    {"kind": "float", "value": "1.0"},
    {"kind": "list", "items": 3},
    {"kind": "list", "items": [], "length": 5},
    {"kind": "list", "items": [{"kind": "function"}], "length": 0},
    {"kind": "list", "items": [], "length": "0"},
    {"kind": "list", "packed": bytes(7)},
    {"kind": "dict", "items": [[1, 2, 3]]},
    {"kind": "record", "items": [[3, {"kind": "function"}]]},
    {"kind": "module", "type": "Linear", "parameters": [["weight", [-1], True]]},
    {"kind": "module", "type": "Linear", "parameters": [["weight", [1]]]},
    TENSOR | {"learns": [["leaf", 1.0]]},
    TENSOR | {"learns": 3},
    TENSOR | {"still": [3]},
    TENSOR | {"filled": [["name"]]},
    TENSOR | {"inputs": [["leaf", 1, 2, 3]]},
    {"kind": "raised", "type": "ValueError", "text": "", "line": "1"},
    {"kind": "surprise"},
    {},
]


def travelled(plain: object) -> Observation:
    return read(msgpack.packb([[["x", plain]], None, []]))


@pytest.mark.parametrize("plain", SOUND, ids=lambda plain: plain["kind"])
def test_what_is_sound_is_read(plain: Plain) -> None:
    assert travelled(plain) == Observation({"x": plain})


@pytest.mark.parametrize("plain", ODD, ids=str)
def test_what_is_odd_is_not_believed(plain: object) -> None:
    assert travelled(plain) == BROKEN


def test_bytes_that_are_no_observation_or_too_many() -> None:
    deep: object = {"kind": "function"}
    for _ in range(100):
        deep = {"kind": "list", "items": [deep], "length": 1}
    for data in (b"", b"passed", msgpack.packb([]), msgpack.packb([[["x", deep]], None]), b"\x91" * 100_000):
        assert read(data) == BROKEN
    large = read(bytes(MAX_BYTES + 1))
    assert large.error is not None
    assert large.values == {}
