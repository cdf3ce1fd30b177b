"""A cohort as a table for a terminal: a line for each fork, a column for each chapter, and a legend.

Where there's room, a chapter reads `12/10` (ticked, filled); otherwise it's one sign. Nothing relies on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.pairs.progress import ChapterProgress
from kit.report.concerns import concerns
from kit.report.counts import cell_text, chapter_counts, is_unread, roster_titles, summary
from kit.report.options import RenderOptions

SIGN, MIN_NOTES, USUAL_NOTES, MAX_EXTRA, MAX_NAME = 2, 18, 30, 20, 24  # widths, in columns of a terminal
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


def columns_of(cohort: Cohort, width: int) -> tuple[list[Column], bool]:
    """The columns that fit, and whether there's room for numbers in the chapters."""
    from rich.cells import cell_len

    def column(titles: tuple[str, str], cells: list[str], least: int, most: int) -> Column:
        return Column(titles, cells, min(most, max([least, *map(cell_len, cells)])))

    def taken(columns: list[Column]) -> int:
        return sum(column.width + 1 for column in columns)

    forks, outlines = cohort.forks, cohort.shown
    name = column(("", "fork"), [fork.name for fork in forks], 4, MAX_NAME)
    status = [column(("", "status"), [fork.status for fork in forks], 6, MAX_NAME)]
    if any(fork.sandbox for fork in forks):
        status.append(column(("verified", "in"), [fork.sandbox for fork in forks], 8, MAX_NAME))
    numbers = 1 + len(status)  # ticked, filled and perhaps verified
    full = numbers + max([numbers * len(str(len(outline.required))) for outline in outlines] + [0])
    wide = taken([name, *status]) + (full + 1) * len(outlines) + MIN_NOTES <= width
    chapters = [
        Column(
            (outline.id, f"/{len(outline.required)} ") if wide else ("", outline.id),
            [(cell_text if wide else narrow_cell)(outline, fork.chapters.get(outline.id)) for fork in forks],
            full if wide else SIGN,
            right=True,
        )
        for outline in outlines
    ]
    dates = [f"{fork.tip.committed_at:%Y-%m-%d}" if fork.tip and fork.tip.committed_at else "" for fork in forks]
    extra = {title: [fork.extra.get(title, "") for fork in forks] for title in roster_titles(cohort)}
    room = width - taken([name, *status, *chapters]) - USUAL_NOTES
    optional: list[Column] = []
    for title, cells in [("last commit", dates), *extra.items()]:
        optional.append(column(("", title), cells, cell_len(title), MAX_EXTRA))
        if taken(optional) > room:
            optional.pop()
            break
    columns = [name, *optional[1:], *status, *chapters, *optional[:1]]
    notes = Column(("", "notes"), [concerns(fork) for fork in forks], max(10, width - taken(columns)))
    return [*columns, notes], wide


def to_table(cohort: Cohort, options: RenderOptions) -> str:
    """The cohort as a table of at most `options.width` columns."""
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
    lines = [" ".join(fit(column.titles[row], column) for column in columns).rstrip() for row in (0, 1)]
    lines = [paint(line, "bold") for line in lines if line]
    status = next(n for n, column in enumerate(columns) if column.titles[1] == "status")
    for number, fork in enumerate(cohort.forks):
        cells = [fit(column.cells[number], column) for column in columns]
        style = "green" if fork.status == "ok" else "yellow" if fork.chapters or fork.status == "empty" else "red"
        cells[status] = paint(cells[status], style)
        lines.append(" ".join(cells).rstrip())
    legend = WIDE_LEGEND if wide else NARROW_LEGEND
    if any(fork.sandbox for fork in cohort.forks):
        legend = f"{VERIFIED_LEGEND} · {legend}" if wide else legend.replace("filled", "verified")
    return "\n".join([*lines, "", paint(legend, "dim"), summary(cohort), ""])
