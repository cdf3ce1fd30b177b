"""A sheet as SVG or PNG, painted by matplotlib. In the SVG, text stays text; the same sheet gives the same bytes.

Activations are rounded boxes, parameters are square with a bar on the left, and what isn't noted yet has a dashed edge
and a question mark, so the map can be read in grey, too.
"""

from __future__ import annotations

import html
import io
from functools import cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from kit.model.tensor_map.canvas import PAGE, Arrow, Box, Frame, Label, Sheet
from kit.model.tensor_map.parts import Kind

BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#8a8a8a", "#1a1a1a"
FILLS: dict[Kind, str] = {"tensor": "#e6f1f8", "parameter": "#fdeee3", "buffer": "#f0f0f0"}
EDGES: dict[Kind, str] = {"tensor": BLUE, "parameter": ORANGE, "buffer": GREY}
LEGEND: tuple[tuple[float, Kind, str], ...] = (
    (8.0, "tensor", "computed"),
    (12.6, "parameter", "learned"),
    (17.2, "buffer", "fixed"),
)
FONT = "DejaVu Sans"
NAME, SMALL = 7.0, 6.2  # points: a part's name, and what is below it
POINT = 25.4 / 72  # millimetres
RC: Any = {"svg.fonttype": "none", "svg.hashsalt": "workshop", "font.family": FONT, "text.parse_math": False}
SOURCE = "<!-- Drawn by scripts/tensor_map.py from forward passes of the model in nanogpt/. -->"
TITLE = "Tensor map of the whole model"


@cache
def text_width(text: str, bold: bool) -> float:
    """The width of a text at 1 point, in millimetres."""
    font = FontProperties(family=FONT, weight="bold" if bold else "normal")
    return float(TextPath((0, 0), text, size=100, prop=font, usetex=False).get_extents().width) / 100 * POINT


def paint_label(axes: Axes, label: Label, colour: str = INK) -> None:
    """A line of text, in a smaller font if it would be too long."""
    axes.text(
        label.x,
        label.y,
        label.text,
        fontsize=min(label.size, label.longest / max(text_width(label.text, label.bold), 1e-6)),
        color=colour,
        weight="bold" if label.bold else "normal",
        ha="center" if label.centred else "left",
        va="center",
    )


def paint_shape(axes: Axes, kind: Kind, known: bool, x: float, y: float, width: float, height: float) -> None:
    """An empty box for a kind of part, with a dashed edge if its shape isn't known."""
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


def box_lines(box: Box) -> list[tuple[str, float, bool]]:
    """What's written in a box, from the top: the text, its size in points, and whether it's bold."""
    part = box.part
    if box.brief:
        return [(part.in_numbers, SMALL, False)] if box.known else [("?", 11.0, True)]
    name = (part.name, NAME, True)
    if not box.known:
        return [name, ("?", 9.5, True), (f"note it in {box.exercise}", SMALL, False)]
    below = [part.in_names, part.in_numbers if part.names[0] else "one number"]
    if part.kind == "parameter":
        below.append(f"{part.count:,} parameters")
    return [name, *((text, SMALL, False) for text in below)]


def paint_box(axes: Axes, box: Box) -> None:
    """A part in its place."""
    paint_shape(axes, box.part.kind, box.known, box.x, box.y, box.width, box.height)
    has_bar = box.part.kind == "parameter"
    x, longest = box.middle[0] + (0.6 if has_bar else 0), box.width - (3.6 if has_bar else 2.4)
    lines = box_lines(box)
    heights = [size * POINT * 1.28 for _, size, _ in lines]
    y = box.y + (box.height - sum(heights)) / 2
    for (text, size, bold), height in zip(lines, heights, strict=True):
        paint_label(axes, Label(text, x, y + height / 2, size, longest, bold, centred=True))
        y += height


def paint_arrow(axes: Axes, arrow: Arrow) -> None:
    """A line from part to part."""
    style: dict[str, Any] = {"color": INK, "linewidth": 0.8, "arrowstyle": "-|>,head_length=2.4,head_width=1.4"}
    if arrow.thick:
        style = {"color": BLUE, "linewidth": 2.6, "arrowstyle": "-|>,head_length=4,head_width=2.6"}
    if not arrow.head:
        style["arrowstyle"] = "-"
    path = Path(list(arrow.points))
    axes.add_patch(FancyArrowPatch(path=path, shrinkA=0, shrinkB=0, joinstyle="miter", capstyle="butt", **style))


def paint_frame(axes: Axes, frame: Frame) -> None:
    """The frame of a group."""
    fill = "#fafafa" if frame.heading else FILLS["tensor"]
    corner = (frame.x, frame.y)
    axes.add_patch(Rectangle(corner, frame.width, frame.height, facecolor=fill, edgecolor="#b0b0b0", linewidth=0.7))
    if frame.heading:
        label = Label(frame.heading, frame.x + frame.indent, frame.y + 2.4, longest=frame.width - 3, bold=True)
        paint_label(axes, label, "#444444")


def paint_plus(axes: Axes, x: float, y: float) -> None:
    """A plus sign in a circle."""
    axes.add_patch(Circle((x, y), 2.0, facecolor="white", edgecolor=BLUE, linewidth=1.2))
    axes.plot([x - 1.2, x + 1.2], [y, y], color=BLUE, linewidth=1.2)
    axes.plot([x, x], [y - 1.2, y + 1.2], color=BLUE, linewidth=1.2)


def paint_legend(axes: Axes) -> None:
    """What the shapes of the boxes mean."""
    for y, kind, word in LEGEND:
        paint_shape(axes, kind, True, 178.0, y, 8.0, 3.4)
        paint_label(axes, Label(word, 188.0, y + 1.7, longest=20))


def paint(sheet: Sheet, extension: str) -> bytes:
    """A sheet as the bytes of an `svg` or a `png` (150 dots per inch)."""
    with matplotlib.rc_context(RC):
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
        figure.savefig(out, format=extension, dpi=150, metadata={"Date": None} if extension == "svg" else None)
    return accessible(out.getvalue(), sheet) if extension == "svg" else out.getvalue()


def accessible(svg: bytes, sheet: Sheet) -> bytes:
    """An SVG with a title and a description for screen readers, and with fallback fonts."""
    text = svg.decode("utf-8").replace(f"'{FONT}'", f"'{FONT}', Verdana, sans-serif")
    start = text.index(">", text.index("<svg")) + 1
    head = text[:start].removesuffix(">") + ' role="img" aria-labelledby="map-title map-text">'
    words = (
        f'\n {SOURCE}\n <title id="map-title">{html.escape(TITLE)}</title>\n'
        f' <desc id="map-text">{html.escape(describe(sheet))}</desc>'
    )
    return (head + words + text[start:]).encode("utf-8")


def describe(sheet: Sheet) -> str:
    """The map in words: its settings, then each part with its shape, or with the exercise that asks for it."""
    said = [
        f"{box.part.name} {box.part.in_names}, {box.part.in_numbers}"
        if box.known
        else f"{box.part.name}: not noted yet; exercise {box.exercise} asks for it"
        for box in sheet.parts_shown
    ]
    return f"{sheet.settings.sentence}. From top to bottom: {'; '.join(said)}."
