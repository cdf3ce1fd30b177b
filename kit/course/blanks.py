"""Blanks: which part of a finished cell the learner writes.

A blank is a span of the finished code. The todo is the same code with `____` there:

    score = torch.dot(query, key)  # blank: how alike      the author's
    score = torch.dot(query, key)  # how alike             finished
            ^^^^^^^^^^^^^^^^^^^^^
    score = ____  # how alike                              todo
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kit.course.syntax import without_magics
from kit.errors import KitError

SENTINEL = "____"
SENTINEL_WORD = re.compile(r"(?<!\w)____(?!\w)")
BLANK_COMMENT = re.compile(r"#\s*blank\b(?P<rest>.*)$")
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)


@dataclass(frozen=True, slots=True)
class Blank:
    """A span `start:end` of the finished code, its line in the cell (from 1), and the comment beside it."""

    start: int
    end: int
    line: int
    comment: str = ""


def tokens(code: str) -> list[tokenize.TokenInfo]:
    """The tokens of `code`.

    Raises:
        SyntaxError: a bracket or a string isn't closed.
    """
    try:
        return list(tokenize.generate_tokens(io.StringIO(code).readline))
    except tokenize.TokenError as error:
        raise SyntaxError(str(error.args[0])) from error


def has_sentinel(code: str) -> bool:
    """Whether `____` is used in the code, as a name or an attribute; comments and strings don't count."""
    return bool(sentinel_lines(code))


def sentinel_lines(code: str) -> list[int]:
    """The 1-based lines on which a blank is still empty."""
    if SENTINEL not in code:
        return []
    code = without_magics(code)
    try:
        found = {token.start[0] for token in tokens(code) if token.type == tokenize.NAME and token.string == SENTINEL}
    except SyntaxError:
        lines = enumerate(code.split("\n"), 1)
        found = {number for number, line in lines if SENTINEL_WORD.search(line.split("#")[0])}
    return sorted(found)


def fill(code: str, blanks: Iterable[Blank], texts: Iterable[str]) -> str:
    """The code with each blank's span replaced by its text."""
    for blank, text in sorted(zip(blanks, texts, strict=True), key=lambda pair: -pair[0].start):
        code = code[: blank.start] + text + code[blank.end :]
    return code


def empty(code: str, blanks: Sequence[Blank]) -> str:
    """The todo of finished code."""
    return fill(code, blanks, [SENTINEL] * len(blanks))


def span_of(code: str, node: ast.expr) -> tuple[int, int]:
    """Where an expression of `code` starts and ends, in characters."""
    assert node.end_lineno is not None and node.end_col_offset is not None
    lines = code.split("\n")

    def offset(line: int, column: int) -> int:  # `ast` counts columns in bytes of UTF-8
        return line_start(lines, line) + len(lines[line - 1].encode()[:column].decode())

    return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)


def line_start(lines: Sequence[str], number: int) -> int:
    """Where the line with this 1-based number starts in the code, in characters."""
    return sum(len(line) + 1 for line in lines[: number - 1])


def parse_blanks(marked: str, path: str, first_line: int) -> tuple[str, tuple[Blank, ...]]:
    """The finished code and its blanks, from code with `# blank` comments, which starts at `first_line` of its file.

    Raises:
        KitError: `path:line`, what's wrong and the rule.
    """
    lines = marked.split("\n")
    marks: dict[int, tuple[list[str], str]] = {}  # by line: the parts it names, and its comment
    try:
        for token in tokens(marked):
            found = BLANK_COMMENT.fullmatch(token.string) if token.type == tokenize.COMMENT else None
            if found:
                number, column = token.start
                marks[number] = split_comment(found["rest"], f"{path}:{first_line + number - 1}")
                lines[number - 1] = lines[number - 1][:column].rstrip()
        bare = list(lines)
        for number, (_, comment) in marks.items():
            lines[number - 1] += f"  # {comment}" if comment else ""
        code = "\n".join(lines)
        tree, words = ast.parse(code), tokens(code)
    except SyntaxError as error:
        line = first_line + (error.lineno or 1) - 1
        raise KitError(f"this cell isn't Python: {error.msg}", f"{path}:{line}") from error

    blanks: list[Blank] = []
    for number, (parts, comment) in marks.items():
        where = f"{path}:{first_line + number - 1}"
        if parts:
            start = line_start(lines, number)
            starts = {word.start[1] for word in words if word.start[0] == number}
            ends = {word.end[1] for word in words if word.end[0] == number}
            for left, right in find_parts(parts, bare[number - 1], starts, ends, where):
                blanks.append(Blank(start + left, start + right, number, comment))
        else:
            value = value_of(tree, number, where)
            blanks.append(Blank(*span_of(code, value), value.lineno, comment))
    for blank in blanks:
        check_hidden(code, blank, f"{path}:{first_line + blank.line - 1}")
    return code, tuple(blanks)


def split_comment(rest: str, where: str) -> tuple[list[str], str]:
    """What comes after `# blank`: ` [a] [b[0]]: why` -> `(["a", "b[0]"], "why")`.

    Raises:
        KitError: brackets don't match, or there's something else.
    """
    parts, depth, start = list[str](), 0, 0
    comment = ""
    for place, character in enumerate(rest):
        if character == "[":
            depth += 1
            start = place + 1 if depth == 1 else start
        elif character == "]":
            depth -= 1
            if depth == 0:
                parts.append(rest[start:place])
        elif depth == 0 and character == ":":
            comment = rest[place + 1 :].strip()
            break
        elif depth == 0 and not character.isspace():
            raise KitError("after `# blank` come `[parts]`, then a colon and a comment, or nothing", where)
        if depth < 0:
            break
    if depth != 0 or not all(part.strip() for part in parts):
        raise KitError("the brackets of `# blank [part]` must match and can't be empty", where)
    return parts, comment


def find_parts(
    parts: Iterable[str], line: str, starts: Container[int], ends: Container[int], where: str
) -> Iterator[tuple[int, int]]:
    """The columns where each part starts and ends. `starts` and `ends` are those of the line's tokens.

    Raises:
        KitError: a part isn't in the line exactly once, as whole tokens, after the part before it.
    """
    after = 0
    for part in parts:
        columns = [found.start() for found in re.finditer(f"(?={re.escape(part)})", line)]
        columns = [column for column in columns if column in starts and column + len(part) in ends]
        if len(columns) != 1:
            raise KitError(f"`[{part}]` occurs {len(columns)} times in its line; it must occur exactly once", where)
        if columns[0] < after:
            raise KitError(f"`[{part}]` overlaps the part named before it, or should be named before that one", where)
        after = columns[0] + len(part)
        yield columns[0], after


def value_of(tree: ast.Module, line: int, where: str) -> ast.expr:
    """What a bare `# blank` on this line hides: the value of an assignment, a `return` or a lone expression.

    Raises:
        KitError: no such statement ends on the line.
    """
    ending = [node for node in ast.walk(tree) if isinstance(node, SIMPLE) and node.end_lineno == line]
    if len(ending) != 1 or ending[0].value is None:
        raise KitError(
            "`# blank` hides the value of an assignment, a `return` or a lone expression that ends on its line; "
            "elsewhere name the part: `# blank [part]`",
            where,
        )
    return ending[0].value


def check_hidden(code: str, blank: Blank, where: str) -> None:
    """Make sure that a blank hides an expression, or the name after a dot, so that the todo parses.

    Raises:
        KitError: it doesn't.
    """
    hidden = code[blank.start : blank.end]
    if code[: blank.start].endswith(".") and hidden.isidentifier():
        return
    try:
        ast.parse(f"({hidden})", mode="eval")
        ast.parse(empty(code, [blank]))
    except SyntaxError as error:
        raise KitError(f"`{hidden}` isn't an expression; a blank hides one, so that the todo parses", where) from error
