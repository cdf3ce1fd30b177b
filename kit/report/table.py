"""A cohort as a table for a terminal: a line for each fork, a column for each chapter, and a legend.

Where there's room, a chapter reads `12/10` (ticked, filled); otherwise it's one sign. Nothing relies on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.forks.records import Fork
from kit.pairs.progress import ChapterProgress
from kit.report.concerns import concerns
from kit.report.counts import cell_text, chapter_counts, fork_counts, is_unread, roster_titles, summary
from kit.report.options import RenderOptions
from kit.wrap import wrapped

SIGN, NOTES, MAX_EXTRA, MAX_NAME = 2, 30, 20, 24  # widths, in columns of a terminal; notes take at least so many
INDENT = "    "  # of notes that are below their line
WIDE_LEGEND = "/9: 9 exercises · 5/3: 5 ticked, 3 filled · !: see the notes · ?: couldn't be read"
NARROW_LEGEND = "· ¼ ½ ¾ █: how much is filled · ✓: all ticked · !: see the notes · ?: couldn't be read"
VERIFIED_LEGEND = "5/3/2: 2 of those 3 pass"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its two lines of title, a cell for each fork, and its width."""

    titles: tuple[str, str]
    cells: list[str]
    width: int
    right: bool = False


def narrow_cell(outline: Outline, progress: ChapterProgress | None) -> str:
    """One sign for the share of exercises filled (once verified, passed), then `!` if flagged or `✓` if all ticked."""
    if progress is None:
        return ""
    counts = chapter_counts(outline, progress)
    counted = counts.filled if counts.verified is None else counts.verified
    share = counted / max(1, counts.total)
    some = "█" if share == 1 else "¾" if share >= 0.75 else "½" if share >= 0.5 else "¼"
    sign = "?" if is_unread(progress) else some if share else "·"
    return sign + ("!" if progress.flags else "✓" if counts.ticked == counts.total else " ")


def notes_on(fork: Fork) -> str:
    """What to know about a fork: where its student is stuck, then what else to look at."""
    stuck = ", ".join(one.id for one in fork.history.stuck) if fork.history else ""
    return "; ".join(filter(None, [f"stuck on {stuck}" if stuck else "", concerns(fork)]))


def columns_of(cohort: Cohort, width: int) -> tuple[list[Column], bool]:
    """The columns that fit, notes apart, and whether there's room for numbers in the chapters."""
    from rich.cells import cell_len

    def column(titles: tuple[str, str], cells: list[str], most: int = MAX_NAME, right: bool = False) -> Column:
        return Column(titles, cells, min(most, max(map(cell_len, [*titles, *cells]))), right)

    def taken(columns: list[Column]) -> int:
        return sum(column.width + 1 for column in columns)

    forks, outlines = cohort.forks, cohort.shown
    first = [column(("", "fork"), [fork.name for fork in forks]), column(("", "status"), [f.status for f in forks])]
    numbers = 3 if is_checked(cohort) else 2  # ticked, filled and perhaps verified
    full = numbers + max([numbers * len(str(len(outline.required))) for outline in outlines] + [0])
    wide = taken(first) + (full + 1) * len(outlines) <= width
    chapters = [
        Column(
            (outline.id, f"/{len(outline.required)} ") if wide else ("", outline.id),
            [(cell_text if wide else narrow_cell)(outline, fork.chapters.get(outline.id)) for fork in forks],
            full if wide else SIGN,
            right=True,
        )
        for outline in outlines
    ]
    counts = [fork_counts(outlines, fork) for fork in forks]
    filled = [str(count.filled) if fork.chapters else "" for count, fork in zip(counts, forks, strict=True)]
    passed = ["" if count.verified is None else str(count.verified) for count in counts]
    total = f"of {counts[0].total}" if counts else ""
    dates = [f"{fork.tip.committed_at:%Y-%m-%d}" if fork.tip and fork.tip.committed_at else "" for fork in forks]
    optional = [
        column(("filled", total), filled, right=True),
        *([column(("verified", total), passed, right=True)] if is_checked(cohort) else []),
        column(("", "last commit"), dates),
        *(
            column(("", title), [fork.extra.get(title, "") for fork in forks], MAX_EXTRA)
            for title in roster_titles(cohort)
        ),
    ]
    fitting = [n for n in range(len(optional) + 1) if taken([*first, *chapters, *optional[:n]]) <= width]
    return [*first, *chapters, *optional[: max(fitting, default=0)]], wide


def is_checked(cohort: Cohort) -> bool:
    """Whether the checks were run."""
    return any(fork.sandbox for fork in cohort.forks)


def to_table(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as a table of at most `options.width` columns. Notes are folded, never cut: beside their line where
    there's room, otherwise below it."""
    from rich.cells import cell_len, set_cell_size
    from rich.color import ColorSystem
    from rich.style import Style

    def fit(text: str, column: Column) -> str:
        size = cell_len(text)
        if size > column.width:
            return set_cell_size(text, column.width - 1) + "…"
        gap = " " * (column.width - size)
        return gap + text if column.right else text + gap

    def paint(text: str, style: str) -> str:
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD) if options.colour else text

    columns, wide = columns_of(cohort, options.width)
    taken = sum(column.width + 1 for column in columns)
    beside = taken + NOTES <= options.width
    margin = " " * taken if beside else INDENT
    heads = [" ".join(fit(column.titles[row], column) for column in columns) for row in (0, 1)]
    heads[1] += " notes" if beside and any(map(notes_on, cohort.forks)) else ""
    lines = [paint(head.rstrip(), "bold") for head in heads if head.strip()]
    for number, fork in enumerate(cohort.forks):
        cells = [fit(column.cells[number], column) for column in columns]
        style = "green" if fork.status == "ok" else "yellow" if fork.chapters or fork.status == "empty" else "red"
        cells[1] = paint(cells[1], style)
        notes = wrapped(notes_on(fork), max(10, options.width - len(margin)), whole_words=False)
        row = [" ".join([*cells, *(notes[:1] if beside else [])]).rstrip()]
        lines += row + [margin + note for note in (notes[1:] if beside else notes)]
    legend = WIDE_LEGEND if wide else NARROW_LEGEND
    if is_checked(cohort):
        where = ", ".join(sorted({fork.sandbox for fork in cohort.forks if fork.sandbox}))
        legend = f"{VERIFIED_LEGEND} · {legend}" if wide else legend.replace("filled", "verified")
        legend = f"{legend} · verified in {where}"
    folded = [paint(line, "dim") for line in wrapped(legend, max(10, options.width))]
    return "\n".join([*lines, "", *folded, summary(cohort), ""])
