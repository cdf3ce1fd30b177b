"""Notebooks as bytes: written from cells, and brought to the one form that is committed.

Cell ids follow the place of a cell in the source: an exercise's cell is `ex-06-03`, the others count on from the
exercise before them (`ex-06-03-1`, `ex-06-03-2`). So an edit of one cell, or a new one, leaves the ids behind the
next exercise as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from kit.course.cells import Cell, unify_newlines
from kit.errors import KitError

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def cell_ids(cells: Sequence[Cell], chapter: str) -> list[str]:
    """One id for each cell, all different.

    An exercise that stands in two cells keeps its id in the first; the second counts on from it.
    """
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
    """The text of a notebook with these raw cells and the metadata that every notebook here has."""
    notebook = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def raw_cell(kind: str, id: str, source: str) -> dict[str, Any]:
    """A cell as nbformat 4.5 has it, without outputs."""
    lines = source.split("\n")
    raw: dict[str, Any] = {
        "cell_type": kind,
        "id": id,
        "metadata": {},
        "source": [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else []),
    }
    return raw | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def to_notebook(cells: Sequence[Cell], chapter: str) -> str:
    """The notebook of a chapter's cells: format 4.5, fixed ids, no outputs."""
    return dump([raw_cell(c.kind, id, c.source) for c, id in zip(cells, cell_ids(cells, chapter), strict=True)])


def normalise(text: str, where: str = "notebook") -> str:
    """The same notebook in the form that is committed: no outputs, no editor's metadata, ids kept where valid.

    Raises:
        KitError: it is not a notebook.
    """
    try:
        raws = json.loads(text)["cells"]
        seen: set[str] = set()
        cells = []
        for place, raw in enumerate(raws, 1):
            id = raw.get("id", "")
            if not CELL_ID.fullmatch(id) or id in seen:
                id = f"own-{place}"
                while id in seen:
                    id += "-1"
            seen.add(id)
            cell = raw_cell(raw["cell_type"], id, unify_newlines("".join(raw["source"])))
            tags = raw.get("metadata", {}).get("tags")
            if tags:
                cell["metadata"] = {"tags": tags}
            if "attachments" in raw:
                cell["attachments"] = raw["attachments"]
            cells.append(cell)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KitError("this is not a notebook", where, "git checkout -- <file> brings the last one back") from error
    return dump(cells)
