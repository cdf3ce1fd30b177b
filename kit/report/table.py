"""A cohort as a table for a terminal: a line for each fork, a column for each chapter, and a legend.

Where the page is wide enough a chapter reads `12/10` (ticked, filled), else it is one sign. No meaning hangs on colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from kit.course.outline import Outline
from kit.forks.cohort import Cohort
from kit.forks.records import Fork
from kit.pairs.progress import EQUAL, UNREADABLE, ChapterProgress

URGENT = ("conflict", EQUAL, "ticked but blank", "pair differs", "missing")  # shown first, room is short
SHORT = 3  # ids that are named before the rest is counted
NARROW, DATE, LEAST, ENOUGH, NOTE, NAME = 2, 10, 18, 30, 20, 24  # columns of a terminal
WIDE_LEGEND = "/9: exercises · 5/3: five ticked, three filled · !: see the last column · ?: unread"
NARROW_LEGEND = "· ¼ ½ ¾ █: so much is filled · ✓: all ticked · !: see last column · ?: unread"
VERIFIED_LEGEND = "5/3/2: two of the three have passed"


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What a report is written for: columns of a terminal, whether it shows colours, seconds until it is made anew."""

    width: int = 100
    colour: bool = False
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its two lines of title, its cells, one for each fork, and how wide they may be."""

    titles: tuple[str, str]
    cells: list[str]
    width: int
    right: bool = False


def concerns(fork: Fork) -> str:
    """What to look at in a fork, in one line: its reason, then its flags with their chapters or exercises."""
    found: dict[str, list[str]] = {}
    for id, progress in fork.chapters.items():
        for flag in progress.flags:
            found.setdefault(flag.word, []).extend(flag.ids or [id])
    words = sorted(found, key=lambda word: URGENT.index(word) if word in URGENT else len(URGENT))
    more = {word: f" and {len(ids) - SHORT} more" if len(ids) > SHORT else "" for word, ids in found.items()}
    said = [f"{word} {', '.join(found[word][:SHORT])}{more[word]}" for word in words]
    return "; ".join(filter(None, [fork.reason, *said]))


def uncounted(progress: ChapterProgress) -> bool:
    """Whether a zero here means that nothing could be read, not that nothing was done."""
    return not progress.filled and not progress.ticked and any(flag.word in UNREADABLE for flag in progress.flags)


def full_cell(outline: Outline, progress: ChapterProgress | None) -> str:
    """`12/10`: exercises ticked, exercises filled; `?` when nothing could be read; `!` where something is flagged.

    Once verified, `12/10/9`: nine of those filled have passed.
    """
    if progress is None:
        return ""
    ticked = len(set(progress.ticked).intersection(outline.exercises))
    done = ticked or progress.filled
    passed = "" if progress.verified is None else f"/{len(progress.verified)}"
    numbers = f"{ticked}/{len(progress.filled)}{passed}" if done else "?" if uncounted(progress) else "·"
    return numbers + ("!" if progress.flags else " ")


def narrow_cell(outline: Outline, progress: ChapterProgress | None) -> str:
    """The share that is filled, or, once verified, passed, as one sign; then `!` for a flag or `✓` for all ticked."""
    if progress is None:
        return ""
    counted = progress.filled if progress.verified is None else progress.verified
    share = len(counted) / max(1, len(outline.exercises))
    some = "█" if share == 1 else "¾" if share >= 0.75 else "½" if share >= 0.5 else "¼"
    sign = "?" if uncounted(progress) else some if share else "·"
    return sign + ("!" if progress.flags else "✓" if set(outline.exercises) <= set(progress.ticked) else " ")


def columns_of(cohort: Cohort, width: int) -> tuple[list[Column], bool]:
    """The columns that fit, and whether the chapters have numbers."""
    from rich.cells import cell_len

    def widest(texts: list[str], least: int, most: int) -> int:
        return min(most, max([least, *map(cell_len, texts)]))

    forks, outlines = cohort.forks, cohort.outlines
    names, states = [fork.name for fork in forks], [fork.status for fork in forks]
    first = Column(("", "fork"), names, widest(names, 4, NAME))
    second = Column(("", "status"), list(states), widest(list(states), 6, NAME))
    levels = [fork.sandbox for fork in forks]
    level = [Column(("verified", "in"), levels, widest(levels, 8, NAME))] if any(levels) else []
    numbers = 3 if level else 2
    full = numbers + max([numbers * len(str(len(outline.exercises))) for outline in outlines] + [0])
    used = first.width + second.width + 2 + sum(column.width + 1 for column in level)
    wide = used + (full + 1) * len(outlines) + LEAST <= width
    chapters = [
        Column(
            (outline.id, f"/{len(outline.exercises)} ") if wide else ("", outline.id),
            [(full_cell if wide else narrow_cell)(outline, fork.chapters.get(outline.id)) for fork in forks],
            full if wide else NARROW,
            right=True,
        )
        for outline in outlines
    ]
    room = width - used - sum(column.width + 1 for column in chapters) - ENOUGH
    dates = [f"{fork.tip.committed_at:%Y-%m-%d}" if fork.tip and fork.tip.committed_at else "" for fork in forks]
    extra: list[Column] = []
    for titles, cells in [
        (("", "last work"), dates),
        *(
            (("", title), [fork.extra.get(title, "") for fork in forks])
            for title in dict.fromkeys(title for fork in forks for title in fork.extra)
        ),
    ]:
        column = Column(titles, cells, widest([*titles, *cells], 0, NOTE))
        room -= column.width + 1
        if room < 0:
            break
        extra.append(column)
    before = [first, *extra[1:], second, *level, *chapters, *extra[:1]]
    rest = max(10, width - sum(column.width + 1 for column in before))
    return [*before, Column(("", "to look at"), [concerns(fork) for fork in forks], rest)], wide


def to_table(cohort: Cohort, page: RenderOptions) -> str:
    """The cohort as a table of at most `page.width` columns."""
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
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD) if page.colour else text

    columns, wide = columns_of(cohort, page.width)
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
        legend = f"{VERIFIED_LEGEND} · {legend}" if wide else legend.replace("filled", "passed")
    return "\n".join([*lines, "", paint(legend, "dim"), summary(cohort), ""])


def summary(cohort: Cohort) -> str:
    """`12 forks: 9 ok, 1 empty, 2 unreadable`."""
    counts: dict[str, int] = {}
    for fork in cohort.forks:
        counts[fork.status] = counts.get(fork.status, 0) + 1
    parts = [f"{count} {status}" for status, count in sorted(counts.items(), key=lambda pair: (pair[0] != "ok", pair))]
    return f"{len(cohort.forks)} fork{'' if len(cohort.forks) == 1 else 's'}: {', '.join(parts)}"
