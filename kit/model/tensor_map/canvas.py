"""The page as records: boxes, arrows, frames and lines of text, each with its place.

All places are in millimetres on upright A4, from the upper left corner. Font sizes are in points.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from kit.model.tensor_map.learner_notes import Notes
from kit.model.tensor_map.parts import Part
from kit.model.tensor_map.settings import Settings

PAGE = (210.0, 297.0)
STREAM, STREAM_WIDTH = 34.0, 46.0  # the middle of the residual stream's column, and the width of its boxes
STREAM_LEFT = STREAM - STREAM_WIDTH / 2
COLUMNS = (65.0, 99.5, 134.0, 168.5)  # the left edges of all other boxes
WIDTH, HEIGHT = 31.0, 14.0  # of a box

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A part in its place. `exercise` asks for it, and is empty if it's known; a `brief` box shows only numbers."""

    part: Part
    x: float
    y: float
    width: float
    height: float
    exercise: str = ""
    brief: bool = False

    @property
    def known(self) -> bool:
        """Whether its shape is shown."""
        return not self.exercise

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line through some points, with a head at its end; `thick` for the residual stream."""

    points: tuple[Point, ...]
    thick: bool = False
    head: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame around a group, its heading at the top, `indent` from the left."""

    x: float
    y: float
    width: float
    height: float
    heading: str = ""
    indent: float = 1.5


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text around the height `y`: `x` is its left edge, or its middle if `centred`.

    Text that would be wider than `longest` gets a smaller font.
    """

    text: str
    x: float
    y: float
    size: float = 6.5
    longest: float = 140.0
    bold: bool = False
    centred: bool = False


@dataclass(slots=True)
class Sheet:
    """Everything to paint. `pluses` are the places where two tensors are added."""

    settings: Settings
    parts: dict[str, Part]
    notes: Notes
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    pluses: list[Point] = field(default_factory=list)

    @property
    def parts_shown(self) -> list[Box]:
        """The boxes of the parts, each once: brief boxes only repeat them."""
        return [box for box in self.boxes if not box.brief]

    @property
    def known(self) -> int:
        """How many of the parts are known."""
        return sum(box.known for box in self.parts_shown)

    def exercise_for(self, part: Part) -> str:
        """The exercise that asks for a part; empty if the part is known, or no exercise asks for it."""
        exercises = [self.notes.asked[key] for key in part.keys if key in self.notes.asked]
        return exercises[0] if exercises and not self.notes.known & set(part.keys) else ""

    def box(
        self, name: str, x: float, y: float, width: float = WIDTH, height: float = HEIGHT, brief: bool = False
    ) -> Box:
        """Add the box of a part."""
        part = self.parts[name]
        box = Box(part, x, y, width, height, self.exercise_for(part), brief)
        self.boxes.append(box)
        return box

    def row(self, y: float, *names: str) -> list[Box]:
        """Add boxes side by side, one in each of the `COLUMNS`; an empty name leaves its column free."""
        return [self.box(name, x, y) for name, x in zip(names, COLUMNS, strict=False) if name]

    def stream_box(self, name: str, y: float) -> Box:
        """Add a box on the residual stream."""
        return self.box(name, STREAM_LEFT, y, STREAM_WIDTH)

    def arrow(self, *points: Point, thick: bool = False, head: bool = True) -> None:
        """Add an arrow."""
        self.arrows.append(Arrow(points, thick, head))

    def chain(self, *boxes: Box) -> None:
        """Add an arrow from each box to the next, which is to its right or left in the same row."""
        for one, other in pairwise(boxes):
            y = one.middle[1]
            start, end = (one.right, other.x) if other.x > one.x else (one.x, other.right)
            self.arrow((start, y), (end, y))

    def plus(self, x: float, y: float) -> None:
        """Add a plus sign."""
        self.pluses.append((x, y))

    def label(self, text: str, x: float, y: float, size: float = 6.5, longest: float = 140.0) -> None:
        """Add a line of text."""
        self.labels.append(Label(text, x, y, size, longest))
