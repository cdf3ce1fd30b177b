"""A page as records: boxes, arrows, frames and lines of text, each in its place.

All places are in millimetres on upright A4, from the upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from kit.model.tensor_map.learner_notes import Notes
from kit.model.tensor_map.parts import Part
from kit.model.tensor_map.settings import Settings

PAGE = (210.0, 297.0)
SPINE, SPINE_WIDTH = 34.0, 46.0  # the middle of the stream's column, and how wide its boxes are
COLUMNS = (65.0, 99.5, 134.0, 168.5)  # the left edges of the branches' boxes
WIDTH, HEIGHT = 31.0, 14.0


@dataclass(frozen=True, slots=True)
class Box:
    """A part in its place. `exercise` is where it is to be noted, empty when it is known; `brief` has numbers only."""

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
    def lines(self) -> tuple[str, ...]:
        """What is written in it, from the top."""
        if self.brief:
            return (self.part.in_numbers,) if self.known else ("?",)
        if not self.known:
            return (self.part.name, "?", f"note it in {self.exercise}")
        if not self.part.names[0]:
            return (self.part.name, self.part.in_names, "one number")
        learned = (f"{self.part.count:,} parameters",) if self.part.kind == "parameter" else ()
        return (self.part.name, self.part.in_names, self.part.in_numbers, *learned)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line through these points, with a head at its end; `thick` is the stream itself."""

    points: tuple[tuple[float, float], ...]
    thick: bool = False
    head: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame around a group, its heading in its upper edge, `indent` from the left."""

    x: float
    y: float
    width: float
    height: float
    heading: str = ""
    indent: float = 1.5


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text: `size` in points, `x` its left edge, or its middle when `centred`."""

    text: str
    x: float
    y: float
    size: float = 6.5
    centred: bool = False
    bold: bool = False
    longest: float = 140.0


@dataclass(slots=True)
class Sheet:
    """Everything that is painted. `pluses` are the places where two things are added."""

    settings: Settings
    parts: dict[str, Part]
    notes: Notes
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    pluses: list[tuple[float, float]] = field(default_factory=list)

    def unknown(self, part: Part) -> str:
        """The exercise in which a part is to be noted; empty when it is known, or nobody asks for it."""
        asking = [self.notes.asked[key] for key in part.keys if key in self.notes.asked]
        return asking[0] if asking and not self.notes.known & set(part.keys) else ""

    def put(self, name: str, x: float, y: float, width: float = WIDTH, height: float = HEIGHT) -> Box:
        """Put a part on the page."""
        box = Box(self.parts[name], x, y, width, height, self.unknown(self.parts[name]))
        self.boxes.append(box)
        return box

    def row(self, y: float, *names: str) -> list[Box]:
        """Put parts side by side in a branch's columns; an empty name leaves a column free."""
        return [self.put(name, x, y) for name, x in zip(names, COLUMNS, strict=False) if name]

    def on_spine(self, name: str, y: float) -> Box:
        """Put a part on the stream."""
        return self.put(name, SPINE - SPINE_WIDTH / 2, y, SPINE_WIDTH)

    def arrow(self, *points: tuple[float, float], thick: bool = False, head: bool = True) -> None:
        """Join points."""
        self.arrows.append(Arrow(points, thick, head))

    def chain(self, *boxes: Box) -> None:
        """An arrow from each box to the next, which stands to its right or left in the same row."""
        for one, other in pairwise(boxes):
            y = one.y + one.height / 2
            right = other.x > one.x
            self.arrow((one.x + one.width * right, y), (other.x + other.width * (not right), y))

    def plus(self, x: float, y: float) -> None:
        """A place where two things are added."""
        self.pluses.append((x, y))

    def say(self, text: str, x: float, y: float, size: float = 6.5, longest: float = 140.0, bold: bool = False) -> None:
        """Write a line."""
        self.labels.append(Label(text, x, y, size, bold=bold, longest=longest))
