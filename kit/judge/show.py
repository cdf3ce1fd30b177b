"""Verdicts for people: `to_text` and `to_html` take a verdict and the next step, `tell` prints them.

An outcome always has its word and its sign, never colour alone.
"""

from __future__ import annotations

import os
import re
import sys
from html import escape
from typing import TYPE_CHECKING, TextIO

from kit.i18n import told
from kit.terminal import terminal_width
from kit.wrap import is_wider, wrapped

if TYPE_CHECKING:
    from rich.text import Text

    from kit.judge.records import Outcome, Verdict

SIGNS: dict[Outcome, str] = {"passed": "✓", "failed": "✗", "blank": "○", "error": "!"}
COLOURS: dict[Outcome, str] = {"passed": "green", "failed": "red", "blank": "blue", "error": "magenta"}
COMMAND = re.compile(r"python scripts/\S+(?: (?:-\S+|[\d.TZ-]+\b))*|make \w+")
GLUE = "\0"
CODE = re.compile(r"`([^`\n]+)`")
SEVERAL = "this cell has more than one check; each judges the lines above it, down from the one before"
BORDERS: dict[Outcome, str] = {"passed": "#009e73", "failed": "#d55e00", "blank": "#56b4e9", "error": "#cc79a7"}


def coloured(stream: TextIO) -> bool:
    """Whether to write in colour there: it's a terminal that understands escape sequences, and `NO_COLOR` isn't set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in ("dumb", "unknown")


def fold(text: str, width: int) -> str:
    """Prose in lines of at most `width` columns; later lines are indented like the first one, or by two.

    A word longer than that stays whole, and so does one of our commands, since people copy those.
    """
    found = []
    for line in COMMAND.sub(lambda command: command[0].replace(" ", GLUE), text).split("\n"):
        head = line[: len(line) - len(line.lstrip())]
        found += wrapped(line, max(width, 20), head or "  ") if is_wider(line, width) else [line]
    return "\n".join(found).replace(GLUE, " ")


def print_folded(text: str) -> None:
    """Print prose in the language that is spoken, folded to the terminal's width, right away."""
    print(fold(told(text), terminal_width()), flush=True)


def word(outcome: Outcome) -> str:
    """An outcome in the language that is spoken."""
    return {"passed": told("passed"), "failed": told("failed"), "blank": told("blank"), "error": told("error")}[outcome]


def next_step(verdict: Verdict, ticked: bool = False) -> str:
    """What to do after this verdict, in one line; empty if it has passed and is `ticked`."""
    if verdict.outcome == "passed":
        return "" if ticked else told(f"tick it off: - [x] {verdict.id}")
    return told(f'stuck? hint("{verdict.id}")')


def to_text(verdict: Verdict, step: str = "", note: str = "") -> str:
    """A verdict in plain characters. `note` says what was judged, where that isn't plain to see."""
    message = f": {verdict.message}" if verdict.message else ""
    place = told(f" (line {verdict.line})") if verdict.outcome != "passed" else ""
    head = f"{SIGNS[verdict.outcome]} {verdict.id} {word(verdict.outcome)}{place}{message}"
    return "\n  ".join([head, *filter(None, (note, step))])


def to_rich(verdict: Verdict, text: str) -> Text:
    """A verdict's text for a terminal with colours; its head is in the outcome's colour."""
    from rich.text import Text

    said = word(verdict.outcome)
    head, _, rest = text.partition(said)
    colour = COLOURS[verdict.outcome]
    return Text.assemble((head, colour), (said, f"bold {colour}"), rest)


def tell(verdict: Verdict, step: str = "", note: str = "") -> None:
    """Print a verdict folded to the terminal's width, in colours if the terminal wants them."""
    text = to_text(verdict, step, note)
    if not coloured(sys.stdout):
        print_folded(text)
        return
    from rich.console import Console

    Console(highlight=False).print(to_rich(verdict, fold(text, terminal_width())), soft_wrap=True)


def marked(text: str) -> str:
    """A message as HTML, with its `code` as code."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def to_html(verdict: Verdict, step: str = "", note: str = "") -> str:
    """A verdict for a notebook: readable on a light or dark background, and in order for a screen reader."""
    line = told(f"line {verdict.line} of the cell")
    place = f" <small>{line}</small>" if verdict.outcome != "passed" else ""
    message = f"<div>{marked(verdict.message)}</div>" if verdict.message else ""
    footer = "".join(f"<div><small>{marked(line)}</small></div>" for line in (note, step) if line)
    return (
        f'<div role="status" style="border-left:4px solid {BORDERS[verdict.outcome]};padding:2px 10px;margin:4px 0">'
        f"<div>{SIGNS[verdict.outcome]} <b>{verdict.id} {word(verdict.outcome)}</b>{place}</div>{message}{footer}</div>"
    )
