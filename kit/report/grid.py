"""The cells of the page's map: students by chapters, each cell with bars and the same values as numbers.

A cell is one `<td>`: its bars are backgrounds whose heights come from classes, `a1` to `a9` for ticked, `b` for filled,
`e` for verified. The closing tag is left out, as HTML allows.
"""

from __future__ import annotations

import re
from statistics import median_low

from markupsafe import Markup, escape

from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.pairs.progress import ChapterProgress
from kit.report.counts import Counts, chapter_counts, is_unread
from kit.text import label

STEPS = 9  # heights of a bar
STEP = 2  # pixels
MAX_TOOLTIP = 80  # characters
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def heights() -> str:
    """The style sheet's lines for the bars' heights."""
    return "\n".join(f".{bar}{n}{{--{bar}:{n * STEP}px}}" for bar in "abe" for n in range(1, STEPS + 1))


def height(count: int, total: int) -> int:
    """The height of a bar in steps: 0 means none at all, `STEPS` means all."""
    return 0 if not count else STEPS if count >= total else max(1, min(STEPS - 1, count * STEPS // max(1, total)))


def cell(counts: Counts, with_verified: bool, flags: str = "", unread: bool = False) -> str:
    """A cell: ticked, filled and perhaps verified. `flags` is the tooltip of its `!`."""
    flag = f'<b title="{escape(flags)}">!</b>' if flags else ""
    if unread or not (counts.ticked or counts.filled):
        return f"<td class=z>{'?' if unread else '·'}{flag}"
    numbers = f"{counts.ticked:>2} {counts.filled:>2}"
    classes = [f"a{height(counts.ticked, counts.total)}", f"b{height(counts.filled, counts.total)}"]
    if with_verified:
        numbers += f" {'–' if counts.verified is None else counts.verified:>2}"
        classes.append(f"e{height(counts.verified or 0, counts.total)}")
    if (counts.verified or 0 if with_verified else counts.filled) >= counts.total:
        classes.append("k")
    return f'<td class="h {" ".join(classes)}">{numbers}{flag}'


def chapter_cell(outline: Outline, progress: ChapterProgress | None, with_verified: bool) -> str:
    """The cell of one student in one chapter."""
    if progress is None:
        return "<td>"
    flags = label("; ".join(map(str, progress.flags)), MAX_TOOLTIP)
    return cell(chapter_counts(outline, progress), with_verified, flags, is_unread(progress))


def breakable(title: str) -> Markup:
    """A chapter's title for a narrow column: `PositionEmbedding` may go on a second line after `Position`."""
    return Markup("<wbr>".join(escape(part) for part in CAPITAL.split(label(title))))


def median_cells(cohort: Cohort, with_verified: bool) -> Markup:
    """The cells of the median student, each chapter taken by itself."""
    cells = []
    for outline in cohort.shown:
        found = [chapter_counts(outline, f.chapters[outline.id]) for f in cohort.forks if outline.id in f.chapters]
        known = [counts.verified for counts in found if counts.verified is not None]
        numbers = Counts(
            len(outline.required),
            median_low([counts.ticked for counts in found] or [0]),
            median_low([counts.filled for counts in found] or [0]),
            median_low(known) if known else None,
        )
        cells.append(cell(numbers, with_verified))
    return Markup("".join(cells))
