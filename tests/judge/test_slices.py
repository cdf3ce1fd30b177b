"""The statements of given cells that an exercise can make go wrong."""

from __future__ import annotations

from kit.judge.slices import using


def test_what_uses_the_exercise_and_what_that_needs_stays() -> None:
    given = [
        "import time\nstart = time.time()\nscale = 3\nshown = scores * scale",
        "other = 5\nprint(other)",
        "print(shown.sum())",
        "print('so:', shown)",
    ]
    assert list(using("scores = 1 + 2", given)) == ["scale = 3\nshown = scores * scale", "print(shown.sum())"]


def test_what_a_method_may_have_changed_counts() -> None:
    assert list(using("model = make()", ["model.train()\nloss = model(x)", "print(x)"])) == [
        "model.train()\nloss = model(x)"
    ]
    assert list(using("x = 1", ["torch.manual_seed(0)\nvalue = torch.rand(3)"])) == []
    assert list(using("x = 1", ["items = []\nitems.append(x)\nlast = items[-1]"])) == [
        "items = []\nitems.append(x)\nlast = items[-1]"
    ]


def test_calls_that_show_something_go() -> None:
    assert list(using("x = 1", ['draw.bars(x, "a title")\nhint("00.01")'])) == []
