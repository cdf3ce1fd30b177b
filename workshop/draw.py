"""The figures of the chapters: `bars`, `heat`, `lines`, `points`.

Numbers may be tensors (with gradients, on any device), arrays, or lists of either. Every figure needs `alt`, a text
that describes what's in it. A wrong shape raises ValueError, in a notebook or not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kit.i18n import noted, told
from workshop.picture import Picture, Stroke
from workshop.values import Numbers, grid, must_match, vector, visible, written
from workshop.words import Words, breadth

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which colour-blind people can tell apart: https://jfly.uni-koeln.de/color
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
STROKES = [(BLUE, "-"), (VERMILION, "--"), (GREEN, "-."), (PURPLE, ":"), (ORANGE, "-"), (SKY, "--")]
MOST_NUMBERS = 150  # a matrix with more squares gets a colour bar instead of numbers


def bars(
    labels: Iterable[object], values: Numbers, *, title: str, alt: str, x_name: str = "", y_name: str = ""
) -> None:
    """One bar for each label, in a different colour below zero. With many long labels, the bars lie on their sides."""
    names, heights = visible(labels), vector(values, "bars")
    must_match("bars", len(names), noted("labels"), len(heights), noted("values"))
    longest = breadth(names)
    lying = longest > 2 and longest * len(names) > 60
    numbered = len(names) <= 20

    def paint(axes: Axes, words: Words) -> None:
        from matplotlib.ticker import MaxNLocator

        places = range(len(names))
        shown = [value if math.isfinite(value) else 0.0 for value in heights]
        fills = [VERMILION if value < 0 else BLUE for value in shown]
        drawn = axes.barh(places, shown, color=fills) if lying else axes.bar(places, shown, color=fills)
        size = 10 if lying or len(names) <= 40 else 8
        axis = axes.yaxis if lying else axes.xaxis
        axis.set_ticks(list(places), [*map(words.put, names)], fontsize=size)
        room = 0.12 if numbered else 0.05
        if lying:
            axes.margins(room, 0.01)
            axes.invert_yaxis()
        else:
            axes.margins(0.01, room)
        if all(value.is_integer() for value in shown):
            (axes.xaxis if lying else axes.yaxis).set_major_locator(MaxNLocator(integer=True))
        (axes.axvline if lying else axes.axhline)(0, color="black", linewidth=0.8)
        if numbered:
            axes.bar_label(drawn, written(heights), padding=2, fontsize=9)
        frame(axes)

    size = (7.2, min(9.0, 1 + 0.25 * len(names)) if lying else 3.2)
    Picture(title, alt, size, paint, x_name, y_name).show()


def heat(
    matrix: Numbers,
    *,
    rows: Iterable[object] | None = None,
    columns: Iterable[object] | None = None,
    title: str,
    alt: str,
    x_name: str = "",
    y_name: str = "",
) -> None:
    """A square for each number in `matrix` (rows, columns), the first row on top.

    If both signs occur, the colours diverge from white at zero; otherwise they start at zero. Infinite numbers are
    grey. A small matrix has its numbers written in the squares.
    """
    table = grid(matrix, "heat")
    height, width = len(table), len(table[0])
    row_names = visible(rows) if rows is not None else counted(height)
    column_names = visible(columns) if columns is not None else counted(width)
    must_match("heat", len(row_names), "row labels", height, noted("rows"))
    must_match("heat", len(column_names), "column labels", width, noted("columns"))
    across = min(0.62, 7.0 / width)  # a square's width and height, in inches
    down = min(0.42, max(across, 2.5 / height), 8.0 / height)
    numbered = height * width <= MOST_NUMBERS and across >= 0.4
    left, top = 0.1 * breadth(row_names), 0.1 * breadth(column_names)  # room for the labels
    upright = 0.8 * top > max(across, 0.1)
    map_name, low, high = colours(table)

    def paint(axes: Axes, words: Words) -> None:
        from matplotlib import colormaps

        map_ = colormaps[map_name].with_extremes(bad="#d9d9d9")
        seen = [[value if math.isfinite(value) else math.nan for value in row] for row in table]
        image = axes.imshow(seen, cmap=map_, vmin=low, vmax=high, aspect="auto", interpolation="none")
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.yaxis.set_ticks(range(height), [*map(words.put, row_names)], fontsize=min(10, down * 60))
        shown = [*map(words.put, column_names)]
        axes.xaxis.set_ticks(range(width), shown, fontsize=min(10, across * 60), rotation=90 if upright else 0)
        axes.tick_params(length=0)
        if numbered:
            numbers = [value for row in table for value in row]
            for place, (number, text) in enumerate(zip(numbers, written(numbers), strict=True)):
                on_scale = (number - low) / (high - low) if math.isfinite(number) else math.nan
                red, green, blue, _ = map_(on_scale)
                ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
                y, x = divmod(place, width)
                axes.text(x, y, text, ha="center", va="center", fontsize=min(9.0, down * 50), color=ink)
        elif figure := axes.get_figure(root=True):
            figure.colorbar(image, ax=axes, shrink=0.9)
        if across >= 0.2:
            axes.hlines([y + 0.5 for y in range(height - 1)], -0.5, width - 0.5, color="white", linewidth=1)
            axes.vlines([x + 0.5 for x in range(width - 1)], -0.5, height - 0.5, color="white", linewidth=1)
        axes.spines[:].set_visible(False)

    size = (max(3.0, 0.8 + left + across * width), 0.7 + (top if upright else 0) + down * height)
    Picture(title, alt, size, paint, x_name, y_name, downwards=True).show()


def colours(table: list[list[float]]) -> tuple[str, float, float]:
    """The colour map for these numbers, and the values at its two ends; zero is at one end or in the middle."""
    finite = [value for row in table for value in row if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    limit = max(-low, high) or 1.0
    if low < 0 < high:
        return "RdBu_r", -limit, limit
    return ("cividis", -limit, 0.0) if low < 0 else ("cividis", 0.0, limit)


def counted(count: int) -> list[str]:
    """Labels for unnamed rows: 0, 1, 2, ..., at most 16 of them, with the others empty."""
    step = math.ceil(count / 16)
    return [str(place) if place % step == 0 else "" for place in range(count)]


def lines(
    series: Mapping[str, Numbers],
    *,
    x: Numbers = None,
    title: str,
    alt: str,
    x_name: str = "",
    y_name: str = "",
    log: bool = False,
) -> None:
    """One line for each named series, over `x` (by default 0, 1, 2, ...). Where a value is nan, the line skips it.

    With `log`, both axes are logarithmic, and all numbers must be above 0.
    """
    lines_picture(series, x=x, title=title, alt=alt, x_name=x_name, y_name=y_name, log=log).show()


def lines_picture(
    series: Mapping[str, Numbers],
    *,
    x: Numbers = None,
    title: str,
    alt: str,
    x_name: str = "",
    y_name: str = "",
    log: bool = False,
) -> Picture:
    """The picture that `lines` shows."""
    if not series:
        raise ValueError(told("lines: there's nothing to draw; give at least one named series"))
    heights = {str(name): vector(values, f"lines: {name!r}") for name, values in series.items()}
    places = vector(x, "lines: x") if x is not None else None
    for name, values in heights.items():
        if places is not None:
            must_match(f"lines: {name!r}", len(values), noted("values"), len(places), "places in x")
    if log and (places is None or any(value <= 0 for row in (places, *heights.values()) for value in row)):
        raise ValueError(told("lines: logarithmic axes need an x, and have room only for numbers above 0"))

    strokes = tuple(Stroke(name, *STROKES[number % len(STROKES)]) for number, name in enumerate(visible(heights)))

    def paint(axes: Axes, words: Words) -> None:
        from matplotlib.ticker import MaxNLocator

        for stroke, values in zip(strokes, heights.values(), strict=True):
            across = places if places is not None else list(range(len(values)))
            known = [(x, y) for x, y in zip(across, values, strict=True) if not math.isnan(y)]
            mark = "o" if len(known) <= 20 else None
            xs, ys = [x for x, _ in known], [y for _, y in known]
            axes.plot(xs, ys, color=stroke.colour, linestyle=stroke.dash, marker=mark, markersize=4)
        if log:
            logarithmic(axes)
        elif places is None or all(place.is_integer() for place in places):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y", color="#e0e0e0", linewidth=0.8)
        frame(axes)

    return Picture(title, alt, (7.2, 3.6), paint, x_name, y_name, strokes)


def points(xy: Numbers, labels: Iterable[object], *, title: str, alt: str, x_name: str = "", y_name: str = "") -> None:
    """A labelled point for each row (x, y) of `xy`."""
    places, names = grid(xy, "points"), visible(labels)
    if len(places[0]) != 2:
        raise ValueError(told(f"points: each row must be a pair (x, y), but here it has {len(places[0])} numbers"))
    must_match("points", len(names), noted("labels"), len(places), noted("points"))

    def paint(axes: Axes, words: Words) -> None:
        axes.scatter([x for x, _ in places], [y for _, y in places], color=BLUE, s=18)
        for (x, y), name in zip(places, names, strict=True):
            axes.annotate(words.put(name), (x, y), (4, 3), textcoords="offset points", fontsize=11)
        axes.margins(0.08)
        axes.grid(color="#e0e0e0", linewidth=0.8)
        axes.set_axisbelow(True)
        frame(axes)

    Picture(title, alt, (6.4, 4.8), paint, x_name, y_name).show()


def logarithmic(axes: Axes) -> None:
    """Both axes logarithmic, with plain numbers on them; a short one has its numbers at equal steps."""
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

    axes.set(xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        low, high = axis.get_view_interval()
        wide = LogLocator(subs=(1, 2, 5)) if high < 100 * low else LogLocator(numticks=4)
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]) if high < 5 * low else wide)
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(lambda value, _: f"{value:,.15g}")


def frame(axes: Axes) -> None:
    """Only the left and lower edges."""
    axes.spines[["top", "right"]].set_visible(False)
