"""Where answers go when their exercises leave the course: `workshop/<language>/archive.md`, which only grows.

RemovedWork, RemovedWork, ... + the archive's text --> the archive's text
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from kit.course.cells import Cell
from kit.learner.update.revise import RemovedWork

HEAD = "# Archive\n\nYour work on exercises that are no longer in the course: kept here, neither run nor checked.\n"
NAME = "archive.md"


def archive_path(root: Path, language: str) -> Path:
    """The archive of one language."""
    return root / "workshop" / language / NAME


def fenced(source: str, kind: str = "python") -> str:
    """Text in a Markdown fence that's longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", source)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{kind}\n{source}\n{fence}\n"


def own_cells(cells: Iterable[Cell]) -> list[RemovedWork]:
    """What the learner wrote besides answers, to be archived when a whole chapter is removed."""
    sources = [f"# %% [{cell.kind}]\n{cell.source}" if cell.kind != "code" else cell.source for cell in cells]
    return [RemovedWork("own cell", "", source) for source in sources if source.strip()]


def entry(found: RemovedWork, chapter: str, date: str) -> tuple[str, str]:
    """The heading of an entry, and the text below it."""
    parts = [f"{found.item}\n" if found.item else "", fenced(found.source) if found.source else ""]
    return f"## {found.id} · {date} · {chapter}\n\n", "\n".join(part for part in parts if part)


def united(ours: str, theirs: str) -> str:
    """Our archive with the entries of another one that it lacks."""
    entries = re.split(r"^(?=## \S+ · \d{4}-\d\d-\d\d · )", theirs, flags=re.MULTILINE)[1:]
    for found in entries:
        if found.strip() not in ours:
            ours = f"{ours.rstrip(chr(10)) if ours.strip() else HEAD.rstrip(chr(10))}\n\n{found.strip()}\n"
    return ours


def added(text: str, chapter: str, lost: Iterable[RemovedWork], date: str) -> str:
    """The archive with these entries appended. One that's there already, whatever its date, isn't added again."""
    new = text
    for found in lost:
        heading, body = entry(found, chapter, date)
        known = re.escape(heading).replace(re.escape(date), r"\S+", 1) + re.escape(body)
        if not re.search(f"^{known}", new, re.MULTILINE):
            start = new.rstrip("\n") + "\n" if new.strip() else HEAD
            new = f"{start}\n{heading}{body}"
    return new
