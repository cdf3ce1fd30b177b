"""Texts side by side, each below its heading: in a notebook as columns of a page, anywhere else as columns of print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from itertools import zip_longest

from rich.cells import cell_len

from kit.wrap import padded, wrapped
from workshop.here import in_notebook

WIDTH = 36  # columns of a terminal, for one of ours
GAP = "   "
PAGE = '<div style="display:flex;flex-wrap:wrap;gap:0 2em">{columns}</div>'
COLUMN = (
    '<div style="flex:1 1 15em"><strong>{heading}</strong>'
    '<pre style="margin:0.3em 0 1em;white-space:pre-wrap;overflow-wrap:anywhere">{text}</pre></div>'
)


def show(texts: Mapping[str, str]) -> None:
    """Show texts side by side, by their headings."""
    print_out = "\n".join(rows(texts))
    if not in_notebook():
        print(print_out)
        return
    from IPython.display import display

    display({"text/html": html(texts), "text/plain": print_out}, raw=True)  # type: ignore[no-untyped-call]


def html(texts: Mapping[str, str]) -> str:
    """The columns of a page; on a narrow one they move below each other."""
    columns = (COLUMN.format(heading=escape(heading), text=escape(text)) for heading, text in texts.items())
    return PAGE.format(columns="".join(columns))


def rows(texts: Mapping[str, str]) -> Iterator[str]:
    """The lines of print; what's too long for its column goes on below."""
    columns = [[heading, "-" * cell_len(heading), *broken(text)] for heading, text in texts.items()]
    for cells in zip_longest(*columns, fillvalue=""):
        yield GAP.join(padded(cell, WIDTH) for cell in cells).rstrip()


def broken(text: str) -> list[str]:
    """A text's lines, none wider than a column."""
    return [part for line in text.split("\n") for part in wrapped(line, WIDTH, whole_words=False) or [""]]
