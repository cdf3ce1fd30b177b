"""Measurements of what the kit promises, as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One promise, in words. `ok` is None if there is no limit to keep; `how` says how it was measured."""

    what: str
    measured: str
    bar: str
    ok: bool | None
    how: str
