"""Edits to a chapter's cells, for tests and random trials."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from kit.course.cells import Cell, to_percent
from kit.course.checklist import items, with_ticks
from kit.pairs.convert import for_script, key, script_cells
from kit.pairs.merge import ASIDE, Merged

Cells = tuple[Cell, ...]


def code(item_id: str, text: str) -> Cell:
    return Cell("code", f'{text}\ncheck("{item_id}")')


def put(cells: Cells, *new: Cell) -> Cells:
    """The cells with the exercises of `new` in place of theirs."""
    by_id = {cell.exercise: cell for cell in new}
    return tuple(by_id.get(cell.exercise, cell) if cell.exercise else cell for cell in cells)


def tick(cells: Cells, **wanted: bool) -> Cells:
    """The cells with items ticked: `tick(cells, r1=True)` for 01.r1."""
    marks = {f"01.{item_id.lstrip('_')}": value for item_id, value in wanted.items()}
    return with_ticks(cells, marks)


def ticked(cells: Cells) -> set[str]:
    return {item.id for cell in cells if cell.kind == "markdown" for item in items(cell.source) if item.ticked}


def answers(cells: Cells) -> dict[str, str]:
    return {cell.exercise: cell.source for cell in cells if cell.exercise}


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]_"), min_size=1, max_size=12)


EDIT = st.one_of(
    st.tuples(
        st.just("answer"), st.sampled_from(["01.01", "01.02"]), st.sampled_from(["1", "2", "x + x", "[v]\n\n%t"])
    ),
    st.tuples(st.just("tick"), st.sampled_from(["01.01", "01.02", "01.r1"]), st.booleans()),
    st.tuples(st.just("own"), st.integers(0, 12), st.tuples(st.sampled_from(["code", "markdown"]), TEXTS)),
    st.tuples(st.just("prose"), st.integers(0, 12), TEXTS),
    st.tuples(st.just("delete"), st.integers(0, 12), st.none()),
    st.tuples(st.just("move"), st.integers(0, 12), st.integers(0, 12)),
)


EDITS = st.lists(EDIT, max_size=5)


def edit(cells: Cells, edits: list[tuple[str, object, object]], label: str) -> Cells:
    """The cells after a series of edits; no two of the learner's own cells are the same."""
    for number, (what, where, value) in enumerate(edits):
        place = where % (len(cells) or 1) if isinstance(where, int) else 0
        if what == "answer":
            cells = put(cells, code(str(where), f"answer = {value}"))
        elif what == "tick":
            cells = tick(cells, **{f"_{str(where)[3:]}": bool(value)})
        elif what == "own":
            assert isinstance(value, tuple)
            cells = (*cells[:place], Cell(value[0], f"{label}{number} {value[1]}"), *cells[place:])
        elif what == "prose" and cells and cells[place].kind == "markdown":
            cells = (*cells[:place], Cell("markdown", f"{cells[place].source}\n{value}"), *cells[place + 1 :])
        elif what == "delete":
            cells = (*cells[:place], *cells[place + 1 :])
        elif what == "move" and cells:
            moved = list(cells)
            moved.insert(int(str(value)) % len(cells), moved.pop(place))
            cells = tuple(moved)
    return script_cells(to_percent(map(for_script, cells)).encode(), "")


def plain(cell: Cell) -> str:
    return re.sub(r"\[[xX ]\]", "[]", key(cell)[1])


def kept(cell: Cell, merged: Merged) -> bool:
    """Whether a cell's text is in the result, ticks aside: as it was, or line by line in a comment."""
    wanted = plain(cell)
    if any(wanted == plain(other) for other in merged.cells):
        return True
    lines = [f"#   {line}".rstrip() for line in wanted.split("\n")]
    return any("\n".join(lines) in plain(other) for other in merged.cells if other.source.startswith(ASIDE))
