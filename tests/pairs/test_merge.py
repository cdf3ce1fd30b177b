from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings

from kit.course.cells import Cell, from_percent, to_percent
from kit.course.checklist import items
from kit.course.markup import parse_chapter
from kit.course.render import learner_cells
from kit.course.syllabus import Entry
from kit.pairs.align import align, match_edited
from kit.pairs.convert import keys, script_cells
from kit.pairs.merge import ASIDE, Merged, merge
from tests.support import fake_course
from tests.support.cell_edits import EDITS, Cells, answers, code, edit, kept, plain, put, tick, ticked


@cache
def todo() -> Cells:
    return learner_cells(parse_chapter(fake_course.SECOND, Entry(1, "second", "Second", 20), "ch01_second.py"))


def test_each_side_gives_what_it_has_changed() -> None:
    script = tick(put(todo(), code("01.01", "doubled = x + x")), r1=True)
    notebook = tick(put(todo(), code("01.02", "def total(v): return sum(v)")), _01=True)
    merged = merge(todo(), script, notebook)
    assert merged.clashes == ()
    assert answers(merged.cells) == {
        "01.01": 'doubled = x + x\ncheck("01.01")',
        "01.02": 'def total(v): return sum(v)\ncheck("01.02")',
    }
    assert ticked(merged.cells) == {"01.r1", "01.01"}
    assert len(merged.cells) == len(todo())


def test_adjacent_ticks_and_an_untick_are_merged_one_by_one() -> None:
    base = tick(todo(), _02=True)
    merged = merge(base, tick(base, _02=False), tick(base, r1=True))
    assert (ticked(merged.cells), merged.clashes) == ({"01.r1"}, ())


def test_the_same_exercise_changed_on_both_sides_stays_in_both_versions() -> None:
    script, notebook = put(todo(), code("01.01", "doubled = x + x")), put(todo(), code("01.01", "doubled = 2 * x"))
    merged = merge(todo(), script, notebook)
    assert merged.clashes == ("01.01",)
    assert answers(merged.cells)["01.01"] == 'doubled = x + x\ncheck("01.01")'
    place = next(n for n, cell in enumerate(merged.cells) if cell.exercise == "01.01")
    beside = merged.cells[place + 1]
    assert beside.source.startswith(f"{ASIDE}01.01")
    assert '#   doubled = 2 * x\n#   check("01.01")' in beside.source
    assert all(line.startswith("#") for line in beside.source.split("\n"))
    assert [cell.exercise for cell in merged.cells].count("01.01") == 1


def test_of_two_different_odd_ticks_a_tick_wins_and_else_the_scripts_stands() -> None:
    def marked(mark: str) -> Cells:
        return tuple(Cell(c.kind, c.source.replace("[ ] 01.r1", f"[{mark}] 01.r1"), c.line) for c in todo())

    for one, two, wanted in (("✓", "x", "x"), ("x", "-", "x"), ("✓", "-", "✓")):
        merged = merge(todo(), marked(one), marked(two))
        assert any(f"- [{wanted}] 01.r1" in cell.source for cell in merged.cells)
        assert merged.clashes == ()


def test_of_a_filled_and_an_unfilled_version_the_filled_one_stands() -> None:
    script, notebook = put(todo(), code("01.01", "doubled = ____ + 1")), put(todo(), code("01.01", "doubled = 2 * x"))
    merged = merge(todo(), script, notebook)
    assert answers(merged.cells)["01.01"] == 'doubled = 2 * x\ncheck("01.01")'
    assert any("#   doubled = ____ + 1" in cell.source for cell in merged.cells)
    assert merged.clashes == ("01.01",)


def test_own_cells_of_both_sides_stand_where_they_were_put() -> None:
    mine, other = Cell("code", "mine = 1"), Cell("markdown", "A note.")
    merged = merge(todo(), (*todo()[:3], mine, *todo()[3:]), (*todo()[:3], other, *todo()[3:], other))
    assert keys(merged.cells) == keys((*todo()[:3], mine, other, *todo()[3:], other))


def test_a_deleted_cell_goes_unless_the_other_side_has_changed_it() -> None:
    place = next(n for n, cell in enumerate(todo()) if cell.exercise == "01.02")
    less = (*todo()[:place], *todo()[place + 1 :])
    assert keys(merge(todo(), less, tick(todo(), _01=True)).cells) == keys(tick(less, _01=True))
    filled = put(todo(), code("01.02", "total = sum"))
    assert keys(merge(todo(), less, filled).cells) == keys(filled)


def test_moved_cells_stay_moved_and_get_the_other_sides_answers() -> None:
    places = [n for n, cell in enumerate(todo()) if cell.exercise]
    moved = list(todo())
    moved.insert(1, moved.pop(places[1]))
    filled = put(todo(), code("01.02", "total = sum"))
    for one, two in [(tuple(moved), filled), (filled, tuple(moved))]:
        merged = merge(todo(), one, two)
        assert keys(merged.cells) == keys(put(tuple(moved), code("01.02", "total = sum")))
        assert merged.clashes == ()


def test_a_cell_that_one_side_moved_and_the_other_rewrote_is_one_cell() -> None:
    base = from_percent("# %%\na = 1\n# %% [markdown]\n# one two three\n# %%\nb = 1\n# %%\nc = 1\n")
    moved, new = (base[1], base[0], *base[2:]), Cell("markdown", "nothing of what stood there")
    for rewritten in ((base[0], new, *base[2:]), (base[0], Cell("markdown", "one two three four"), *base[2:])):
        for one, two in ((moved, rewritten), (rewritten, moved)):
            merged = merge(base, one, two)
            check_nothing_lost(base, (one, two), merged)
            assert keys(merge(base, merged.cells, two).cells) == keys(merged.cells)
            assert sorted(keys(merge(base, one, merged.cells).cells)) == sorted(keys(merged.cells))


def test_without_a_base_nothing_is_lost() -> None:
    one = put(tick(todo(), r1=True), code("01.01", "doubled = x + x"), code("01.02", "total = sum"))
    two = tick(put(todo(), code("01.02", "total = sum")), _01=True)
    merged = merge(None, one, two)
    assert ticked(merged.cells) == {"01.r1", "01.01"}
    assert answers(merged.cells)["01.01"] == 'doubled = x + x\ncheck("01.01")'
    assert answers(merged.cells)["01.02"] == 'total = sum\ncheck("01.02")'
    assert merged.clashes == ("01.01",)


@pytest.mark.parametrize("mark", ["[X]", "[✓]", "[x ]"])
def test_odd_ticks_survive(mark: str) -> None:
    odd = tuple(Cell(c.kind, c.source.replace("[ ] 01.r1", f"{mark} 01.r1"), c.line) for c in todo())
    merged = merge(todo(), odd, put(todo(), code("01.02", "total = sum")))
    assert any(f"- {mark} 01.r1" in cell.source for cell in merged.cells)


def test_an_edited_cell_is_found_again_and_an_item_decides_which_text_it_is() -> None:
    old = from_percent("# %%\na = 1\nb = a + 2\n# %% [markdown]\n# - [ ] 01.01 a\n# %%\nz = 1\n")
    new = from_percent(
        "# %%\na = 1\nb = a + 3\n# %% [markdown]\n# Now:\n# - [x] 01.01 other\n# %%\ny = 2\n# %%\nz = 1\n"
    )
    found = align(old, new)
    assert found == {1: 1, 3: 2}
    match_edited(found, old, new)
    assert found == {0: 0, 1: 1, 3: 2}


# Random edits on both sides -----------------------------------------------------------------------------------------


def check_nothing_lost(base: Cells, sides: tuple[Cells, Cells], merged: Merged) -> None:
    for side in sides:
        for cell in side:
            if plain(cell) not in map(plain, base):
                assert kept(cell, merged), cell
    for one, two in (sides, sides[::-1]):
        new = ticked(one) - ticked(base)
        assert not {item_id for item_id in new if any(item_of(cell, item_id) for cell in merged.cells)} - ticked(
            merged.cells
        )
        assert not (ticked(one) & ticked(two)) - ticked(merged.cells) - new


def item_of(cell: Cell, item_id: str) -> bool:
    return cell.kind == "markdown" and any(item.id == item_id for item in items(cell.source))


@settings(max_examples=200, deadline=None)
@given(EDITS, EDITS, EDITS)
def test_whatever_both_sides_did_nothing_is_lost_and_a_repeat_changes_nothing(
    before: list[tuple[str, object, object]],
    here: list[tuple[str, object, object]],
    there: list[tuple[str, object, object]],
) -> None:
    base = edit(todo(), before, "b")
    script, notebook = edit(base, here, "s"), edit(base, there, "n")
    merged = merge(base, script, notebook)
    check_nothing_lost(base, (script, notebook), merged)
    assert keys(script_cells(to_percent(merged.cells).encode(), "")) == keys(merged.cells)
    again = merge(base, merged.cells, notebook)
    assert sorted(keys(again.cells)) == sorted(
        keys(merged.cells)
    )  # where both sides moved cells, their order may differ
    assert keys(merge(base, script, base).cells) == keys(script)
    assert keys(merge(base, base, notebook).cells) == keys(notebook)


@settings(max_examples=60, deadline=None)
@given(EDITS, EDITS)
def test_without_a_base_whatever_both_sides_did_nothing_is_lost(
    here: list[tuple[str, object, object]], there: list[tuple[str, object, object]]
) -> None:
    script, notebook = edit(todo(), here, "s"), edit(todo(), there, "n")
    merged = merge(None, script, notebook)
    check_nothing_lost((), (script, notebook), merged)
    assert ticked(script) | ticked(notebook) == ticked(merged.cells)
