"""What becomes of the exercises' ids when the course changes."""

from __future__ import annotations

from collections.abc import Mapping

SAME = {"01.01": "01.01", "01.02": "01.02", "01.r1": "01.r1"}


BECOMES: Mapping[str, Mapping[str, str]] = {  # what each id has become; one that isn't listed is gone
    "renumbered": {"01.01": "01.02", "01.02": "01.03", "01.r1": "01.r1"},
    "order": {"01.01": "01.02", "01.02": "01.01", "01.r1": "01.r1"},
    "removed": {"01.02": "01.02", "01.r1": "01.r1"},
    "inserted": {"01.01": "02.01", "01.02": "02.02", "01.r1": "02.r1"},
    "dropped": {},
}


def became(change: str) -> Mapping[str, str]:
    return BECOMES.get(change, SAME)
