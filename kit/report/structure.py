"""What an answer is made of, apart from what's easily changed: names of one's own, comments, spacing, quotes.

    cell --structure_of--> Structure: tokens, the names of its own, its comments

A stranger's cell is cut into tokens and never parsed: parsing can end a process, and cutting can't.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Collection
from dataclasses import dataclass

LONGEST = 20_000  # characters of a cell
LAYOUT = (tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER, tokenize.COMMENT)


@dataclass(frozen=True, slots=True)
class Structure:
    """An answer's tokens, with `name 1`, `name 2`, ... for names of its own; those names; its comments."""

    tokens: tuple[str, ...]
    names: tuple[str, ...]
    comments: tuple[str, ...]


def structure_of(cell: str, known: Collection[str]) -> Structure | None:
    """A cell's structure; None if it's no Python, or too long. `known` are names that everybody has."""
    if len(cell) > LONGEST:
        return None
    tokens: list[str] = []
    names: dict[str, str] = {}
    comments: list[str] = []
    line_begins = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(cell).readline):
            if token.type == tokenize.COMMENT:
                comments.append(" ".join(token.string.lstrip("#").split()))
            if token.type in LAYOUT:
                continue
            text = token.string
            if token.type == tokenize.NAME and not keyword.iskeyword(text) and text not in known:
                text = names.setdefault(text, f"name {len(names) + 1}")
            elif token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
                text = tokenize.tok_name[token.type]
            elif token.type == tokenize.STRING:
                if line_begins:  # a docstring, or a remark in quotes
                    continue
                text = text.replace('"', "'")
            line_begins = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
            tokens.append(text)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
    return Structure(tuple(tokens), tuple(names), tuple(filter(None, comments)))
