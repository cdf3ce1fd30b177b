"""String literals in source: read as one text, and written again so that Python reads that text.

    f"{count:,} lines, "        one literal in two pieces         "{count:,} lines, {share:.0%} of them empty"
    f"{share:.0%} of them empty"                      --read-->
                                                      <--write--

An f-string's text is a template: placeholders are the source of their expressions, and its own braces are doubled.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

PIECE = re.compile(
    r"(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\"\"\"|'''|[\"'])(?P<body>(?:\\.|(?!(?P=quote)).)*)(?P=quote)", re.DOTALL
)
BETWEEN = re.compile(r"(?:\s|\\\n)*")
LINE = 120
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
WIDE = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
UNIT = re.compile(rf"[{WIDE}]|[^\s{WIDE}]*\s+|[^\s{WIDE}]+")
PART = re.compile(r"(?P<braces>\{\{|\}\})|(?P<hole>\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})|(?P<text>[^{}]+)")


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal's text, whether it's an f-string, and the quote that its first piece uses."""

    text: str
    formatted: bool
    quote: str


def read(source: str) -> Literal:
    """The literal that a piece of source is.

    Raises:
        ValueError: it's something else, or has comments between its pieces.
    """
    pieces: list[re.Match[str]] = []
    at = 0
    while at < len(source):
        piece = PIECE.match(source, at)
        if piece is None or "b" in piece["prefix"].lower():
            raise ValueError(f"not a string: {source!r}")
        pieces.append(piece)
        between = BETWEEN.match(source, piece.end())
        assert between is not None
        at = between.end()
    formatted = any("f" in piece["prefix"].lower() for piece in pieces)
    return Literal("".join(text_of(piece, formatted) for piece in pieces), formatted, pieces[0]["quote"][0])


def text_of(piece: re.Match[str], formatted: bool) -> str:
    """The text of one piece; as part of a template if the whole is an f-string."""
    if "f" not in piece["prefix"].lower():
        text = str(ast.literal_eval(piece[0]))
        return text.replace("{", "{{").replace("}", "}}") if formatted else text
    raw = "r" if "r" in piece["prefix"].lower() else ""
    return "".join(
        part if kind == "hole" else str(ast.literal_eval(f"{raw}{piece['quote']}{part}{piece['quote']}"))
        for kind, part in parts(piece["body"])
    )


def parts(template: str) -> Iterator[tuple[str, str]]:
    """The parts of a template, each a `hole`, doubled `braces` or `text`.

    Raises:
        ValueError: a brace isn't closed.
    """
    at = 0
    while at < len(template):
        part = PART.match(template, at)
        if part is None:
            raise ValueError(f"a brace isn't closed: {template!r}")
        yield str(part.lastgroup), part[0]
        at = part.end()


def holes(template: str) -> list[str]:
    """The placeholders of a template, in order.

    Raises:
        ValueError: a brace isn't closed.
    """
    return [part for kind, part in parts(template) if kind == "hole"]


def write(literal: Literal, column: int, indent: int) -> str:
    """The source of a literal that starts at this column, inside brackets; if it's long, in pieces, indented below.

    Raises:
        ValueError: a brace isn't closed.
    """
    whole = one_piece(literal.text, literal.formatted, literal.quote)
    if column + cell_len(whole) + 2 <= LINE:
        return whole
    texts = broken(literal, LINE - column - 5, LINE - indent - 5)
    marked = [literal.formatted and ("{" in text or "}" in text) for text in texts]
    marked[0] |= literal.formatted and not any(marked)
    found = [one_piece(text, mark, literal.quote) for text, mark in zip(texts, marked, strict=True)]
    return ("\n" + " " * indent).join(found)


def broken(literal: Literal, first: int, later: int) -> list[str]:
    """A long text in pieces of so many columns: between words, or where there are none, between wide characters."""
    pieces = [""]
    for unit in units(literal):
        room = later if len(pieces) > 1 else first
        if pieces[-1] and cell_len(pieces[-1]) + cell_len(unit) > room:
            pieces.append("")
        pieces[-1] += unit
    return pieces


def units(literal: Literal) -> Iterator[str]:
    """What mustn't be broken: a placeholder, a word with the space after it, a wide character."""
    for kind, part in parts(literal.text) if literal.formatted else [("text", literal.text)]:
        if kind == "text":
            yield from UNIT.findall(part)
        else:
            yield part


def one_piece(text: str, formatted: bool, quote: str) -> str:
    """One piece of source for a text. A placeholder can't have the piece's own quote in it."""
    inside = "".join(holes(text)) if formatted else ""
    other = "'" if quote == '"' else '"'
    if quote in inside or (quote in text and other not in text):
        quote = other
    found = list(parts(text)) if formatted else [("text", text)]
    body = "".join(part if kind == "hole" else escaped(part, quote) for kind, part in found)
    return f"{'f' if formatted else ''}{quote}{body}{quote}"


def escaped(text: str, quote: str) -> str:
    """A text as it stands between quotes."""
    escapes = ESCAPES | {quote: f"\\{quote}"}
    return "".join(
        escapes.get(each) or (each if each.isprintable() else each.encode("unicode_escape").decode()) for each in text
    )


def same_holes(template: str, other: str) -> bool:
    """Whether two templates have the same placeholders, each as often."""
    try:
        return sorted(holes(template)) == sorted(holes(other))
    except ValueError:
        return False
