from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.lru import LruDict


def test_what_is_asked_for_stays_and_the_rest_goes() -> None:
    known: LruDict[str, int] = LruDict(4)
    for number, key in enumerate("abcd"):
        known[key] = number
        assert known["a"] == 0
    assert "a" in known and "b" not in known
    with pytest.raises(KeyError):
        known["b"]


@given(st.integers(1, 6), st.lists(st.tuples(st.sampled_from(["get", "set", "delete"]), st.integers(0, 8))))
def test_it_never_holds_too_much_or_a_wrong_value(size: int, steps: list[tuple[str, int]]) -> None:
    known: LruDict[int, int] = LruDict(size)
    model: dict[int, int] = {}
    for number, (what, key) in enumerate(steps):
        if what == "set":
            known[key] = model[key] = number
            assert known[key] == number
        elif what == "get" and key in known:
            assert known[key] == model[key]
        elif what == "delete" and key in known:
            del known[key]
            assert key not in known
        assert len(known) == len(list(known)) <= max(size, 2)
        assert all(found in known for found in known)
