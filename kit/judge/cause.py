"""Whether a cell makes the very change that a listed mistake makes, or only comes out the same.

    finished cell, mistake's cell --features--> what the mistake takes away and adds --all of it in the learner's?

A feature is a name, an attribute, a number, a text that isn't a docstring, an operator, or one of them in its place.
Two cells can give the same wrong value for different reasons; a mistake's message speaks of a reason, so it's used
where the text has it too.
"""

from __future__ import annotations

import ast
from collections import Counter
from contextlib import suppress
from functools import lru_cache

from kit.course import syntax

Feature = tuple[str, ...]


def parse(code: str) -> ast.Module:
    """A cell's tree; an empty one for what isn't Python."""
    try:
        return syntax.parse(code)
    except SyntaxError:
        return ast.Module([], [])


@lru_cache(maxsize=4096)
def features(code: str, placed: bool = False) -> Counter[Feature]:
    """The features of a cell; `placed` adds to each what it is part of and where. Empty for what isn't Python.

    A docstring has none: it may be in the learner's language.
    """
    found: Counter[Feature] = Counter()
    tree = parse(code)

    def walk(node: ast.AST, above: str) -> None:
        if is_text(node):
            return
        word = word_of(node)
        if word:
            found[(word, above) if placed else (word,)] += 1
        for field, value in ast.iter_fields(node):
            for place, child in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(child, ast.AST):
                    walk(child, f"{word or context_of(node)}.{field}.{place}")

    with suppress(RecursionError):  # deeper than our own walk can go
        walk(tree, "")
    return found


def context_of(node: ast.AST) -> str:
    """What a node without a word of its own says about where its parts are: which call, which assignment."""
    kind = type(node).__name__
    if isinstance(node, ast.Call):
        return f"{kind} {word_of(node.func)}"
    if isinstance(node, ast.Assign):
        return f"{kind} {' '.join(map(ast.unparse, node.targets))}"
    return kind


def word_of(node: ast.AST) -> str:
    """What a node adds to a cell by itself; empty for mere structure."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        return repr(node.value)
    if isinstance(node, ast.keyword):
        return f"{node.arg}="
    if isinstance(node, ast.operator | ast.cmpop | ast.unaryop | ast.boolop | ast.Slice):
        return type(node).__name__
    return ""


def agreement(finished: str, wrong: str, learner: str) -> int:
    """How well the learner's change is the mistake's: 3 if it's just that, 2 if all that the mistake changes is changed
    in the same places, 1 if it is changed somewhere, 0 if it isn't.
    """
    for placed in (True, False):
        ours, theirs, own = (features(code, placed) for code in (finished, wrong, learner))
        added, gone = theirs - ours, ours - theirs
        if (added or gone or placed) and added <= own - ours and gone <= ours - own:
            if not placed:
                return 1
            return 3 if added == own - ours and gone == ours - own else 2
    return 0


def changed_spans(finished: str, learner: str) -> list[range]:
    """The lines of each of the learner's statements that the finished cell doesn't have; of a block, only its head."""
    left = Counter(text for text, _ in statements(finished))
    found = []
    for text, lines in statements(learner):
        if left[text]:
            left[text] -= 1
        else:
            found.append(lines)
    return found


def changed_lines(finished: str, learner: str) -> list[int]:
    """The first line of each of them."""
    return [lines.start for lines in changed_spans(finished, learner)]


def method_lines(learner: str, method: str) -> range:
    """The lines of a function of this name; none if there isn't one."""
    for node in ast.walk(parse(learner)):
        if isinstance(node, ast.FunctionDef) and node.name == method:
            return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return range(0)


def statements(code: str) -> list[tuple[str, range]]:
    """Each statement but docstrings as text, without what is inside its block, and its lines."""
    found = []
    for node in ast.walk(parse(code)):
        if isinstance(node, ast.stmt) and not is_text(node):
            parts = [
                ast.dump(child)
                for field, value in ast.iter_fields(node)
                if field not in ("body", "orelse", "finalbody", "handlers")
                for child in (value if isinstance(value, list) else [value])
                if isinstance(child, ast.AST)
            ]
            inner = [child.lineno for child in getattr(node, "body", []) if isinstance(child, ast.stmt)]
            end = min(inner, default=(node.end_lineno or node.lineno) + 1)
            lines = range(node.lineno, max(end, node.lineno + 1))
            found.append((f"{type(node).__name__} {getattr(node, 'name', '')} {parts}", lines))
    return sorted(found, key=lambda pair: pair[1].start)


def is_text(node: ast.AST) -> bool:
    """Whether a statement is a text and nothing else: a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def literals(code: str) -> Counter[str]:
    """The numbers and texts that stand in a cell, docstrings left out; empty for what isn't Python."""
    tree = parse(code)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and is_text(node)}
    return Counter(
        repr(node.value)
        for node in ast.walk(tree)
        if id(node) not in told
        and isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | str)
        and node.value not in (0, 1, -1)
    )


def types_in_a_value(finished: str, learner: str) -> bool:
    """Whether the learner's cell has a number or a text that the finished one doesn't have."""
    return bool(literals(learner) - literals(finished))
