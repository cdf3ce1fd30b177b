"""Curves and bars as SVG, made of nothing but numbers. Under each, the page has a table with the same numbers.

Colours and patterns are classes of the page's style sheet, so they follow light, dark and print.
"""

from __future__ import annotations

from collections.abc import Sequence

from kit.course.outline import Outline
from kit.report.insight import Day, Tally

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 960, 40, 12, 12, 34
GAP = 6.0  # between two chapters


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def svg(name: str, title: str, height: int, parts: Sequence[str]) -> str:
    """A picture with a title for screen readers; its numbers are in the table that follows it."""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-t">'
        f'<title id="{name}-t">{title}</title>{"".join(parts)}</svg>'
    )


def levels(most: int) -> list[int]:
    """Up to five round numbers from 0 to `most`, including `most`."""
    step = next(size for power in range(9) for size in (10**power, 2 * 10**power, 5 * 10**power) if most <= 4 * size)
    steps = [value for value in range(0, most, step) if most - value > step / 2]
    return [*steps, most]


def scale(most: int, height: int) -> list[str]:
    """Horizontal grid lines, each with its number."""
    room = height - TOP - BOTTOM
    found = []
    for value in levels(most):
        y = number(height - BOTTOM - room * value / max(1, most))
        found.append(f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        found.append(f'<text class="axis" x="{LEFT - 6}" y="{y}" dy=".35em" text-anchor="end">{value}</text>')
    return found


def profile(outlines: Sequence[Outline], tallies: Sequence[Tally], students: int, height: int = 230) -> str:
    """Bars: how many students have filled each exercise, stacked as passed, failed, not checked. Ticks are lines."""
    count = max(1, len(tallies))
    pace = (WIDTH - LEFT - RIGHT - GAP * max(0, len(outlines) - 1)) / count
    room, base, wide = height - TOP - BOTTOM, height - BOTTOM, number(max(0.8, pace - 1.2))
    parts = [
        '<defs><pattern id="px" width="4" height="4" patternUnits="userSpaceOnUse"><path class="mark-x" '
        'd="M0 0l4 4M4 0L0 4"/></pattern><pattern id="pf" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<path class="mark-f" d="M-1 1l2-2M0 4l4-4M3 5l2-2"/></pattern></defs>',
        *scale(max(1, students), height),
    ]
    x = float(LEFT)
    place = iter(tallies)
    for outline in outlines:
        start = x
        for _, tally in zip(outline.exercises, place, strict=False):
            y = float(base)
            for size, kind in ((tally.verified, "bar-v"), (tally.failed, "bar-x"), (tally.unchecked, "bar-f")):
                if size:
                    tall = room * size / max(1, students)
                    y -= tall
                    parts.append(
                        f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{wide}" height="{number(tall)}"/>'
                    )
            if tally.ticked:
                tick = number(base - room * tally.ticked / max(1, students))
                parts.append(f'<path class="tick" d="M{number(x - 0.6)} {tick}h{number(pace)}"/>')
            x += pace
        middle = number((start + x) / 2)
        parts.append(f'<path class="axis-line" d="M{number(start)} {base + 3}H{number(x - 1)}"/>')
        parts.append(f'<text class="axis" x="{middle}" y="{base + 18}" text-anchor="middle">{outline.id}</text>')
        x += GAP
    return svg("profile", "How many students have filled each exercise, in the order of the course", height, parts)


def curve(points: Sequence[tuple[float, float]]) -> str:
    """A line through points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def burn_up(days: Sequence[Day], total: int, height: int = 230) -> str:
    """Curves: exercises filled and ticked by the median student each day. The band is the middle half of the class."""
    room, base = height - TOP - BOTTOM, height - BOTTOM
    span = max(1, (days[-1].at - days[0].at).days)
    most = max(1, *(max(day.high, day.filled, day.ticked) for day in days))
    top = min(max(1, total), -(-most // 10) * 10)
    right = WIDTH - RIGHT - 110  # room for the names of the lines

    def at(day: Day, value: int) -> tuple[float, float]:
        return LEFT + (right - LEFT) * (day.at - days[0].at).days / span, base - room * value / top

    filled, ticked = [at(day, day.filled) for day in days], [at(day, day.ticked) for day in days]
    band = [at(day, day.high) for day in days] + [at(day, day.low) for day in reversed(days)]
    ends = [filled[-1][1], ticked[-1][1]]
    if abs(ends[0] - ends[1]) < 14:  # the names would overlap
        middle, above = sum(ends) / 2, -7 if ends[0] <= ends[1] else 7
        ends = [middle + above, middle - above]
    parts = [
        *scale(top, height),
        f'<path class="band" d="{curve(band)}Z"/>',
        f'<path class="line-t" d="{curve(ticked)}"/><path class="line-f" d="{curve(filled)}"/>',
        *(f'<circle class="dot" cx="{number(x)}" cy="{number(y)}" r="2.5"/>' for x, y in filled),
    ]
    for y, word, value in zip(ends, ("filled", "ticked"), (days[-1].filled, days[-1].ticked), strict=True):
        parts.append(f'<text class="name" x="{right + 8}" y="{number(y)}" dy=".35em">{word} {value}</text>')
    for day in days[:: max(1, -(-len(days) // 8))]:
        x = number(at(day, 0)[0])
        parts.append(f'<text class="axis" x="{x}" y="{base + 18}" text-anchor="middle">{day.at:%b %d}</text>')
    return svg("burnup", "Exercises filled and ticked by the median student, day by day", height, parts)
