"""What a report is made for: its reader's screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Points = Literal["chapter", "exercise"]
Count = Literal["verified", "filled", "ticked"]


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """What a renderer may need to know about where its report is read.

    `width` is a terminal's, in columns; `colour` says whether it shows colours; `seconds` is how long until the report
    is made again, 0 for never. A gradebook gives its points for each chapter or each exercise (`points`), for what's
    verified, filled or ticked (`count`).
    """

    width: int = 100
    colour: bool = False
    seconds: float = 0
    points: Points = "chapter"
    count: Count = "verified"
