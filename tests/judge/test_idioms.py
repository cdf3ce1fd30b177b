"""Right answers come in several idioms: the chapters list them as alternatives, and the build proves that they pass."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from kit.course.course import Course

EXERCISES, EACH = 40, 2


def calls(tree: ast.AST) -> set[str]:
    """The dotted names that are called in an expression."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def called(*names: str) -> Callable[[ast.AST], bool]:
    """Whether one of these is called: a dotted name, or a method of whatever tensor, written `.name`."""

    def fits(call: str, name: str) -> bool:
        return call == name or (name.startswith(".") and call.endswith(name) and not call.startswith(("F.", "nn.")))

    return lambda tree: any(fits(call, name) for call in calls(tree) for name in names)


def has(*kinds: type[ast.AST]) -> Callable[[ast.AST], bool]:
    """Whether the expression contains such a node."""
    return lambda tree: any(isinstance(node, kinds) for node in ast.walk(tree))


def attribute(*names: str) -> Callable[[ast.AST], bool]:
    """Whether such an attribute is read."""
    return lambda tree: any(isinstance(node, ast.Attribute) and node.attr in names for node in ast.walk(tree))


def softmax_by_hand(tree: ast.AST) -> bool:
    """A power divided by a sum."""
    divides = has(ast.Div)(tree)
    return divides and (called(".exp", "torch.exp")(tree) or "powers" in ast.unparse(tree))


FUNCTIONS = ("linear", "relu", "embedding", "dropout", "layer_norm", "cross_entropy", "softmax")
MODULES = ("Linear", "ReLU", "Embedding", "Dropout", "LayerNorm", "CrossEntropyLoss", "Softmax")
at, matmul, einsum = has(ast.MatMult), called("torch.matmul", ".matmul"), called("torch.einsum")
turned, transposed = attribute("mT", "T"), called(".transpose", "torch.transpose")
filled, where = called(".masked_fill", "torch.masked_fill"), called("torch.where", ".where")
comprehension, mapped = has(ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp), called("map")
functional = called(*(f"{place}.{name}" for place in ("F", "torch") for name in FUNCTIONS))
module = called(*(f"nn.{name}" for name in MODULES))
softmax = called("F.softmax", "torch.softmax", ".softmax")
PAIRS = {
    "@ and matmul": (at, matmul),
    "@ and einsum": (at, einsum),
    ".mT and transpose": (turned, transposed),
    "F.softmax and torch.softmax": (called("F.softmax"), called("torch.softmax", ".softmax")),
    "softmax by hand and by library": (softmax_by_hand, softmax),
    "masked_fill and where": (filled, where),
    "comprehension and map": (comprehension, mapped),
    "functional and module": (functional, module),
}


def idioms() -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """Exercise, answer, alternative: for each alternative of the course."""
    for chapter in Course().chapters:
        for exercise in chapter.exercises:
            for other in exercise.alternatives:
                answer = exercise.answer(other.blank)
                yield exercise.id, ast.parse(f"({answer})"), ast.parse(f"({other.expression})")


def test_many_exercises_hold_several_idioms() -> None:
    rich = {e.id for chapter in Course().chapters for e in chapter.exercises if len(e.alternatives) >= EACH}
    assert len(rich) >= EXERCISES
    assert {exercise_id[:2] for exercise_id in rich} >= {chapter.id for chapter in Course().chapters} - {"00"}


@pytest.mark.parametrize("pair", PAIRS)
def test_each_family_of_idioms_occurs_as_answer_and_alternative(pair: str) -> None:
    one, other = PAIRS[pair]
    assert any(
        one(left) and other(right)
        for _, answer, written in idioms()
        for left, right in ((answer, written), (written, answer))
    )
