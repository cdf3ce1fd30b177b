"""One picture: a title, a text for those who can't see it, and what to draw.

In a notebook it appears as a `<figure>` on a white panel, so it stays readable in a dark theme. Anywhere else, the two
texts are printed on one line and nothing is drawn, so a chapter run as a script doesn't need matplotlib.
"""

from __future__ import annotations

import base64
import html
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kit.i18n import told
from workshop.here import in_notebook

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIGURE = (
    '<figure style="display:inline-block;max-width:100%;margin:0.5em 0;padding:0.75em;box-sizing:border-box;'
    'background:#ffffff;color:#222222;border-radius:6px">'
    '<img alt="{alt}" src="data:image/svg+xml;base64,{data}" style="max-width:100%;height:auto">'
    '<figcaption style="color:#222222">{title}</figcaption></figure>'
)


@dataclass(frozen=True)
class Picture:
    """A figure: its two texts, its size in inches (width, height), and a function that draws on the axes."""

    title: str
    alt: str
    size: tuple[float, float]
    paint: Callable[[Axes], None]

    def __post_init__(self) -> None:
        """Raises ValueError if one of the two texts is missing."""
        for name, text in (("title", self.title), ("alt", self.alt)):
            if not isinstance(text, str) or not text.strip():
                raise ValueError(told(f"a figure needs its {name}, and it can't be empty"))

    def svg(self) -> bytes:
        """The picture as SVG; the same picture always gives the same bytes.

        Text stays text, so that the reader's machine can find a font for scripts that matplotlib's own font lacks. A
        dollar sign is just one of the corpus's characters; it doesn't start a formula.
        """
        import matplotlib
        from matplotlib.figure import Figure

        with (
            warnings.catch_warnings(),
            matplotlib.rc_context(
                {
                    "svg.fonttype": "none",
                    "svg.hashsalt": "workshop",
                    "font.family": "DejaVu Sans",
                    "text.parse_math": False,
                }
            ),
        ):
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            figure = Figure(figsize=self.size, facecolor="white", layout="constrained")
            self.paint(figure.add_subplot())
            out = io.BytesIO()
            figure.savefig(out, format="svg", metadata={"Date": None})
        return out.getvalue().replace(b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")

    def html(self) -> str:
        """The picture as one `<figure>` that fetches nothing."""
        data = base64.b64encode(self.svg()).decode("ascii")
        return FIGURE.format(alt=html.escape(self.alt), data=data, title=html.escape(self.title))

    def line(self) -> str:
        """The picture in a terminal."""
        return f"[figure] {self.title}: {self.alt}"

    def show(self) -> None:
        """Display it in a notebook; print its line anywhere else."""
        if not in_notebook():
            print(self.line())
            return
        from IPython.display import display

        show: Callable[..., Any] = display
        show({"text/html": self.html(), "text/plain": self.line()}, raw=True)
