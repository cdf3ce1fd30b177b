"""The kit's promises, measured, as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One promise, in words. `ok` is None if there's no limit to keep to; `how` says how it was measured."""

    what: str
    measured: str
    bar: str
    ok: bool | None
    how: str
