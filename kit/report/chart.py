"""Curves and bars as SVG. Under each, the page has a table with the same numbers.

Colours and patterns are classes of the page's style sheet, so they follow light, dark and print.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import escape

from kit.course.outline import Outline
from kit.report.days import Day
from kit.report.tally import Tally
from kit.text import label, plural

LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 40, 12, 28, 34, 240


@dataclass(frozen=True, slots=True)
class Frame:
    """A size to draw at: `gap` is between two chapters, `names` the room for the curves' names, `dates` how many fit.

    A picture is scaled to the page, and its labels with it, so a phone gets one of its own. The style sheet shows one.
    """

    name: str
    width: int
    gap: float
    names: int
    dates: int


WIDE = Frame("wide", 960, 6.0, 110, 8)
NARROW = Frame("narrow", 360, 2.0, 76, 3)
PATTERNS = (
    '<svg class="out" aria-hidden="true"><defs>'
    '<pattern id="px" width="4" height="4" patternUnits="userSpaceOnUse"><path class="mark-x" d="M0 0l4 4M4 0L0 4"/>'
    '</pattern><pattern id="pf" width="4" height="4" patternUnits="userSpaceOnUse">'
    '<path class="mark-f" d="M-1 1l2-2M0 4l4-4M3 5l2-2"/></pattern></defs></svg>'
)


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def both(draw: Callable[[Frame], str]) -> str:
    """A picture for wide screens and one for narrow ones."""
    return draw(WIDE) + draw(NARROW)


def svg(frame: Frame, name: str, title: str, parts: Sequence[str]) -> str:
    """A picture with a title for screen readers; its numbers are in the table that follows it."""
    title_id = f"{name}-{frame.name}"
    return (
        f'<svg class="chart {frame.name}" viewBox="0 0 {frame.width} {HEIGHT}" role="img" aria-labelledby="{title_id}">'
        f'<title id="{title_id}">{title}</title>{"".join(parts)}</svg>'
    )


def levels(most: int) -> list[int]:
    """Up to five round numbers from 0 to `most`, including `most`."""
    step = next(size for power in range(9) for size in (10**power, 2 * 10**power, 5 * 10**power) if most <= 4 * size)
    steps = [value for value in range(0, most, step) if most - value > step / 2]
    return [*steps, most]


def scale(frame: Frame, most: int, what: str) -> list[str]:
    """Horizontal grid lines, each with its number, and what they count."""
    room = HEIGHT - TOP - BOTTOM
    found = [f'<text class="axis" x="0" y="13">{what}</text>']
    for value in levels(most):
        y = number(HEIGHT - BOTTOM - room * value / max(1, most))
        found.append(f'<path class="grid" d="M{LEFT} {y}H{frame.width - RIGHT}"/>')
        found.append(f'<text class="axis" x="{LEFT - 6}" y="{y}" dy=".35em" text-anchor="end">{value}</text>')
    return found


def profile(frame: Frame, outlines: Sequence[Outline], tallies: Sequence[Tally], students: int) -> str:
    """Bars: how many students have filled each exercise, stacked as passed, failed, not checked. Ticks are lines."""
    count = max(1, len(tallies))
    pace = (frame.width - LEFT - RIGHT - frame.gap * max(0, len(outlines) - 1)) / count
    room, base, wide = HEIGHT - TOP - BOTTOM, HEIGHT - BOTTOM, number(max(0.8, pace * 0.8))
    parts = scale(frame, max(1, students), "students; below, the chapters")
    x = float(LEFT)
    place = iter(tallies)
    for outline in outlines:
        start = x
        for _, tally in zip(outline.exercises, place, strict=False):
            y = float(base)
            bars = []
            for size, kind in ((tally.verified, "bar-v"), (tally.failed, "bar-x"), (tally.unchecked, "bar-f")):
                if size:
                    tall = room * size / max(1, students)
                    y -= tall
                    bars.append(
                        f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{wide}" height="{number(tall)}"/>'
                    )
            if tally.ticked:
                tick = number(base - room * tally.ticked / max(1, students))
                bars.append(f'<path class="tick" d="M{number(x - 0.6)} {tick}h{number(pace)}"/>')
            if bars:
                parts.append(f"<g><title>{escape(in_words(outline, tally))}</title>{''.join(bars)}</g>")
            x += pace
        middle = number((start + x) / 2)
        parts.append(f'<path class="axis-line" d="M{number(start)} {base + 3}H{number(x - 1)}"/>')
        parts.append(f'<text class="axis" x="{middle}" y="{base + 20}" text-anchor="middle">{outline.id}</text>')
        x += frame.gap
    return svg(frame, "profile", "How many students have filled each exercise, in the order of the course", parts)


def in_words(outline: Outline, tally: Tally) -> str:
    """What a bar shows, for whoever points at it."""
    checked = f", {tally.verified} pass, {tally.failed} fail" if tally.verified or tally.failed else ""
    words = f"{tally.id} {outline.titles.get(tally.id, '')}".rstrip()
    return f"{label(words)}: filled by {plural(tally.filled, 'student')}{checked}, ticked by {tally.ticked}"


def curve(points: Sequence[tuple[float, float]]) -> str:
    """A line through points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def burn_up(frame: Frame, days: Sequence[Day], total: int) -> str:
    """Curves: exercises filled and ticked by the median student each day. The band is the middle half of the class."""
    room, base = HEIGHT - TOP - BOTTOM, HEIGHT - BOTTOM
    span = max(1, (days[-1].at - days[0].at).days)
    most = max(1, *(max(day.high, day.filled, day.ticked) for day in days))
    top = min(max(1, total), -(-most // 10) * 10)
    right = frame.width - RIGHT - frame.names

    def at(day: Day, value: int) -> tuple[float, float]:
        return LEFT + (right - LEFT) * (day.at - days[0].at).days / span, base - room * value / top

    filled, ticked = [at(day, day.filled) for day in days], [at(day, day.ticked) for day in days]
    band = [at(day, day.high) for day in days] + [at(day, day.low) for day in reversed(days)]
    ends = [filled[-1][1], ticked[-1][1]]
    if abs(ends[0] - ends[1]) < 16:  # the names would overlap
        middle, above = sum(ends) / 2, -8 if ends[0] <= ends[1] else 8
        ends = [middle + above, middle - above]
    parts = [
        *scale(frame, top, "exercises of the median student"),
        f'<path class="band" d="{curve(band)}Z"/>',
        f'<path class="line-t" d="{curve(ticked)}"/><path class="line-f" d="{curve(filled)}"/>',
        *(f'<circle class="dot" cx="{number(x)}" cy="{number(y)}" r="2.5"/>' for x, y in filled),
    ]
    for y, word, value in zip(ends, ("filled", "ticked"), (days[-1].filled, days[-1].ticked), strict=True):
        parts.append(f'<text class="name" x="{right + 8}" y="{number(y)}" dy=".35em">{value} {word}</text>')
    for day in days[:: max(1, -(-len(days) // frame.dates))]:
        x = number(at(day, 0)[0])
        parts.append(f'<text class="axis" x="{x}" y="{base + 20}" text-anchor="middle">{day.at:%b %d}</text>')
    return svg(frame, "burnup", "Exercises filled and ticked by the median student, day by day", parts)
