"""Items and ticks in their many spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.course.cells import Cell
from kit.course.checklist import items, mention_of, with_ticks


@pytest.mark.parametrize(
    ("line", "ticked", "flag"),
    [
        ("- [ ] 06.03 Mix", False, False),
        ("- [x] 06.03 Mix", True, False),
        ("- [X] 06.03 Mix", True, False),
        ("* [x] 06.03 Mix", True, False),
        ("+ [x] 06.03", True, False),
        ("1. [x] 06.03 Mix", True, False),
        ("  - [x] 06.03 nested", True, False),
        ("> - [x] 06.03 quoted", True, False),
        ("-[x] 06.03 Mix", True, False),
        ("- [X] ~~*06.03 Mix*~~ [Sun Nov 29 2026]", True, False),
        ("- [ ] **06.03** Mix", False, False),
        ("- [x] __06.03 Mix__", True, False),
        ("- [x] `06.03` Mix", True, False),
        ("- [ x] 06.03 Mix", False, True),
        ("- [✓] 06.03 Mix", False, True),
        ("- [] 06.03 Mix", False, True),
        ('<input type="checkbox" checked> 06.03 Mix', True, True),
        ('<input type="checkbox"> 06.03 Mix', False, True),
    ],
)
def test_spellings(line: str, ticked: bool, flag: bool) -> None:
    (item,) = items(f"Text\n\n{line}\n")
    assert (item.id, item.ticked, bool(item.flag), item.line) == ("06.03", ticked, flag, 3)


@pytest.mark.parametrize(
    "line", ["- [ ] Mix 06.03", "- [ ] 6.3 Mix", "[x] 06.03 Mix", "- x 06.03 Mix", "- [ ] 06.031 Mix"]
)
def test_what_is_no_item(line: str) -> None:
    assert list(items(line)) == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- [X] ~~*06.03 Mix the values*~~ [Sun Nov 29 2026]", "Mix the values"),
        ("- [x] **06.03** Mix *all* of it", "Mix *all* of it"),
        ("- [x] 06.03 Mix *all* [2]", "Mix *all* [2]"),
    ],
)
def test_an_items_words_are_without_its_style_and_a_tick_changes_nothing_else(line: str, text: str) -> None:
    (item,) = items(line)
    assert item.text == text
    (changed,) = with_ticks([Cell("markdown", line)], {"06.03": False})
    assert changed.source == line.replace("[X]", "[ ]").replace("[x]", "[ ]")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("[x] 06.03 Mix", True),
        ("- x 06.03 Mix", True),
        ("- [ ] Mix 06.03", True),
        ("06.03 Mix", True),
        ("### 06.03", False),
        ("Do 06.03 first.", False),
        ("- [ ] 06.031 Mix", False),
    ],
)
def test_the_line_that_was_probably_meant(line: str, named: bool) -> None:
    found = mention_of("06.03", [Cell("code", line, 3), Cell("markdown", f"Text\n{line}", 9)])
    assert found == ((10, line) if named else None)


def test_self_reported_ids() -> None:
    assert [item.id for item in items("- [ ] 06.r1 I can\n- [x] 06.r12 I can")] == ["06.r1", "06.r12"]


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.data())
def test_only_the_items_named_change(marks: list[bool], data: st.DataObject) -> None:
    text = "\n".join(f"- [{'x' if mark else ' '}] 01.{n:02d} Do [ ] it" for n, mark in enumerate(marks))
    wanted = {f"01.{n:02d}": data.draw(st.booleans()) for n in data.draw(st.sets(st.integers(0, len(marks) - 1)))}
    (changed,) = with_ticks([Cell("markdown", text)], wanted)
    after = {item.id: item.ticked for item in items(changed.source)}
    assert after == {f"01.{n:02d}": wanted.get(f"01.{n:02d}", mark) for n, mark in enumerate(marks)}
    assert len(changed.source) == len(text)


def test_a_capital_x_stays_and_code_has_no_items() -> None:
    for cell in (Cell("markdown", "- [X] 01.01 Do it"), Cell("code", "# - [ ] 01.01 Do it")):
        assert with_ticks([cell], {"01.01": True}) == (cell,)
