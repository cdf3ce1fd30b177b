"""Notebooks as text: written from cells, and normalised to the form that is committed.

A cell's id depends on its place in the chapter: an exercise's cell is `ex-06-03`, and the cells after it count up from
there (`ex-06-03-1`, `ex-06-03-2`). So if a cell changes or is added, all ids from the next exercise on stay the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from kit.course.cells import Cell, from_raw, is_colab_link, unify_newlines
from kit.errors import KitError

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
FORM = "# @title "  # begins a cell of which Colab shows the title alone


def cell_ids(cells: Sequence[Cell], chapter: str) -> list[str]:
    """One id for each cell, all different. If two cells have the same exercise, the first gets its id."""
    ids, anchor, count = list[str](), f"ex-{chapter}-00", 0
    for cell in cells:
        own = f"ex-{cell.exercise.replace('.', '-')}" if cell.exercise else ""
        if own and own not in ids:
            anchor, count = own, 0
            ids.append(own)
        else:
            count += 1
            ids.append(f"{anchor}-{count}")
    return ids


def dump(cells: list[dict[str, Any]]) -> str:
    """The text of a notebook with these raw cells, and the same metadata as every other."""
    notebook = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def raw_cell(kind: str, cell_id: str, source: str) -> dict[str, Any]:
    """A cell as JSON in nbformat 4.5, without outputs."""
    lines = source.split("\n")
    raw: dict[str, Any] = {
        "cell_type": kind,
        "id": cell_id,
        "metadata": {"cellView": "form"} if kind == "code" and source.startswith(FORM) else {},
        "source": [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else []),
    }
    return raw | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def to_notebook(cells: Sequence[Cell], chapter: str) -> str:
    """The notebook of a chapter's cells: format 4.5, fixed ids, no outputs."""
    ids = cell_ids(cells, chapter)
    return dump([raw_cell(cell.kind, cell_id, cell.source) for cell, cell_id in zip(cells, ids, strict=True)])


def usual_ids(raws: Sequence[dict[str, Any]]) -> list[str]:
    """The ids that the build would give to raw cells, or an empty one where there's no exercise to count from."""
    cells = [from_raw(raw, 1) for raw in raws]
    chapter = next((cell.exercise[:2] for cell in cells if cell.exercise), "")
    return cell_ids(cells, chapter) if chapter else [""] * len(cells)


def normalise(text: str, where: str = "notebook") -> str:
    """The notebook in the form that is committed: no outputs, no editor's metadata, not Colab's link to itself.

    Valid ids are kept. A cell without one, as in a notebook that Colab has saved, gets the one that the build gives it.

    Raises:
        KitError: it isn't a notebook.
    """
    try:
        raws = [raw for raw in json.loads(text)["cells"] if not is_colab_link(raw)]
        seen: set[str] = set()
        cells = []
        for place, (raw, usual_id) in enumerate(zip(raws, usual_ids(raws), strict=True), 1):
            cell_id = raw.get("id", usual_id)
            if not CELL_ID.fullmatch(cell_id) or cell_id in seen:
                cell_id = f"own-{place}"
                while cell_id in seen:
                    cell_id += "-1"
            seen.add(cell_id)
            cell = raw_cell(raw["cell_type"], cell_id, unify_newlines("".join(raw["source"])))
            tags = raw.get("metadata", {}).get("tags")
            if tags:
                cell["metadata"] |= {"tags": tags}
            if "attachments" in raw:
                cell["attachments"] = raw["attachments"]
            cells.append(cell)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KitError("this isn't a notebook", where, "git checkout -- <file> restores the committed one") from error
    return dump(cells)
