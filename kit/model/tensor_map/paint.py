"""A sheet as SVG or PNG, painted by matplotlib: text stays text, the same sheet gives the same bytes.

What travels is a rounded box, what is learned a square one with a bar at its left, what is still to be noted has a
broken edge and a question mark: so it reads in grey, too.
"""

from __future__ import annotations

import html
import io
from functools import cache
from typing import TYPE_CHECKING, Any

from kit.model.tensor_map.canvas import PAGE, Arrow, Box, Frame, Label, Sheet
from kit.model.tensor_map.parts import Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#8a8a8a", "#1a1a1a"
FILLS: dict[Kind, str] = {"tensor": "#e6f1f8", "parameter": "#fdeee3", "buffer": "#f0f0f0"}
EDGES: dict[Kind, str] = {"tensor": BLUE, "parameter": ORANGE, "buffer": GREY}
LEGEND: tuple[tuple[float, Kind, str], ...] = (
    (8.0, "tensor", "travels"),
    (12.6, "parameter", "is learned"),
    (17.2, "buffer", "is fixed"),
)
FONT = "DejaVu Sans"
POINT = 25.4 / 72  # millimetres
SOURCE = "<!-- Drawn by scripts/tensor_map.py from forward passes of the model in nanogpt/. -->"
TITLE = "Tensor map of the whole model"


@cache
def length(text: str, bold: bool) -> float:
    """How long a text is at 1 point, in millimetres."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family=FONT, weight="bold" if bold else "normal")
    return float(TextPath((0, 0), text, size=100, prop=font, usetex=False).get_extents().width) / 100 * POINT


def write(
    axes: Axes,
    text: str,
    x: float,
    y: float,
    size: float,
    longest: float,
    bold: bool = False,
    centred: bool = True,
    colour: str = INK,
) -> None:
    """A line of text around a height, made smaller where it would be too long."""
    size = min(size, longest / max(length(text, bold), 1e-6))
    axes.text(
        x,
        y,
        text,
        fontsize=size,
        color=colour,
        weight="bold" if bold else "normal",
        ha="center" if centred else "left",
        va="center",
    )


def paint_shape(axes: Axes, kind: Kind, known: bool, x: float, y: float, width: float, height: float) -> None:
    """An empty box of a kind; with a broken edge where its shape is not known."""
    from matplotlib.patches import FancyBboxPatch, Rectangle

    style: dict[str, Any] = {"facecolor": FILLS[kind], "edgecolor": EDGES[kind], "linewidth": 0.9}
    if not known:
        style = {"facecolor": "white", "edgecolor": GREY, "linewidth": 0.9, "linestyle": (0, (3, 2))}
    if kind == "tensor":
        corners = f"round,pad=0,rounding_size={min(2.2, height / 3)}"
        axes.add_patch(FancyBboxPatch((x, y), width, height, corners, **style))
    else:
        axes.add_patch(Rectangle((x, y), width, height, **style))
    if kind == "parameter":
        axes.add_patch(Rectangle((x, y), 1.2, height, facecolor=ORANGE if known else GREY, edgecolor="none"))


def paint_box(axes: Axes, box: Box) -> None:
    """A part in its place."""
    kind = box.part.kind
    paint_shape(axes, kind, box.known, box.x, box.y, box.width, box.height)
    sizes = [7.0 if number == 0 else 6.2 for number in range(len(box.lines))]
    if not box.known:
        sizes = [11.0] if box.brief else [7.0, 9.5, 6.2]
    elif box.brief:
        sizes = [6.2]
    heights = [size * POINT * 1.28 for size in sizes]
    y = box.y + (box.height - sum(heights)) / 2
    middle = box.x + box.width / 2 + (0.6 if kind == "parameter" else 0)
    for number, (line, size, high) in enumerate(zip(box.lines, sizes, heights, strict=True)):
        strong = (number == 0 and not box.brief) or line == "?"
        write(axes, line, middle, y + high / 2, size, box.width - (3.6 if kind == "parameter" else 2.4), bold=strong)
        y += high


def paint_arrow(axes: Axes, arrow: Arrow) -> None:
    """A line from part to part."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    style: dict[str, Any] = {"color": INK, "linewidth": 0.8}
    if arrow.thick:
        style = {"color": BLUE, "linewidth": 2.6}
    path = Path(list(arrow.points))
    head = (
        f"-|>,head_length={4 if arrow.thick else 2.4},head_width={2.6 if arrow.thick else 1.4}" if arrow.head else "-"
    )
    axes.add_patch(
        FancyArrowPatch(path=path, arrowstyle=head, shrinkA=0, shrinkB=0, joinstyle="miter", capstyle="butt", **style)
    )


def paint_frame(axes: Axes, frame: Frame) -> None:
    """The frame of a group."""
    from matplotlib.patches import Rectangle

    fill = "#fafafa" if frame.heading else "#e6f1f8"
    axes.add_patch(
        Rectangle((frame.x, frame.y), frame.width, frame.height, facecolor=fill, edgecolor="#b0b0b0", linewidth=0.7)
    )
    if frame.heading:
        write(
            axes,
            frame.heading,
            frame.x + frame.indent,
            frame.y + 2.4,
            6.5,
            frame.width - 3,
            bold=True,
            centred=False,
            colour="#444444",
        )


def paint_label(axes: Axes, label: Label) -> None:
    """A line of text."""
    write(axes, label.text, label.x, label.y, label.size, label.longest, label.bold, label.centred)


def paint_plus(axes: Axes, x: float, y: float) -> None:
    """The sign of a sum."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), 2.0, facecolor="white", edgecolor=BLUE, linewidth=1.2))
    axes.plot([x - 1.2, x + 1.2], [y, y], color=BLUE, linewidth=1.2)
    axes.plot([x, x], [y - 1.2, y + 1.2], color=BLUE, linewidth=1.2)


def paint_legend(axes: Axes) -> None:
    """What the shapes of the boxes mean."""
    for y, kind, word in LEGEND:
        paint_shape(axes, kind, True, 178.0, y, 8.0, 3.4)
        write(axes, word, 188.0, y + 1.7, 6.5, 20, centred=False)


def describe(sheet: Sheet) -> str:
    """The map in words: its settings, and each part with its shape or with where it is to be noted."""
    said = [
        f"{box.part.name} {box.part.in_names}, {box.part.in_numbers}"
        if box.known
        else f"{box.part.name}: a question mark, to be noted in {box.exercise}"
        for box in sheet.boxes
        if not box.brief
    ]
    return f"{sheet.settings.sentence}. From top to bottom: {'; '.join(said)}."


def paint(sheet: Sheet, form: str) -> bytes:
    """The bytes of a sheet as `svg` or `png` (150 dots an inch)."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "workshop",
            "font.family": FONT,
            "text.parse_math": False,
        }
    ):
        figure = Figure(figsize=(PAGE[0] / 25.4, PAGE[1] / 25.4), facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, PAGE[0]), ylim=(PAGE[1], 0))
        axes.axis("off")
        for frame in sheet.frames:
            paint_frame(axes, frame)
        for arrow in sheet.arrows:
            paint_arrow(axes, arrow)
        for x, y in sheet.pluses:
            paint_plus(axes, x, y)
        for box in sheet.boxes:
            paint_box(axes, box)
        for label in sheet.labels:
            paint_label(axes, label)
        paint_legend(axes)
        out = io.BytesIO()
        figure.savefig(out, format=form, dpi=150, metadata={"Date": None} if form == "svg" else None)
    return spoken(out.getvalue(), sheet) if form == "svg" else out.getvalue()


def spoken(svg: bytes, sheet: Sheet) -> bytes:
    """An SVG with a title and a description for those who cannot see it, and other fonts to fall back on."""
    text = svg.decode("utf-8").replace(f"'{FONT}'", f"'{FONT}', Verdana, sans-serif")
    start = text.index(">", text.index("<svg")) + 1
    head = text[:start].removesuffix(">") + ' role="img" aria-labelledby="map-title map-text">'
    words = (
        f'\n {SOURCE}\n <title id="map-title">{html.escape(TITLE)}</title>\n'
        f' <desc id="map-text">{html.escape(describe(sheet))}</desc>'
    )
    return (head + words + text[start:]).encode("utf-8")
