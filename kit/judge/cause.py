"""Whether a cell makes the very change that a listed mistake makes, or only comes out the same.

    finished cell, mistake's cell --features--> what the mistake takes away and adds --all of it in the learner's?

A feature is a name, an attribute, a number, a text, an operator, or one of them in its place. Two cells can give the
same wrong value for different reasons; a mistake's message speaks of a reason, so it's used where the text has it too.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache

Feature = tuple[str, ...]


@lru_cache(maxsize=4096)
def features(code: str, placed: bool = False) -> Counter[Feature]:
    """The features of a cell; `placed` adds to each what it is part of and where. Empty for what isn't Python."""
    found: Counter[Feature] = Counter()
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return found

    def walk(node: ast.AST, above: str) -> None:
        word = word_of(node)
        if word:
            found[(word, above) if placed else (word,)] += 1
        for field, value in ast.iter_fields(node):
            for place, child in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(child, ast.AST):
                    walk(child, f"{word or type(node).__name__}.{field}.{place}")

    walk(tree, "")
    return found


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


def makes_the_change(finished: str, wrong: str, learner: str) -> bool:
    """Whether the learner's cell differs from the finished one in all that the mistake's cell differs in."""
    for placed in (False, True):
        ours, theirs, own = (features(code, placed) for code in (finished, wrong, learner))
        added, gone = theirs - ours, ours - theirs
        if added or gone:
            return added <= own - ours and gone <= ours - own
    return True


def literals(code: str) -> Counter[str]:
    """The numbers and texts that stand in a cell; empty for what isn't Python."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return Counter()
    return Counter(
        repr(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str) and node.value not in (0, 1, -1)
    )


def types_in_a_value(finished: str, learner: str) -> bool:
    """Whether the learner's cell has a number or a text that the finished one doesn't have."""
    return bool(literals(learner) - literals(finished))
