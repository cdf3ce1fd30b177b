"""Blanks: which part of a finished cell is the learner's to write.

A blank is a span of the finished code. The todo is the same code with `____` in its place:

    score = torch.dot(query, key)  # how alike      finished
            ^^^^^^^^^^^^^^^^^^^^^
    score = ____  # how alike                       todo
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.errors import KitError

SENTINEL = "____"
MARK = re.compile(r"#\s*blank\b(?P<rest>.*)$")
SENTINEL_WORD = re.compile(r"(?<!\w)____(?!\w)")
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)


@dataclass(frozen=True, slots=True)
class Blank:
    """A span `start:end` of the finished code, and the comment that stays beside it.

    `line` counts from 1 within the cell; `whole` tells that it is its statement's value, not a named part.
    """

    start: int
    end: int
    line: int
    comment: str = ""
    whole: bool = True


def tokens(code: str) -> list[tokenize.TokenInfo]:
    """The tokens of `code`.

    Raises:
        SyntaxError: the code does not end well.
    """
    try:
        return list(tokenize.generate_tokens(io.StringIO(code).readline))
    except tokenize.TokenError as error:
        raise SyntaxError(str(error.args[0])) from error


def offsets(code: str) -> list[int]:
    """For each 1-based line, the offset of its first character (index 0 is unused)."""
    starts = [0, 0]
    for line in code.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def has_sentinel(code: str) -> bool:
    """Whether `____` is used in the code, as a name or an attribute, and not in a comment or a string."""
    if SENTINEL not in code:
        return False
    try:
        return any(token.type == tokenize.NAME and token.string == SENTINEL for token in tokens(code))
    except SyntaxError:
        return any(SENTINEL_WORD.search(line.split("#")[0]) for line in code.split("\n"))


def sentinel_lines(code: str) -> list[int]:
    """The 1-based lines on which a blank is still empty."""
    if SENTINEL not in code:
        return []
    try:
        found = [t.start[0] for t in tokens(code) if t.type == tokenize.NAME and t.string == SENTINEL]
    except SyntaxError:
        found = [n for n, line in enumerate(code.split("\n"), 1) if SENTINEL_WORD.search(line.split("#")[0])]
    return sorted(set(found))


def split_mark(rest: str, where: str) -> tuple[list[str], str]:
    """What stands after `# blank`: ` [a] [b[0]]: why` -> `(["a", "b[0]"], "why")`.

    Raises:
        KitError: brackets do not match, or something else stands there.
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
        raise KitError("the brackets of `# blank [part]` must match and hold something", where)
    return parts, comment


def find_part(part: str, line: str, base: int, after: int, boundaries: tuple[set[int], set[int]], where: str) -> int:
    """The offset of `part` in the code: once in its line, from token to token, behind the part before it."""
    starts, ends = boundaries
    places = [
        base + found.start()
        for found in re.finditer(f"(?={re.escape(part)})", line)
        if base + found.start() in starts and base + found.start() + len(part) in ends
    ]
    if len(places) != 1:
        raise KitError(f"`[{part}]` occurs {len(places)} times in its line; it must occur exactly once", where)
    if places[0] < after:
        raise KitError(f"`[{part}]` overlaps or stands before the part named before it", where)
    return places[0]


def value_of(tree: ast.Module, line: int, where: str) -> ast.expr:
    """What a bare `# blank` on this line hides: an assignment's, a return's or an expression's value."""
    ending = [node for node in ast.walk(tree) if isinstance(node, SIMPLE) and node.end_lineno == line]
    if len(ending) != 1 or ending[0].value is None:
        raise KitError(
            "`# blank` hides the value of an assignment, a `return` or a lone expression that ends on its line; "
            "elsewhere name the part: `# blank [part]`",
            where,
        )
    return ending[0].value


def parse_blanks(marked: str, path: str, first_line: int) -> tuple[str, tuple[Blank, ...]]:
    """The finished code and its blanks, from code with `# blank` comments.

    `first_line` is the line of the file at which the code starts.

    Raises:
        KitError: with `path:line: what, and the rule`.
    """
    marks: dict[int, tuple[int, list[str], str]] = {}
    try:
        for token in tokens(marked):
            found = MARK.fullmatch(token.string) if token.type == tokenize.COMMENT else None
            if found:
                where = f"{path}:{first_line + token.start[0] - 1}"
                marks[token.start[0]] = (token.start[1], *split_mark(found["rest"], where))
    except SyntaxError as error:
        raise KitError(
            f"this cell is not Python: {error.msg}", f"{path}:{first_line + (error.lineno or 1) - 1}"
        ) from error

    lines = marked.split("\n")
    for number, (column, _, comment) in marks.items():
        lines[number - 1] = lines[number - 1][:column].rstrip() + (f"  # {comment}" if comment else "")
    code = "\n".join(lines)
    starts = offsets(code)
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise KitError(
            f"this cell is not Python: {error.msg}", f"{path}:{first_line + (error.lineno or 1) - 1}"
        ) from error

    words = [token for token in tokens(code) if token.string.strip()]
    boundaries = (
        {starts[t.start[0]] + t.start[1] for t in words},
        {starts[t.end[0]] + t.end[1] for t in words},
    )
    blanks: list[Blank] = []
    for number, (_, parts, comment) in sorted(marks.items()):
        where = f"{path}:{first_line + number - 1}"
        if not parts:
            value = value_of(tree, number, where)
            span = (
                offset_of(code, starts, value.lineno, value.col_offset),
                offset_of(code, starts, value.end_lineno, value.end_col_offset),
            )
            blanks.append(Blank(*span, value.lineno, comment))
            continue
        after, text = 0, lines[number - 1]
        visible = text.removesuffix(f"  # {comment}") if comment else text
        for part in parts:
            start = find_part(part, visible, starts[number], after, boundaries, where)
            after = start + len(part)
            blanks.append(Blank(start, after, number, comment, whole=False))
    for blank in blanks:
        check_hidden(code, blank, f"{path}:{first_line + blank.line - 1}")
    return code, tuple(blanks)


def offset_of(code: str, starts: Sequence[int], line: int | None, column: int | None) -> int:
    """The offset of an `ast` position, whose column counts bytes of UTF-8."""
    assert line is not None
    assert column is not None
    text = code[starts[line] : starts[line + 1] - 1 if line + 1 < len(starts) else len(code)]
    return starts[line] + len(text.encode()[:column].decode())


def check_hidden(code: str, blank: Blank, where: str) -> None:
    """A todo must parse, and what it hides must be an expression or the name after a dot."""
    hidden = code[blank.start : blank.end]
    if code[: blank.start].endswith(".") and hidden.isidentifier():
        return
    try:
        ast.parse(f"({hidden})", mode="eval")
        ast.parse(fill(code, [blank], [SENTINEL]))
    except SyntaxError as error:
        raise KitError(f"`{hidden}` is no expression; a blank hides one, so that the todo parses", where) from error


def fill(code: str, blanks: Iterable[Blank], texts: Iterable[str]) -> str:
    """The code with each blank's span replaced by its text. `fill(code, blanks, ["____"] * n)` is the todo."""
    for blank, text in sorted(zip(blanks, texts, strict=True), key=lambda pair: -pair[0].start):
        code = code[: blank.start] + text + code[blank.end :]
    return code


def empty(code: str, blanks: Sequence[Blank]) -> str:
    """The todo of a finished code."""
    return fill(code, blanks, [SENTINEL] * len(blanks))


def add_markers(code: str, blanks: Sequence[Blank]) -> str:
    """The code as its author writes it, with `# blank` comments: what `parse_blanks` reads."""
    lines = code.split("\n")
    by_line: dict[int, list[Blank]] = {}
    for blank in blanks:
        by_line.setdefault(code.count("\n", 0, blank.end) + 1, []).append(blank)
    for number, group in by_line.items():
        comment = group[0].comment
        body = lines[number - 1].removesuffix(f"  # {comment}") if comment else lines[number - 1]
        parts = "".join(f" [{code[b.start : b.end]}]" for b in group if not b.whole)
        lines[number - 1] = f"{body}  # blank{parts}" + (f": {comment}" if comment else "")
    return "\n".join(lines)
