"""The numbers that a chapter's prose states, and where each one is backed: an output, the code, or a computation.

text cells --stated--> numbers
code cells, run --run_chapter--> what they print, and the names that they leave
"""

from __future__ import annotations

import ast
import contextlib
import io
import math
import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from kit.course.chapter import Chapter, Code, Text

NUMBER = re.compile(r"(?<![\w.,/:#-])[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e-?\d+)?(?![\w/]|[.,:]\d)")
APART = (  # what isn't a statement
    re.compile(r"```.*?```", re.DOTALL),
    re.compile(r"^#+ .*$", re.MULTILINE),  # headings: their minutes are tested elsewhere
    re.compile(r"^- \[ \].*$", re.MULTILINE),
    re.compile(r"\bchapters? \d\d(?:(?:,| and| to| or) \d\d)*"),
    re.compile(r"\b\d\d\.(?:\d\d|r\d)\b"),
    re.compile(r"https?://\S+"),
)
INLINE = re.compile(r"`((?:[^`\n]|\n(?!\s*\n))*)`")
IS_CODE = re.compile(r"[A-Za-z_(\[]")  # it runs or is about to be written, and figures alone are a statement
SMALL = 12  # numbers up to this one count things on the page, as words would
PRINTED = re.compile(r"[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?")


def stated(chapter: Chapter) -> Iterator[tuple[str, int]]:
    """The numbers in a chapter's text cells, as they're written, and the line of each in the source."""
    for cell in chapter.cells:
        if isinstance(cell, Text):
            text = cell.source
            for pattern in APART:
                text = pattern.sub(blanked, text)
            text = INLINE.sub(lambda found: blanked(found) if IS_CODE.search(found[1]) else found[0], text)
            for found in NUMBER.finditer(text):
                if abs(value_of(found[0])) > SMALL or "." in found[0]:
                    yield found[0], cell.line + text.count("\n", 0, found.start())


def blanked(found: re.Match[str]) -> str:
    """Spaces in place of what was found; the lines stay."""
    return re.sub(r"[^\n]", " ", found[0])


def value_of(number: str) -> float:
    """A written number's value."""
    return float(number.replace(",", "").replace("−", "-"))


def decimals(number: str) -> int:
    """How many digits a written number has after its point."""
    return len(number.partition("e")[0].partition(".")[2])


def printed(text: str) -> set[float]:
    """All the numbers in an output."""
    return {value_of(found) for found in PRINTED.findall(text)}


def in_code(chapter: Chapter) -> set[float]:
    """All the numbers in a chapter's code, and the minutes that it and its challenge take."""
    minutes = {float(chapter.entry.minutes)} | {
        value_of(text) for e in chapter.exercises for text in NUMBER.findall(e.challenge)
    }
    trees = [ast.parse(cell.code) for cell in chapter.cells if isinstance(cell, Code)]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return minutes | {float(node.value) for node in nodes if isinstance(node.value, int | float)}


def says(number: str, exact: float) -> bool:
    """Whether a written number is another one, rounded to as many digits; a share may be written in percent."""
    written, half = value_of(number), 0.5 * 10 ** -decimals(number)
    near = (exact, -exact, 100 * exact, 100 - 100 * exact)
    return any(math.isclose(written, one, rel_tol=1e-12, abs_tol=1.001 * half) for one in near)


def backed(number: str, printed_numbers: Iterable[float], code_numbers: Container[float]) -> bool:
    """Whether a written number stands in the code, or is one that was printed, rounded.

    Between `SMALL` and 100, a whole number must have been printed as it is, or as a share: too many round to it.
    """
    written = value_of(number)
    if written in code_numbers:
        return True
    if "." in number or abs(written) >= 100:
        return any(says(number, one) for one in printed_numbers)
    return any(abs(one) == abs(written) or (abs(one) <= 1 and says(number, one)) for one in printed_numbers)


def run_chapter(
    codes: Sequence[str], computations: Mapping[str, str], folder: Path, environment: Mapping[str, str]
) -> tuple[str, dict[str, float]]:
    """What the code cells print when run one after another, and what these expressions give after the last.

    Raises:
        Exception: whatever a cell or an expression raised.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("forkserver")) as pool:
        return pool.submit(run_here, codes, computations, folder, environment).result()


def run_here(
    codes: Sequence[str], computations: Mapping[str, str], folder: Path, environment: Mapping[str, str]
) -> tuple[str, dict[str, float]]:
    """The same in this process, which is no use for anything else afterwards."""
    os.chdir(folder)
    os.environ.update(environment)
    import torch

    torch.set_num_threads(1)
    state: dict[str, Any] = {"__name__": "__main__", "math": math}
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        for code in codes:
            exec(compile(code, "<chapter>", "exec"), state)
    return shown.getvalue(), {name: float(eval(text, state)) for name, text in computations.items()}
