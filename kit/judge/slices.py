"""The part of the given cells after an exercise that depends on what the exercise makes: a slice of the program.

    exercise's names --forwards--> statements that use them, and what those make
                     --backwards--> statements that they need

Statements about anything else, a timing or a drawing, can't come out differently because of a learner's cell, and cost
a verdict its time. Program slicing as in Weiser, "Program slicing" (1981), on top-level statements.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kit.judge.redraw import is_showing


@dataclass(frozen=True, slots=True)
class Statement:
    """A top-level statement: the names it reads, and those that it binds or may change."""

    node: ast.stmt
    reads: frozenset[str]
    makes: frozenset[str]


def statement(node: ast.stmt) -> Statement:
    """A statement's names. A method may change what it's called on, and so may an assignment to an item."""
    reads, makes = set[str](), set[str]()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            (makes if isinstance(part.ctx, ast.Store) else reads).add(part.id)
        elif isinstance(part, ast.FunctionDef | ast.ClassDef):
            makes.add(part.name)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            makes |= {(alias.asname or alias.name).partition(".")[0] for alias in part.names}
        if isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.ctx, ast.Store):
            makes |= base(part)
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            makes |= base(part.func)
        elif isinstance(part, ast.AugAssign):
            reads |= base(part.target)
    return Statement(node, frozenset(reads), frozenset(makes))


def base(node: ast.expr) -> set[str]:
    """The name at the root of `a.b[c].d`; nothing if there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def using(exercise: str, given: Sequence[str]) -> Iterator[str]:
    """The given cells, each without the statements that have nothing to do with the exercise's cell; empty ones go."""
    cells = [[statement(node) for node in ast.parse(code).body if not shows(node)] for code in given]
    untouchable = {"print", *modules(exercise, *given)}
    touched = {name for node in ast.parse(exercise).body for name in statement(node).makes - untouchable}
    kept: set[int] = set()
    for one in (one for cell in cells for one in cell):
        if one.reads & touched:
            kept.add(id(one))
            touched |= one.makes - untouchable
    needed: set[str] = set()
    for one in reversed([one for cell in cells for one in cell]):
        if id(one) in kept or one.makes & needed:
            kept.add(id(one))
            needed |= one.reads
    for cell in cells:
        body = [one.node for one in cell if id(one) in kept]
        if body:
            yield ast.unparse(ast.Module(body, []))


def shows(node: ast.stmt) -> bool:
    """Whether a statement only shows what is there: `draw.bars(x)`, `print("so:", x)`. Nothing can go wrong in it."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print":
        return all(isinstance(argument, ast.Name | ast.Constant) for argument in call.args)
    return is_showing(node)


def modules(*codes: str) -> set[str]:
    """The names that stand for modules: calling their functions changes nothing."""
    return {"torch", "nn", "F", "math", "random"} | {
        (alias.asname or alias.name).partition(".")[0]
        for code in codes
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
