"""One picture: a title, a text for those who cannot see it, and what to paint.

In a notebook it appears as a `<figure>` on a white panel, so that a dark theme leaves it readable. Anywhere
else the same two texts are printed in a line, and nothing is painted: a chapter run as a script needs no
matplotlib.
"""

from __future__ import annotations

import base64
import html
import io
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    """A figure: its two texts, its size in inches (width, height), and a function that paints the axes."""

    title: str
    alt: str
    size: tuple[float, float]
    paint: Callable[[Axes], None]

    def __post_init__(self) -> None:
        """Raises ValueError when one of the two texts is missing."""
        for name, text in (("title", self.title), ("alt", self.alt)):
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"a figure needs its {name}: a text that is not empty")

    def svg(self) -> bytes:
        """The painted picture; the same picture gives the same bytes.

        Text stays text, so that the reader's machine picks a font for scripts that matplotlib's own lacks, and a
        font without serifs where it has not even that one; and a dollar sign is a character of the corpus, and
        starts no formula.
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
        """The picture as one `<figure>`, with nothing to fetch."""
        data = base64.b64encode(self.svg()).decode("ascii")
        return FIGURE.format(alt=html.escape(self.alt), data=data, title=html.escape(self.title))

    def line(self) -> str:
        """The picture in a terminal."""
        return f"[figure] {self.title}: {self.alt}"

    def show(self) -> None:
        """Display it in a notebook, print its line anywhere else."""
        if not in_notebook():
            print(self.line())
            return
        from IPython.display import display

        show: Callable[..., Any] = display
        show({"text/html": self.html(), "text/plain": self.line()}, raw=True)


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this code (VS Code, JupyterLab, Colab), and not a plain interpreter."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None
