"""One picture: a title, a text for those who can't see it, and what to draw.

In a notebook it appears as a `<figure>` on a white panel, so it stays readable in a dark theme. Its title is part of
the page, not of the drawing. Where matplotlib's font lacks a letter (workshop/words.py), the names of the axes and the
legend move into the page as well, and the browser sets them. Anywhere but in a notebook, the two texts are printed on
one line and nothing is drawn, so a chapter run as a script doesn't need matplotlib.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kit.i18n import told
from workshop.here import in_notebook
from workshop.words import FONT, Words, breadth, drawable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIGURE = (
    '<figure style="display:inline-block;max-width:100%;margin:0.5em 0;padding:0.75em;box-sizing:border-box;'
    'background:#ffffff;color:#222222;border-radius:6px">{above}'
    '<img alt="{alt}" src="data:image/svg+xml;base64,{data}" style="max-width:100%;height:auto">'
    '{below}<figcaption style="color:#222222">{title}</figcaption></figure>'
)
NAMES = '<div style="display:flex;justify-content:space-between;gap:1.5em;font-size:90%">{names}</div>'
NAME = "<span>{arrow} {name}</span>"
LEGEND = (
    '<ul style="display:flex;flex-wrap:wrap;gap:0 1.5em;list-style:none;margin:0;padding:0;font-size:90%">{lines}</ul>'
)
LINE = (
    '<li style="margin:0"><svg width="30" height="10" aria-hidden="true"><line x1="0" y1="5" x2="30" y2="5" '
    'stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/></svg> {name}</li>'
)
DASHES = {"-": "none", "--": "7 3", "-.": "8 3 2 3", ":": "2 3"}  # matplotlib's strokes, as SVG has them
COLUMNS = 75  # of letters, across a picture's width


class Stroke(NamedTuple):
    """A line of the picture in its legend."""

    name: str
    colour: str
    dash: str


@dataclass(frozen=True)
class Picture:
    """A figure: its two texts, its size in inches (width, height), and a function that draws on the axes.

    `paint` gives every text that it draws to `Words.put` first. The names of the axes and a legend of several lines are
    added here. With `downwards`, the rows count from the top, and the columns' name is above them.
    """

    title: str
    alt: str
    size: tuple[float, float]
    paint: Callable[[Axes, Words], None]
    x_name: str = ""
    y_name: str = ""
    legend: tuple[Stroke, ...] = ()
    downwards: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError if one of the two texts is missing."""
        for name, text in (("title", self.title), ("alt", self.alt)):
            if not isinstance(text, str) or not text.strip():
                raise ValueError(told(f"a figure needs its {name}, and it can't be empty"))

    @property
    def names_fit(self) -> bool:
        """Whether the names of the axes can be drawn."""
        return drawable(self.x_name + self.y_name)

    @property
    def legend_fits(self) -> bool:
        """Whether the legend can be drawn."""
        return all(drawable(stroke.name) for stroke in self.legend)

    def svg(self) -> bytes:
        """The picture as SVG; the same picture always gives the same bytes.

        Text stays text. A dollar sign is just one of the corpus's characters; it doesn't start a formula.
        """
        import matplotlib
        from matplotlib.figure import Figure

        words = Words()
        with matplotlib.rc_context(
            {"svg.fonttype": "none", "svg.hashsalt": "workshop", "font.family": FONT, "text.parse_math": False}
        ):
            figure = Figure(figsize=self.size, facecolor="white", layout="constrained")
            axes = figure.add_subplot()
            self.paint(axes, words)
            if self.names_fit:
                axes.set(xlabel=self.x_name, ylabel=self.y_name)
            if len(self.legend) > 1 and self.legend_fits:
                names = [stroke.name for stroke in self.legend]
                columns = max(1, min(len(names), COLUMNS // (breadth(names) + 9)))
                axes.legend(
                    axes.get_lines(), names, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns
                )
            out = io.BytesIO()
            figure.savefig(out, format="svg", metadata={"Date": None})
        text = words.restored(out.getvalue().decode())
        return text.replace(f"'{FONT}'", f"'{FONT}', Verdana, sans-serif").encode()

    def html(self) -> str:
        """The picture as one `<figure>` that fetches nothing."""
        data = base64.b64encode(self.svg()).decode("ascii")
        above, below = self.around()
        alt, title = html.escape(self.alt), html.escape(self.title)
        return FIGURE.format(alt=alt, data=data, title=title, above=above, below=below)

    def around(self) -> tuple[str, str]:
        """What the page says above the drawing and below it, because it couldn't be drawn."""
        legend = ""
        if len(self.legend) > 1 and not self.legend_fits:
            rows = (
                LINE.format(colour=each.colour, dashes=DASHES[each.dash], name=html.escape(each.name))
                for each in self.legend
            )
            legend = LEGEND.format(lines="".join(rows))
        if self.names_fit:
            return legend, ""
        x_name = NAME.format(arrow="→", name=html.escape(self.x_name)) if self.x_name else ""
        y_name = NAME.format(arrow="↓" if self.downwards else "↑", name=html.escape(self.y_name)) if self.y_name else ""
        if self.downwards:
            return legend + NAMES.format(names=y_name + x_name), ""
        return legend + NAMES.format(names=y_name), NAMES.format(names=f"<span></span>{x_name}")

    def line(self) -> str:
        """The picture in a terminal."""
        return f"[figure] {self.title}: {self.alt}"

    def show(self) -> None:
        """Display it in a notebook; print its line anywhere else."""
        if not in_notebook():
            print(told(self.line()))
            return
        from IPython.display import display

        show: Callable[..., Any] = display
        show({"text/html": self.html(), "text/plain": self.line()}, raw=True)
