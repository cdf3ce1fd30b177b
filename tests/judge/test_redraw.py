"""Cells as programs: what's left out, what's redrawn, which names count."""

from __future__ import annotations

import pytest
import torch

from kit.judge.redraw import assigned_names, line_of, redrawn_program


def run(code: str, salt: int = 0) -> dict[str, object]:
    state: dict[str, object] = {"torch": torch}
    exec(redrawn_program(code, salt, "cell"), state)
    return state


def test_showing_is_left_out() -> None:
    state = run(
        'x = 1\ncheck("01.01")\nhint("01.01", 2)\nsolution("01.01")\ndraw.bars([1], title="t", alt="a")\n%magic\n!ls'
    )
    assert state["x"] == 1


def test_magic_keeps_line_numbers() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run("%magic\nx = 1 / 0")
    assert caught.traceback[-1].lineno == 1  # counted from 0


def test_salt_zero_changes_nothing() -> None:
    code = "torch.manual_seed(3)\nx = torch.randn(2)\ny = torch.tensor([0.5, -1.5])"
    state = run(code)
    torch.manual_seed(3)
    assert torch.equal(state["x"], torch.randn(2))  # type: ignore[arg-type]
    assert torch.equal(state["y"], torch.tensor([0.5, -1.5]))  # type: ignore[arg-type]


def test_redraw_keeps_signs_zeros_and_whole_numbers() -> None:
    code = (
        "x = torch.tensor([[0.5, -1.5, 0.0], [2.0, 2.0, 1e-3]])\ny = torch.tensor([1, 2])\n"
        "z = 0.5\ng = torch.Generator().manual_seed(5)"
    )
    drawn = [run(code, salt) for salt in (1, 2, 1)]
    x1, x2, again = (state["x"] for state in drawn)
    assert isinstance(x1, torch.Tensor)
    assert isinstance(x2, torch.Tensor)
    assert isinstance(again, torch.Tensor)
    assert torch.equal(x1, again)
    assert not torch.equal(x1, x2)
    assert x1.sign().tolist() == [[1, -1, 0], [1, 1, 1]]
    assert x1[1, 0] == x1[1, 1]
    assert drawn[0]["y"].tolist() == [1, 2]  # type: ignore[attr-defined]
    assert drawn[0]["z"] == 0.5
    assert drawn[0]["g"].initial_seed() != 5  # type: ignore[attr-defined]


def test_what_a_learner_writes_is_not_redrawn() -> None:
    todo = "x = torch.tensor([0.5])\ny = x * ____\nif True:\n    z = torch.tensor(1.5)"
    answer = todo.replace("____", "torch.tensor(0.5)") + "\nown = torch.tensor(1.5)"
    state: dict[str, torch.Tensor] = {"torch": torch}  # type: ignore[dict-item]
    exec(redrawn_program(answer, 1, "cell", todo), state)
    assert state["x"].item() != 0.5
    assert state["y"].item() == pytest.approx(state["x"].item() * 0.5)
    assert state["z"].item() != 1.5
    assert state["own"].item() == 1.5


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a = b = 1\nc: int = 2\nc += 1", ("a", "b", "c")),
        ("a, (b, *c) = f()", ("a", "b", "c")),
        ("x[0] = 1\nm.weight = 2", ("x", "m")),
        ("for i in x:\n    total += i", ()),
        ("while x:\n    y = 1", ()),
        ("if x:\n    a = 1\nelse:\n    b = 2", ("a", "b")),
        ("with no_grad() as g:\n    a = 1", ("a",)),
        ("try:\n    a = 1\nfinally:\n    b = 2", ("a", "b")),
        ("def f(x):\n    y = 1\nclass C:\n    z = 1", ("f", "C")),
        ("_hidden = 1\nimport os\nprint(1)", ()),
    ],
)
def test_assigned_names(code: str, names: tuple[str, ...]) -> None:
    assert assigned_names(code) == names


def test_line_of() -> None:
    assert line_of("a = 1\nb = 2\na = 3", "a") == 3
    assert line_of("def f():\n    pass", "f") == 1
    assert line_of("a = 1", "b") == 1
    assert line_of("a = (", "a") == 1
