"""A cell as a program to run: without the statements that only show something, and with its inputs redrawn.

A redraw gives the chapter other inputs of the same kind, and everything computed from them changes too. It replaces the
seeds of random numbers and the floats inside `torch.tensor(...)`, always in the same way for the same `salt`; an
author's `#! redraw:` lines draw the rest with `new` (kit.judge.inputs). Salt 0 changes nothing.
"""

from __future__ import annotations

import ast
import random
from functools import lru_cache
from types import CodeType
from typing import Any

from kit.course.blanks import SENTINEL
from kit.course.syntax import parse

SHOWING = {"check", "hint", "solution"}
SHUFFLE = "__in_any_order__"
IN_ORDER = {  # what reads its argument in order
    *("list", "tuple", "enumerate", "iter", "map", "filter", "zip"),
    *("join", "fromkeys", "sorted", "max", "min"),
}
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)
SEEDING = {"manual_seed", "seed"}


def is_showing(node: ast.stmt) -> bool:
    """Whether a statement only shows something: `check(...)`, `hint(...)`, `solution(...)`, `draw.bars(...)`."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    function = node.value.func
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == "draw"
    return isinstance(function, ast.Name) and function.id in SHOWING


class Redraw(ast.NodeTransformer):
    """Replaces seeds and tensors' floats with others that depend on them and on `salt`."""

    def __init__(self, salt: int, given: frozenset[str] | None) -> None:
        """`salt` is the redraw's number; `given` are the statements that may change, or None for all."""
        self.salt = salt
        self.given = given
        self.inside_tensor = False

    def visit(self, node: ast.AST) -> Any:
        """Leave a statement alone if the learner wrote it: it's an answer, not an input."""
        if isinstance(node, SIMPLE) and self.given is not None and ast.dump(node) not in self.given:
            return node
        return super().visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Change a seeding call's seed; note whether we are inside `torch.tensor(...)`."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in SEEDING and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
            seed = node.args[0]
            if isinstance(seed.value, int):
                drawn = random.Random(f"{seed.value}/{self.salt}").randrange(1 << 31)
                node.args[0] = ast.copy_location(ast.Constant(drawn), seed)
            return node
        outside, self.inside_tensor = self.inside_tensor, self.inside_tensor or name == "tensor"
        node = self.generic_visit(node)  # type: ignore[assignment]
        self.inside_tensor = outside
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A float inside `torch.tensor(...)` becomes another of the same sign; 0.0 stays."""
        if not (self.inside_tensor and isinstance(node.value, float)):
            return node
        factor = random.Random(f"{node.value!r}/{self.salt}").uniform(0.4, 1.6)
        return ast.copy_location(ast.Constant(node.value * factor), node)


@lru_cache(maxsize=1024)
def given_statements(todo: str) -> frozenset[str]:
    """A todo's simple statements without a blank: what every learner starts from."""
    found = (ast.dump(node) for node in ast.walk(ast.parse(todo)) if isinstance(node, SIMPLE))
    return frozenset(text for text in found if f"id='{SENTINEL}'" not in text and f"attr='{SENTINEL}'" not in text)


class AnyOrder(ast.NodeTransformer):
    """Sends whatever is read in order through a function, `SHUFFLE`, which gives a set of strings another order.

    Python gives such a set another order each time it starts, so nothing that depends on it may pass.
    """

    def wrapped(self, node: ast.expr) -> ast.expr:
        """An expression, sent through."""
        return ast.copy_location(ast.Call(ast.Name(SHUFFLE, ast.Load()), [node], []), node)

    def visit_For(self, node: ast.For) -> ast.AST:
        """What a loop reads."""
        self.generic_visit(node)
        node.iter = self.wrapped(node.iter)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """What a comprehension reads."""
        self.generic_visit(node)
        node.iter = self.wrapped(node.iter)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        """What is unpacked."""
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self.wrapped(node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """What is handed to a function that reads it in order."""
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in IN_ORDER:
            node.args = [a if isinstance(a, ast.Starred) else self.wrapped(a) for a in node.args]
        return node


def redrawn_program(code: str, salt: int, name: str, todo: str | None = None, shuffles: bool = False) -> CodeType:
    """A cell compiled, with line numbers as in `code`. Lines of notebook magic are left out.

    With `todo`, only statements given there are redrawn, not what a learner (or the author, as an answer) has added.
    With `shuffles`, sets of strings are read in the order that `SHUFFLE`, a function of the state, gives them.

    Raises:
        SyntaxError: it isn't Python.
    """
    tree = parse(code, name)
    tree.body = [node for node in tree.body if not is_showing(node)]
    if salt:
        redraw = Redraw(salt, given_statements(todo) if todo is not None else None)
        tree.body = [redraw.visit(node) for node in tree.body]
    if shuffles:
        tree = AnyOrder().visit(tree)
    ast.fix_missing_locations(tree)
    program: CodeType = compile(tree, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return program


@lru_cache(maxsize=4096)
def assigned_names(code: str) -> tuple[str, ...]:
    """The names a cell assigns, in order. What loops assign is left out, since the same thing can be written without a
    loop; so are names that start with `_`.
    """
    names: dict[str, None] = {}

    def targets(node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            names[node.id] = None
        elif isinstance(node, ast.Tuple | ast.List):
            for element in node.elts:
                targets(element)
        elif isinstance(node, ast.Starred | ast.Subscript | ast.Attribute):
            targets(node.value)

    def walk(body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    targets(target)
            elif isinstance(node, ast.AugAssign | ast.AnnAssign):
                targets(node.target)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names[node.name] = None
            elif isinstance(node, ast.If | ast.With | ast.Try):
                walk(node.body)
                walk(getattr(node, "orelse", []))
                walk(getattr(node, "finalbody", []))

    walk(ast.parse(code).body)
    return tuple(name for name in names if not name.startswith("_"))


def line_of(code: str, name: str) -> int:
    """The last line, from 1, on which `name` is assigned; 1 if there is none, or the code doesn't parse."""
    try:
        tree = parse(code)
    except SyntaxError:
        return 1
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store))
        or (isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name)
    ]
    return max(lines, default=1)
