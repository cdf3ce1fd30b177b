"""Verdicts: what the judge says of one exercise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Outcome = Literal["passed", "failed", "blank", "error"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for an exercise, and what to tell the learner. `line` counts from 1 within the cell.

    `mistake` is the place, from 0, of the mistake that was recognised, or None.
    """

    id: str
    outcome: Outcome
    message: str = ""
    line: int = 1
    mistake: int | None = None
