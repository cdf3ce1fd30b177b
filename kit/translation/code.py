"""The texts in a code cell, by rule: comments, docstrings, and strings that a person reads and no code does.

    print(f"{rows} rows of {width} numbers")        what's printed, if the text itself is `print`'s argument
    draw.lines({"training": curve}, title="...")    titles, axis names, alternative texts, labels, legends
    names = {"token vectors": ...}                  data: stays

A blank's answer has no texts, and neither has a string that is looked up, compared, assigned or given to other code.
"""

from __future__ import annotations

import ast
import inspect
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from kit.course.blanks import Blank, line_start, span_of, tokens
from kit.course.chapter import Code
from kit.translation import literals
from kit.translation.entry import NOTES, Kind, Say, has_words
from kit.translation.fold import fold
from kit.translation.literals import LINE, Literal

FIGURES = re.compile(r"draw\.\w+|columns\.show")
KEYWORDS: dict[str, Kind] = {
    "title": "title",
    "alt": "alternative text",
    "x_name": "axis name",
    "y_name": "axis name",
}
LABELS = ("rows", "columns", "labels")
DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
PRAGMA = re.compile(r"#\s*(?:noqa|type:|pragma|fmt:|notebook:)")


@dataclass(frozen=True, slots=True)
class Spot:
    """A text in code: where its source starts and ends, and how that source is read."""

    start: int
    end: int
    kind: Kind
    text: str
    literal: Literal | None = None
    template: bool = False
    note: str = ""


def rewrite(cell: Code, say: Say, wrap: bool) -> Code:
    """A code cell with what `say` gives in place of its texts. Blanks are where they were; answers haven't changed."""
    blanks = cell.exercise.blanks if cell.exercise else ()
    edits: list[tuple[Spot, str]] = []
    for spot in spots(cell.code, blanks):
        text = say(spot.kind, spot.text, spot.note or NOTES[spot.kind], spot.template)
        if text is not None:
            edits.append((spot, source_of(spot, text, cell.code, wrap)))
    code = cell.code
    for spot, source in reversed(edits):
        code = code[: spot.start] + source + code[spot.end :]
    if not cell.exercise:
        return replace(cell, code=code)
    said = {spot.text: comment[2:] for spot, comment in edits if spot.kind == "comment of a blank"}
    moved = tuple(move(blank, edits, code, said) for blank in blanks)
    return replace(cell, code=code, exercise=replace(cell.exercise, code=code, blanks=moved))


def move(blank: Blank, edits: Sequence[tuple[Spot, str]], code: str, comments: dict[str, str]) -> Blank:
    """A blank in edited code, with its comment's translation."""
    by = sum(len(source) - (spot.end - spot.start) for spot, source in edits if spot.end <= blank.start)
    start = blank.start + by
    return Blank(start, blank.end + by, code.count("\n", 0, start) + 1, comments.get(blank.comment, blank.comment))


@lru_cache(maxsize=4096)  # the build asks once for each language
def spots(code: str, blanks: tuple[Blank, ...] = ()) -> list[Spot]:
    """The texts of a cell's code that have words in them, in order, outside of its blanks."""
    tree = ast.parse(code)
    found = [*comments(code, {blank.comment for blank in blanks}), *docstrings(code, tree), *strings(code, tree)]
    return sorted(
        (
            spot
            for spot in found
            if has_words(spot.text, spot.template)
            and not any(spot.start < blank.end and blank.start < spot.end for blank in blanks)
        ),
        key=lambda spot: spot.start,
    )


def comments(code: str, of_blanks: Iterable[str]) -> Iterator[Spot]:
    """The comments."""
    lines, of_blanks = code.split("\n"), set(of_blanks)
    for token in tokens(code):
        if token.type == tokenize.COMMENT and not PRAGMA.match(token.string):
            text = token.string.removeprefix("#").strip()
            start = line_start(lines, token.start[0]) + token.start[1]
            kind: Kind = "comment of a blank" if text in of_blanks else "comment"
            yield Spot(start, start + len(token.string), kind, text)


def docstrings(code: str, tree: ast.Module) -> Iterator[Spot]:
    """What functions and classes say about themselves, a paragraph a line."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            (first, *_) = node.body
            assert isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            paragraphs = inspect.cleandoc(str(first.value.value)).split("\n\n")
            text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
            yield Spot(*span_of(code, first.value), "docstring", text)


def strings(code: str, tree: ast.Module) -> Iterator[Spot]:
    """The strings that a person reads."""
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
        for value, kind in shown(node):
            start, end = span_of(code, value)
            literal = literals.read(code[start:end])
            template = isinstance(value, ast.JoinedStr) or is_format(value, node)
            many = kind == "printed text" and len(node.args) > 1
            note = f"{NOTES[kind]}: {ast.unparse(node)}" if many else ""
            yield Spot(start, end, kind, literal.text, literal, template, note)
    for value in looped(tree):
        start, end = span_of(code, value)
        literal = literals.read(code[start:end])
        yield Spot(start, end, "printed text", literal.text, literal, False, "a name in a list that a cell prints")


def shown(call: ast.Call) -> Iterator[tuple[ast.expr, Kind]]:
    """The literals that a call only shows: what's printed, and the words of a figure."""
    name = ast.unparse(call.func)
    if name == "print":
        for argument in call.args:
            yield from ((node, "printed text") for node in direct(argument))
    elif FIGURES.fullmatch(name):
        for argument in call.args:
            yield from ((node, "label") for node in labels(argument))
        for keyword in call.keywords:
            if keyword.arg in KEYWORDS:
                yield from ((node, KEYWORDS[keyword.arg]) for node in direct(keyword.value))
            elif keyword.arg in LABELS:
                yield from ((node, "label") for node in labels(keyword.value))


def direct(node: ast.expr) -> Iterator[ast.expr]:
    """The literals that a value consists of: itself, the sides of a choice or of a sum, the text of `.format(...)`."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
    elif isinstance(node, ast.IfExp):
        yield from (*direct(node.body), *direct(node.orelse))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (*direct(node.left), *direct(node.right))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        yield from direct(node.func.value)


def labels(node: ast.expr) -> Iterator[ast.expr]:
    """The literals in a list of labels, or the names in a dictionary of lines. A lone string is a row of characters."""
    if isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield from labels(element.value) if isinstance(element, ast.Starred) else direct(element)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp):
        yield from direct(node.elt)
        for loop in node.generators:
            if only_shown(loop.target, node):
                yield from labels(loop.iter)
    elif isinstance(node, ast.Dict):
        for key in node.keys:
            yield from direct(key) if key is not None else ()
    elif isinstance(node, ast.DictComp):
        yield from direct(node.key)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (*labels(node.left), *labels(node.right))


def looped(tree: ast.Module) -> Iterator[ast.expr]:
    """The names in the list that a loop walks over, if the loop's variable is printed and used for nothing else."""
    for loop in (each for each in ast.walk(tree) if isinstance(each, ast.For)):
        targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
        for place, target in enumerate(targets):
            column = [row[place] for row in rows(loop.iter, len(targets)) if place < len(row)]
            literal = all(isinstance(value, ast.Constant) and isinstance(value.value, str) for value in column)
            if isinstance(target, ast.Name) and literal and only_printed(target.id, tree):
                yield from column


def rows(node: ast.expr, width: int) -> Iterator[list[ast.expr]]:
    """The rows that a loop over a literal gives to so many variables; none for anything else."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "enumerate" and len(node.args) == 1 and width == 2:
        yield from ([node, *row] for row in rows(node.args[0], 1))
    elif isinstance(node, ast.List | ast.Tuple):
        for element in node.elts:
            yield list(element.elts) if isinstance(element, ast.Tuple) and width > 1 else [element]


def only_printed(name: str, tree: ast.Module) -> bool:
    """Whether a loop's variable is only ever an argument of `print`, or filled into one as it is, without quotes."""
    uses = sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))
    printed = 0
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"):
        texts = [node for argument in call.args for node in direct(argument) if isinstance(node, ast.JoinedStr)]
        filled = [part for text in texts for part in text.values if isinstance(part, ast.FormattedValue)]
        values = [*call.args, *(part.value for part in filled if part.conversion != ord("r"))]
        printed += sum(isinstance(value, ast.Name) and value.id == name for value in values)
    return printed > 0 and uses == printed + 1


def only_shown(target: ast.expr, node: ast.ListComp | ast.GeneratorExp) -> bool:
    """Whether a comprehension's variable goes into the texts it makes, and nowhere else."""
    if not (isinstance(target, ast.Name) and isinstance(node.elt, ast.JoinedStr)):
        return False
    inside = [part.value for part in node.elt.values if isinstance(part, ast.FormattedValue)]
    uses = [part for part in ast.walk(node) if isinstance(part, ast.Name) and part.id == target.id]
    return len(uses) - 1 == sum(isinstance(part, ast.Name) and part.id == target.id for part in inside)


def is_format(value: ast.expr, call: ast.Call) -> bool:
    """Whether a plain string is the text of a `.format(...)` in this call, so that its braces are placeholders."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "format" and value in direct(node.value)
        for node in ast.walk(call)
    )


def source_of(spot: Spot, text: str, code: str, wrap: bool) -> str:
    """The source of a translated text, to stand where the English one does."""
    line = code.rfind("\n", 0, spot.start) + 1
    column = spot.start - line
    if spot.literal is not None:
        indent = len(code[line:]) - len(code[line:].lstrip(" "))
        return literals.write(replace(spot.literal, text=text), column, indent or 4)
    if spot.kind != "docstring":
        return f"# {text}"
    room = LINE - column
    paragraphs = [
        fold(paragraph, room - (3 if number == 0 else 0)) if wrap else [paragraph]
        for number, paragraph in enumerate(text.split("\n\n"))
    ]
    if wrap and len(paragraphs) == 1 and len(paragraphs[0]) == 1:
        paragraphs = [fold(text, room - 6)]
    lines = [line for paragraph in paragraphs for line in (*paragraph, "")][:-1]
    body = lines[0] + "".join(f"\n{' ' * column}{line}".rstrip(" ") for line in lines[1:])
    body = body.replace("\\", "\\\\")
    if '"""' in body or body.endswith('"'):
        body = body.replace('"', '\\"')
    alone = "\n" in body or code[spot.start : spot.end].rstrip('"').endswith(" ")
    end = f"\n{' ' * column}" if alone else ""
    return f'"""{body}{end}"""'
