"""What a learner's other cells lend an exercise: imports, functions, classes and values that its cell uses by name.

    exercise's cell + code cells above it --to_judge--> the cell, behind those that lend it something
    the same text, where it runs          --lent-----> the statements that it needs

An exercise is judged alone, on the finished chapter's state. Whatever that state doesn't have and a cell above defines
comes along. The cells are chosen by their text, since what a stranger wrote is parsed only where it also runs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from kit.course.chapter import Chapter, Code
from kit.course.package import needed
from kit.course.syntax import parse

SEAM = "\x1e\n"  # between the cells of one text
DEFINITION = re.compile(
    r"^(?:(?:async +)?def +(?P<function>\w+)|class +(?P<cls>\w+)"
    r"|(?:import|from) +(?P<names>[^#\n(]*(?:\([^)]{0,2000}\))?)"
    r"|(?P<targets>\w+(?: *, *\w+)*) *(?::[^=\n]*)?=(?!=))",
    re.MULTILINE,
)
WORD = re.compile(r"[^\W\d]\w*")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
LENDING = (ast.Import, ast.ImportFrom, *DEFINITIONS, ast.Assign, ast.AnnAssign)


@lru_cache(maxsize=65536)
def words(text: str) -> frozenset[str]:
    """Everything in a text that looks like a name."""
    return frozenset(WORD.findall(text))


@lru_cache(maxsize=65536)
def offered(source: str) -> frozenset[str]:
    """The names that a cell seems to define at its top level."""
    found = (next(filter(None, match.groups()), "") for match in DEFINITION.finditer(source))
    return frozenset(word for text in found for word in words(text))


def to_judge(source: str, above: Sequence[str], known: Collection[str]) -> str:
    """A cell, behind the code cells above it that define what it uses and the chapter doesn't have: `known` names."""
    wanted = words(source).difference(known)
    if not any(offered(cell) & wanted for cell in above):
        return source
    chosen = [source]
    for cell in reversed(above):
        if offered(cell).difference(known) & wanted:
            chosen.append(cell)
            wanted |= words(cell)
    return SEAM.join(reversed(chosen))


def parted(text: str) -> tuple[tuple[str, ...], str]:
    """The cells in front, and the exercise's own cell."""
    *own, source = text.split(SEAM)
    return tuple(own), source


def known_names(chapter: Chapter) -> Mapping[str, frozenset[str]]:
    """For each exercise of a chapter, the names that the finished chapter has once the exercise's cell has run."""
    names: set[str] = set()
    found: dict[str, frozenset[str]] = {}
    for cell in chapter.cells:
        if isinstance(cell, Code):
            for node in ast.parse(cell.code).body:
                names |= made(node)
            if cell.exercise:
                found[cell.exercise.id] = frozenset(names)
    return found


def made(node: ast.stmt) -> set[str]:
    """The names that a top-level statement binds."""
    if isinstance(node, DEFINITIONS):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def lent(own: Sequence[str], source: str, known: Collection[str]) -> list[str]:
    """The statements of these cells that a cell needs beyond the `known` names, in order; a broken cell lends nothing.

    Raises:
        SyntaxError: the cell itself can't be parsed.
    """
    wanted = needed(source).difference(known)
    chosen: list[str] = []
    for node in reversed([node for cell in own for node in statements(cell)]):
        if made(node) & wanted:
            text = ast.unparse(node)
            chosen.append(text)
            wanted |= needed(text).difference(known)
    return chosen[::-1]


def statements(cell: str) -> list[ast.stmt]:
    """A cell's statements that define something; none if it can't be parsed."""
    try:
        return [node for node in parse(cell).body if isinstance(node, LENDING)]
    except SyntaxError:
        return []
