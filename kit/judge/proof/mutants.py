"""Small wrong variants of a finished answer, made by rule: the proof that a check can't be passed by accident.

    exercise --mutants--> Mutant, Mutant, ... --judged like a learner's cell--> killed, or a check that's too kind

Each mutant changes one place: a number by one, an operator or a comparison for its neighbour, one term or one argument
less, two arguments swapped, a name for another of the cell's, a call left out, a gradient cut, a statement deleted or
swapped with the next. Only what a learner writes is changed, and every line of a cell that is exported, since there
the learner writes the class. The rules follow mutation testing as DeMillo, Lipton and Sayward describe it (1978).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kit.course.chapter import Exercise

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
ORDER_MATTERS = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
SIZES = ("batch_size", "input_sequence_length", "embedding_dim", "hidden_dim", "num_heads")  # of a config
ALONE: Mapping[str, Sequence[str]] = {}
SHOWING = {"check", "print", "hint", "solution", "draw"}
CUT = "detach"  # the gradient's way back, for a tensor that has one


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong variant: the cell, the line that was changed, by which rule, and what that line's part reads now."""

    exercise: str
    code: str
    line: int
    rule: str
    change: str

    @property
    def name(self) -> str:
        """What an author calls it in `#! equivalent:`."""
        return f"{self.rule}: {self.change}"


Variant = tuple[str, ast.AST]  # the rule, and what takes the node's place


def mutants(exercise: Exercise, exported: bool = False, alike: Mapping[str, Sequence[str]] = ALONE) -> Iterator[Mutant]:
    """The mutants of an exercise's finished cell, each text once; all of an `exported` cell's lines may change.

    `alike` are, for a name that the cell reads, other names that hold something of the same kind there.
    """
    tree = ast.parse(exercise.code)
    lines = answer_lines(exercise)
    seen = {ast.unparse(tree)}
    left_alone = {id(part) for node in ast.walk(tree) for part in untouchable(node)}
    for node in ast.walk(tree):
        if id(node) in left_alone or (not exported and not inside(node, lines)):
            continue
        for rule, variant in (*variants(node, tree), *namesakes(node, alike)):
            code = replaced(tree, node, variant)
            if code is None or code in seen:
                continue
            seen.add(code)
            change = f"{shown(node)} => {shown(variant)}"
            yield Mutant(exercise.id, code, getattr(node, "lineno", 1), rule, change)
    for code, line, rule, change in statement_mutants(tree, lines if not exported else None):
        if code not in seen:
            seen.add(code)
            yield Mutant(exercise.id, code, line, rule, change)


def untouchable(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node in which nothing can go wrong.

    Annotations, calls that only show something, a complaint's words; and where there are no gradients, none can be cut.
    """
    annotation = getattr(node, "annotation", None) or getattr(node, "returns", None)
    if isinstance(annotation, ast.AST):
        yield from ast.walk(annotation)
    if isinstance(node, ast.Call) and called(node) in SHOWING:
        yield from ast.walk(node)
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from (part for argument in node.exc.args for part in ast.walk(argument))
    if isinstance(node, ast.FunctionDef) and any("no_grad" in ast.unparse(one) for one in node.decorator_list):
        yield from (part for part in ast.walk(node) if isinstance(part, ast.Return | ast.Assign))


def answer_lines(exercise: Exercise) -> list[tuple[int, int, int, int]]:
    """Where the answers are, as ((line, column) of the start, (line, column) of the end); columns in bytes."""
    spans = []
    for blank in exercise.blanks:
        ends = []
        for offset in (blank.start, blank.end):
            before = exercise.code[:offset]
            ends += [before.count("\n") + 1, len(before[before.rfind("\n") + 1 :].encode())]
        spans.append((ends[0], ends[1], ends[2], ends[3]))
    return spans


def inside(node: ast.AST, spans: list[tuple[int, int, int, int]]) -> bool:
    """Whether a node lies in one of the answers."""
    if not isinstance(node, ast.expr | ast.stmt) or node.end_lineno is None or node.end_col_offset is None:
        return False
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    return any((a, b) <= start and end <= (c, d) for a, b, c, d in spans)


def variants(node: ast.AST, tree: ast.Module) -> Iterator[Variant]:
    """What may take a node's place, by rule."""
    for rule in RULES:
        yield from rule(node, tree)


def constants(node: ast.AST, tree: ast.Module) -> Iterator[Variant]:
    """Another number, the other truth value, another text."""
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield "the other truth value", ast.Constant(not value)
    elif isinstance(value, int):
        yield "plus one", ast.Constant(value + 1)
        yield "minus one", number(value - 1)
    elif isinstance(value, float):
        yield "another number", ast.Constant(value * 2 if value else 1.0)
    elif isinstance(value, str) and value and not is_docstring(node, tree):
        yield "another text", ast.Constant(value[:-1])


def number(value: int) -> ast.expr:
    """A whole number as Python reads it: a negative one is a minus and a number."""
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def is_docstring(node: ast.Constant, tree: ast.Module) -> bool:
    """Whether a text stands alone as a statement."""
    return any(isinstance(found, ast.Expr) and found.value is node for found in ast.walk(tree))


def operators(node: ast.AST, tree: ast.Module) -> Iterator[Variant]:
    """Another operator, one term less, the terms swapped, a sign or a `not` dropped."""
    if isinstance(node, ast.BinOp):
        for other in OPERATORS.get(type(node.op), ()):
            yield "another operator", ast.BinOp(node.left, other(), node.right)
        yield "a term dropped", node.left
        yield "a term dropped", node.right
        if isinstance(node.op, ORDER_MATTERS):
            yield "terms swapped", ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp):
        yield "a sign dropped", node.operand
    elif isinstance(node, ast.BoolOp):
        yield "and for or", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from (("a condition dropped", value) for value in node.values)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for comparison in COMPARISONS.get(type(node.ops[0]), ()):
            yield "another comparison", ast.Compare(node.left, [comparison()], node.comparators)
    elif isinstance(node, ast.IfExp):
        yield "the other branch", node.body
        yield "the other branch", node.orelse


def calls(node: ast.AST, tree: ast.Module) -> Iterator[Variant]:
    """A call left out, an argument less, two arguments swapped."""
    if not isinstance(node, ast.Call) or called(node) in SHOWING:
        return
    function = node.func
    if isinstance(function, ast.Attribute) and not is_module(function.value):
        yield "a call left out", function.value
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield "a call left out", node.args[0]
    for place in range(len(node.args)):
        rest = [*node.args[:place], *node.args[place + 1 :]]
        yield "an argument less", ast.Call(function, rest, node.keywords)
    for place in range(len(node.keywords)):
        rest_ = [*node.keywords[:place], *node.keywords[place + 1 :]]
        yield "an argument less", ast.Call(function, node.args, rest_)
    for place in range(len(node.args) - 1):
        swapped = list(node.args)
        swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
        yield "arguments swapped", ast.Call(function, swapped, node.keywords)


def called(node: ast.Call) -> str:
    """The name that a call begins with."""
    function: ast.expr = node.func
    while isinstance(function, ast.Attribute):
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""


def is_module(node: ast.expr) -> bool:
    """Whether an expression is a module of torch's, by the names that every chapter gives them."""
    return ast.unparse(node) in {"torch", "nn", "F", "math", "torch.nn", "nn.functional", "torch.optim"}


def slices(node: ast.AST, tree: ast.Module) -> Iterator[Variant]:
    """A slice one wider or narrower, or without an end; an index left out."""
    if isinstance(node, ast.Slice):
        if node.lower is not None:
            yield "a slice's start dropped", ast.Slice(None, node.upper, node.step)
            yield "a slice's start moved", ast.Slice(one_more(node.lower), node.upper, node.step)
        if node.upper is not None:
            yield "a slice's end dropped", ast.Slice(node.lower, None, node.step)
            yield "a slice's end moved", ast.Slice(node.lower, one_more(node.upper), node.step)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield "an index left out", node.value


def one_more(node: ast.expr) -> ast.expr:
    """An expression plus one."""
    return ast.BinOp(node, ast.Add(), ast.Constant(1))


def names(node: ast.AST, tree: ast.Module) -> Iterator[Variant]:
    """Another name that the cell reads, or another attribute of `self`: whatever isn't called and isn't a module."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and is_self(node.value):
        others = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and is_self(n.value)}
        yield from (
            ("another attribute", ast.Attribute(node.value, o, ast.Load())) for o in sorted(others - {node.attr})
        )
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in functions_of(tree):
        scope = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - functions_of(tree) - {node.id}
        yield from (("another name", ast.Name(other, ast.Load())) for other in sorted(scope))


def namesakes(node: ast.AST, alike: Mapping[str, Sequence[str]]) -> Iterator[Variant]:
    """Another name of the notebook that holds something of the same kind; another size of a config."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from (("another name", ast.Name(other, ast.Load())) for other in alike.get(node.id, ()))
    if isinstance(node, ast.Attribute) and node.attr in SIZES and isinstance(node.ctx, ast.Load):
        yield from (("another size", ast.Attribute(node.value, o, ast.Load())) for o in SIZES if o != node.attr)


def is_self(node: ast.expr) -> bool:
    """Whether an expression is `self`."""
    return isinstance(node, ast.Name) and node.id == "self"


def functions_of(tree: ast.Module) -> set[str]:
    """Names that are called, or whose attributes are: functions, classes and modules, `self`."""
    found = {"self"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        if isinstance(node, ast.Attribute) and is_module(node.value) and isinstance(node.value, ast.Name):
            found.add(node.value.id)
    return found


def gradients(node: ast.AST, tree: ast.Module) -> Iterator[Variant]:
    """A gradient that finds no way back: what a method returns or a statement assigns, detached."""
    value = node.value if isinstance(node, ast.Return | ast.Assign) else None
    if value is None or isinstance(value, ast.Constant):
        return
    cut = ast.Call(ast.Attribute(value, CUT, ast.Load()), [], [])
    yield "the gradient cut", ast.Return(cut) if isinstance(node, ast.Return) else assigned(node, cut)


def assigned(node: ast.AST, value: ast.expr) -> ast.AST:
    """An assignment with another value."""
    assert isinstance(node, ast.Assign)
    return ast.Assign(node.targets, value, lineno=node.lineno)


Rule = Callable[[ast.AST, ast.Module], Iterator[Variant]]
RULES: tuple[Rule, ...] = (constants, operators, calls, slices, names, gradients)


class Replace(ast.NodeTransformer):
    """Puts one node in another's place."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The new node for the old one; all others as they are."""
        return self.new if node is self.old else self.generic_visit(node)


def replaced(tree: ast.Module, old: ast.AST, new: ast.AST) -> str | None:
    """The text of a tree with one node in another's place; None where that isn't Python."""
    memo: dict[int, object] = {}
    copied = copy.deepcopy(tree, memo)
    partner = memo[id(old)]
    assert isinstance(partner, ast.AST)
    try:
        code = ast.unparse(ast.fix_missing_locations(Replace(partner, copy.deepcopy(new)).visit(copied)))
        ast.parse(code)
    except (SyntaxError, ValueError, AttributeError, TypeError):
        return None
    return code


def statement_mutants(
    tree: ast.Module, spans: list[tuple[int, int, int, int]] | None
) -> Iterator[tuple[str, int, str, str]]:
    """A statement deleted, or swapped with the next one, in every block; `spans` limits it to whole answers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.decorator_list and spans is None:
            kept, node.decorator_list = node.decorator_list, []
            yield ast.unparse(tree), node.lineno, "a decorator deleted", shown(kept[0])
            node.decorator_list = kept
    for holder in ast.walk(tree):
        for field in ("body", "orelse"):
            body = getattr(holder, field, None)
            if not isinstance(body, list):
                continue
            for place, node in enumerate(body):
                if not may_go(node) or (spans is not None and not inside(node, spans)):
                    continue
                shorter = [*body[:place], *body[place + 1 :]] or [ast.Pass()]
                yield with_body(tree, holder, field, shorter), node.lineno, "a statement deleted", shown(node)
                if place + 1 < len(body) and may_go(body[place + 1]) and not independent(node, body[place + 1]):
                    swapped = [*body[:place], body[place + 1], node, *body[place + 2 :]]
                    yield with_body(tree, holder, field, swapped), node.lineno, "statements swapped", shown(node)


def independent(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether two assignments have nothing to do with each other, so that their order is a matter of taste."""
    if not (isinstance(one, ast.Assign) and isinstance(other, ast.Assign)):
        return False
    made = [{ast.unparse(target) for target in node.targets} for node in (one, other)]
    read = [{ast.unparse(part) for part in ast.walk(node.value) if isinstance(part, ast.expr)} for node in (one, other)]
    return not (made[0] & made[1] or made[0] & read[1] or made[1] & read[0])


def may_go(node: ast.stmt) -> bool:
    """Whether a statement does something that a check could miss."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call) and called(node.value) not in SHOWING
    return not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Pass)


def with_body(tree: ast.Module, holder: ast.AST, field: str, body: list[ast.stmt]) -> str:
    """The text of a tree in which one block has another body."""
    before = getattr(holder, field)
    setattr(holder, field, body)
    try:
        return ast.unparse(tree)
    finally:
        setattr(holder, field, before)


def shown(node: ast.AST) -> str:
    """A node in one short line."""
    try:
        text = " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())
    except (ValueError, AttributeError, TypeError):
        text = type(node).__name__
    return text if len(text) <= 60 else f"{text[:57]}..."
