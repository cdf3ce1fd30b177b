from __future__ import annotations

import os
import time

import pytest
import torch

from workshop import threads


@pytest.mark.parametrize(("one", "two", "wanted"), [(0.02, 0.005, 2), (0.005, 0.02, 1), (0.01, 0.01, 1)])
def test_what_is_quicker_is_taken_and_nothing_is_left_changed(
    monkeypatch: pytest.MonkeyPatch, one: float, two: float, wanted: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    before = torch.get_num_threads()
    assert threads.quicker(lambda: time.sleep(one if torch.get_num_threads() == 1 else two)) == wanted
    assert torch.get_num_threads() == before


def test_with_one_core_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert threads.quicker(lambda: pytest.fail("tried")) == 1
