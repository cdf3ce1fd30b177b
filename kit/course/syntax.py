"""A learner's cell as Python: without what only a notebook understands, and parsed so that it can't end the parser.

    cell --without_magics--> the same lines, a magic's empty --parse--> a tree, or SyntaxError and nothing else

Magics are `%timeit f(x)`, `!ls`, `len?`, `names = !ls`, `%%time` at the head. IPython takes such a line for one only
where a statement may start, and so do we: in a string, in brackets and after a backslash it stays. A `.py` keeps them
as comments, `# notebook: %timeit f(x)` (kit.pairs.convert).
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

PIECE = re.compile(
    r"#[^\n]*"
    r"|(?:\b[rRbBuU]?[fF][rR]?)?(?P<long>\"\"\"|''')(?:\\.|.)*?(?:(?P=long)|\Z)"
    r"|(?:\b[rRbBuU]?[fF][rR]?)?(?P<short>[\"'])(?:\\.|(?!(?P=short))[^\\\n])*(?:(?P=short)|(?=\n)|\Z)"
    r"|\\\n|[\n()\[\]{}]",
    re.DOTALL,
)
MAYBE = re.compile(r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*(?:#.*)?$", re.MULTILINE)
MAGIC = re.compile(
    r"[ \t]*(?:"
    r"[%!?]"  # %timeit x, !ls, ?len
    r"|[^\n=#\"'()]+=[ \t]*[%!](?!=)"  # names = !ls
    r"|[^\W\d][\w.*]*(?:\[-?\w+\])*\?\??[ \t]*(?:#[^\n]*)?(?=\n|\Z)"  # len?
    r")"
)
REST = re.compile(r"(?:[^\n]*\\\n)*[^\n]*")  # to the end of the line, and of those that it continues on
KEPT = "# notebook: "  # a magic in a `.py`
KEPT_TIME = re.compile(rf"{KEPT}[ \t]*%time[ \t]", re.MULTILINE)
TIMED = re.compile(rf"(?:{KEPT})?(?P<indent>[ \t]*)%time[ \t]+(?P<statement>[^\s-].*)", re.DOTALL)
NOT_BREAK = re.compile(r"[^\n]")
DEEP = "too many brackets or signs inside each other"


def magics(code: str, kept: bool = False) -> list[tuple[int, int]]:
    """Where each magic starts and ends, in characters; the line break isn't part of it. With `kept`, also `%time` in a
    comment."""
    if not (MAYBE.search(code) or (kept and KEPT in code)):
        return []
    found: list[tuple[int, int]] = []
    at, depth, starts = 0, 0, True  # `starts`: a statement may start here
    while at < len(code):
        if starts and (MAGIC.match(code, at) or (kept and KEPT_TIME.match(code, at))):
            rest = REST.match(code, at)
            assert rest is not None
            found.append(rest.span())
            at = rest.end()
        piece = PIECE.search(code, at)
        if piece is None:
            break
        at, text = piece.end(), piece[0]
        if text in "([{":
            depth += 1
        elif text in ")]}":
            depth = max(depth - 1, 0)
        starts = text == "\n" and depth == 0
    return found


def magic_lines(code: str) -> set[int]:
    """The lines, from 0, that belong to magics."""
    return {
        line for start, end in magics(code) for line in range(code.count("\n", 0, start), code.count("\n", 0, end) + 1)
    }


def without_magics(code: str) -> str:
    """The code with its magics' lines emptied. Of `%time y = f(x)` the statement stays: it gives `y` a value."""
    for start, end in reversed(magics(code, kept=True)):
        magic = code[start:end]
        timed = TIMED.fullmatch(magic)
        indent = magic[: len(magic) - len(magic.lstrip(" \t"))]
        plain = timed["indent"] + timed["statement"] if timed else f"{indent}pass" if indent else ""
        code = code[:start] + plain + "\n" * (magic.count("\n") - plain.count("\n")) + code[end:]
    return code


def parse(code: str, name: str = "<cell>") -> ast.Module:
    """The tree of a learner's cell. Magics are looked for only if it isn't Python as it is.

    Raises:
        SyntaxError: it isn't Python without them either, or it's nested more deeply than Python can parse.
    """
    try:
        try:
            return ast.parse(without_magics(code) if KEPT in code else code, name)
        except SyntaxError:
            plain = without_magics(code)
            if plain == code:
                raise
        return ast.parse(plain, name)
    except (RecursionError, MemoryError) as error:
        raise SyntaxError(DEEP) from error
    except ValueError as error:  # a null byte, in some versions
        raise SyntaxError(str(error)) from error


@lru_cache(maxsize=4096)  # a whole course has half as many cells, and a resident process reads it at each save
def code_alone(code: str) -> str:
    """The code with its comments and texts blanked out, each character by a space. f-strings stay: they hold code."""

    return PIECE.sub(lambda found: NOT_BREAK.sub(" ", found[0]) if found[0][0] in "#\"'" else found[0], code)
