from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.course.answers import CONFLICT, is_filled
from kit.course.cells import Cell
from kit.course.checklist import tick_marks
from kit.course.markup import parse_chapter
from kit.course.render import learner_cells
from kit.course.syllabus import parse_syllabus
from kit.errors import KitError
from kit.learner.update.archive import added, entry
from kit.learner.update.merge_driver import merge_file
from kit.learner.update.revise import RemovedWork, Revision, revise
from kit.pairs import convert
from kit.pairs.convert import for_script, key, keys
from kit.pairs.line_merge import merge_lines
from kit.pairs.merge import ASIDE, Merged
from scripts.merge_driver import main
from tests.support.cell_edits import EDITS, answers, code, edit, kept, put, tick, ticked
from tests.support.course_changes import became
from tests.support.upstreams import CHANGES, MORE, START, Files

Cells = tuple[Cell, ...]


@cache
def todo(change: str = "") -> Cells:
    """The todo of what used to be the second chapter, after the course has changed."""
    files: Files = {**CHANGES, **MORE}[change](START) if change else START
    for chapter in parse_syllabus(files["chapters.toml"]):
        path = f"checkpoints/{chapter.stem}.py"
        if chapter.slug in ("second", "next") and path in files:
            return tuple(map(for_script, learner_cells(parse_chapter(files[path], chapter, path))))
    return ()


def lines(source: str) -> list[str]:
    """The lines of an answer without its check."""
    return [line for line in source.split("\n") if not line.startswith("check(")]


def own_answers(cells: Cells) -> Cells:
    """The cells, with answers that show whose they are."""
    return tuple(Cell(c.kind, c.source.replace("answer =", f"of_{c.exercise[3:]} ="), c.line) for c in cells)


def half(cells: Cells) -> Cells:
    """The second exercise half done."""
    source = answers(todo())["01.02"].replace("in ____", "in [values, 'half']", 1)
    return put(cells, Cell("code", source))


def everything(done: Revision) -> str:
    """Everything that remains: the chapter, and what goes to the archive."""
    return "\n".join([cell.source for cell in done.cells] + [f"{gone.item}\n{gone.source}" for gone in done.removed])


def check_revision(change: str, ours: Cells, theirs: Cells, done: Revision) -> None:
    """Nothing of the learner's is lost, and everything is where it belongs."""
    now, archive = answers(done.cells), {gone.id: gone for gone in done.removed}
    for item_id, source in answers(ours).items():
        if is_filled(source):
            new = became(change).get(item_id)
            there = now[new] if new else archive[item_id].source
            assert set(lines(source)) <= set(lines(there))
            assert is_filled(there)
    for item_id in ticked(ours):
        new = became(change).get(item_id)
        if new or item_id not in ticked(done.cells):  # it may stay in a text that the learner has rewritten
            assert new in ticked(done.cells) if new else "[x]" in archive[item_id].item
    assert ("'half'" in everything(done)) == ("'half'" in "".join(cell.source for cell in ours))
    text = convert.script_bytes(done.cells)
    assert not CONFLICT.search(text.decode())
    assert keys(convert.script_cells(text, "")) == keys(done.cells)
    for cell in done.cells:
        if cell.source.startswith(ASIDE):
            assert ast.parse(cell.source.replace("\0", "")).body == []  # no Python file can hold it
    if tick_marks(ours):  # by their checklists, cells that have the newer text already are told from others
        assert sorted(keys(revise(todo(), done.cells, theirs).cells)) == sorted(keys(done.cells))


@settings(max_examples=200)
@given(EDITS, st.booleans())
def test_200_learners_and_every_kind_of_change(edits: list[tuple[str, object, object]], partly: bool) -> None:
    ours = own_answers(edit(half(todo()) if partly else todo(), edits, "mine"))
    known = set(keys(todo()))
    for change in CHANGES:
        theirs = todo(change)
        done = revise(todo(), ours, theirs)
        check_revision(change, ours, theirs, done)
        for cell in ours:
            if cell.source.startswith("mine") and key(cell) not in known:
                assert kept(cell, Merged(done.cells))


@pytest.mark.parametrize("change", [*CHANGES, *MORE])
@pytest.mark.parametrize("ticks", [{}, {"_01": True}, {"_02": True, "r1": True}])
@pytest.mark.parametrize("filled", [(), ("01.01",), ("01.02",), ("01.01", "01.02")])
def test_besides_answers_and_ticks_the_chapter_is_the_courses(
    change: str, filled: tuple[str, ...], ticks: dict[str, bool]
) -> None:
    ours = tick(put(todo(), *(code(item_id, f"of_{item_id[3:]} = 1") for item_id in filled)), **ticks)
    theirs = todo(change)
    done = revise(todo(), ours, theirs)
    check_revision(change, ours, theirs, done)
    emptied = put(done.cells, *(Cell("code", source) for source in answers(theirs).values()))
    unticked = tuple(Cell(c.kind, c.source.replace("[x]", "[ ]"), c.line) for c in emptied)
    assert keys(unticked) == keys(theirs)
    assert done.clashes == ()
    assert keys(revise(todo(), done.cells, theirs).cells) == keys(done.cells)
    changed = {"01.01", "01.02"} if change == "todo" else set()
    assert set(done.kept) | set(done.merged) == changed & set(filled)


def test_a_change_that_does_not_touch_the_answer_is_woven_into_its_cell() -> None:
    old = 'a = 1  # given\nb = 2\n\nc = ____\ncheck("01.01")'
    base, theirs = (Cell("code", old),), (Cell("code", old.replace("a = 1", "a = 5")),)
    ours = (Cell("code", old.replace("____", "a + b")),)
    done = revise(base, ours, theirs)
    assert [cell.source for cell in done.cells] == [old.replace("a = 1", "a = 5").replace("____", "a + b")]
    assert (done.merged, done.kept) == (("01.01",), ())


def test_a_comment_that_names_a_number_follows_it() -> None:
    old = (
        'a = ____\ncheck("01.01")',
        'b = 2  # twice that of 01.01, plus 01.03\nc = ____  # as in 01.01\ncheck("01.02")',
    )
    base = tuple(Cell("code", source) for source in old)
    new = (old[0].replace("01.01", "01.02"), old[1].replace("01.02", "01.03").replace("01.01", "01.02"))
    theirs = (Cell("code", 'new = ____\ncheck("01.01")'), *(Cell("code", source) for source in new))
    ours = (base[0], Cell("code", old[1].replace("____", "4.01 + 1")))
    done = revise(base, ours, theirs)
    assert keys(done.cells) == keys((*theirs[:2], Cell("code", new[1].replace("____", "4.01 + 1"))))
    assert (done.kept, done.merged) == ((), ())


def test_an_answer_stays_whole_where_the_newer_todo_asks_for_more() -> None:
    old = 'c = ____\nd = 1\ne = 2\nf = 3\ncheck("01.01")'
    ours = (Cell("code", old.replace("____", "4")),)
    done = revise((Cell("code", old),), ours, (Cell("code", old.replace("e = 2", "e = ____")),))
    assert ([cell.source for cell in done.cells], done.kept) == ([ours[0].source], ("01.01",))


def test_an_exercise_that_has_become_a_given_cell_leaves_its_answer_in_the_archive() -> None:
    old = 'a = 1\nb = 2\nlong_name = ____\ncheck("01.01")'
    given_now = (Cell("code", "a = 1\nb = 2\nlong_name = 3"),)
    ours = (Cell("code", old.replace("____", "1 + 2")),)
    done = revise((Cell("code", old),), ours, given_now)
    assert (keys(done.cells), done.removed) == (keys(given_now), (RemovedWork("01.01", "", ours[0].source),))


@pytest.mark.parametrize("note", ["", "\n\nI read this twice."])
def test_a_chapter_that_began_with_a_comment_begins_with_its_heading_and_keeps_the_learners_words(note: str) -> None:
    now = todo()
    heading, comment, rest = now[0].source.split("\n", 2)
    assert (heading[:2], comment[:4]) == ("# ", "<!--")
    base = (Cell("markdown", f"{comment}\n{heading}\n{rest}"), *now[1:])
    ours = tick(put(base, code("01.01", "mine = 1")), _01=True)
    done = revise(base, (Cell("markdown", base[0].source + note), *ours[1:]), now)
    assert done.cells[0].source == now[0].source + note
    assert not done.clashes
    assert answers(done.cells) == answers(ours)
    assert ticked(done.cells) == {"01.01"}


def test_a_text_that_both_have_changed_stays_in_both_versions() -> None:
    base, theirs, ours = ((Cell("markdown", f"a text of some words {end}"),) for end in ("", "here", "there"))
    done = revise(base, ours, theirs)
    assert key(done.cells[0]) == key(theirs[0])
    assert "#   a text of some words there" in done.cells[1].source
    assert len(done.clashes) == 1


def test_two_answers_of_two_machines_both_stay() -> None:
    ours, theirs = put(todo(), code("01.01", "here = 1")), put(todo(), code("01.01", "there = 1"))
    done = revise(todo(), ours, theirs)
    assert answers(done.cells)["01.01"] == code("01.01", "here = 1").source
    assert any("#   there = 1" in cell.source for cell in done.cells)
    assert done.clashes == ("01.01",)


def test_without_a_base_answers_stay_by_id() -> None:
    ours = tick(put(todo(), code("01.01", "doubled = x + x")), _01=True)
    done = revise(None, ours, todo("text"))
    assert answers(done.cells)["01.01"] == code("01.01", "doubled = x + x").source
    assert ticked(done.cells) == {"01.01"}
    assert set(answers(done.cells)) == {"01.01", "01.02"}


@pytest.mark.parametrize(
    ("ours", "theirs", "wanted"),
    [
        ("a\nB\nc\nd\ne", "a\nb\nc\nD\ne", "a\nB\nc\nD\ne"),
        ("a\nB\nc\nd\ne", "a\nb\nC\nd\ne", None),
        ("a\nB\nc\nd\ne", "a\nB  \nc\nd\ne", "a\nB\nc\nd\ne"),
        ("a\nb\nc\nd\ne\nf", "0\na\nb\nc\nd\ne", "0\na\nb\nc\nd\ne\nf"),
        ("a\nb\nc\nd\ne\nf", "a\nb\nc\nd\ne\ng", None),
        ("a\nb\nd\ne", "a\nb\nc\nd\ne", "a\nb\nd\ne"),
    ],
)
def test_weave(ours: str, theirs: str, wanted: str | None) -> None:
    assert merge_lines("a\nb\nc\nd\ne", ours, theirs) == wanted
    turned = merge_lines("a\nb\nc\nd\ne", theirs, ours)
    assert (turned and turned.replace(" ", "")) == wanted


# The archive ----------------------------------------------------------------------------------------------------------


def test_the_archive_is_added_to_and_never_twice_to_the_same() -> None:
    one, two = RemovedWork("01.01", "- [x] 01.01 Double", "doubled = 2 * x"), RemovedWork("01.r1", "- [x] 01.r1 I can")
    first = added("", "ch01_second", [one], "2026-03-14")
    both = added(first, "ch01_second", [one, two], "2026-03-15")
    assert both.startswith(first)
    assert [both.count(text) for text in (one.item, one.source, two.item, "2026-03-15")] == [1, 1, 1, 1]
    assert added(both, "ch01_second", [two, one], "2026-04-01") == both
    other = RemovedWork("01.01", "- [x] 01.01 Double", "doubled = 2")
    assert added(both, "ch01_second", [other], "2026-04-01").endswith(
        "".join(entry(other, "ch01_second", "2026-04-01"))
    )
    assert added("My own notes.\n", "ch01_second", [two], "2026-03-15").startswith("My own notes.\n")


def test_an_answer_with_fences_in_it_is_fenced_by_longer_ones() -> None:
    text = added("", "ch01_second", [RemovedWork("01.01", "", 'a = """\n````\n"""')], "2026-03-14")
    assert text.count("\n`````") == 2


# The merge driver -----------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(EDITS)
def test_the_driver_gives_both_files_the_same_cells(edits: list[tuple[str, object, object]]) -> None:
    ours = own_answers(edit(todo(), edits, "mine"))
    for change in CHANGES:
        versions = (todo(), ours, todo(change))
        script = merge_file("workshop/en/ch01_second.py", *map(convert.script_bytes, versions)).data
        notebooks = [convert.notebook_bytes(cells, "01") if cells else b"" for cells in versions]
        notebook = merge_file("workshop/en/ch01_second.ipynb", *notebooks).data
        cells = convert.script_cells(script, "")
        assert keys(cells) == keys(convert.notebook_cells(notebook, ""))
        assert not CONFLICT.search(script.decode())
        text = script.decode()
        for source in answers(ours).values():
            assert all(line in text for line in lines(source)) or not is_filled(source)
        assert {item_id for item_id, mark in tick_marks(ours).items() if mark == "x"} & set(became(change)) <= {
            old for old, new in became(change).items() if new in ticked(cells)
        }


def test_the_drivers_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    versions = (todo(), put(todo(), code("01.01", "doubled = x + x")), todo("removed"))
    paths = [tmp_path / name for name in "OAB"]
    for path, cells in zip(paths, versions, strict=True):
        path.write_bytes(convert.script_bytes(cells))
    assert main([*map(str, paths), "workshop/en/ch01_second.py"]) == 0
    merged = paths[1].read_bytes()
    assert b"#   doubled = x + x" in merged
    assert "01.01" not in answers(convert.script_cells(merged, ""))
    assert len(capsys.readouterr().err.splitlines()) == 1
    for path, cells in zip(paths, (versions[0], convert.script_cells(merged, ""), versions[2]), strict=True):
        path.write_bytes(convert.script_bytes(cells))
    assert main([*map(str, paths), "workshop/en/ch01_second.py"]) == 0
    assert paths[1].read_bytes() == merged


def test_the_driver_leaves_what_it_does_not_understand_alone(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "OAB"]
    for path, data in zip(paths, (b"", b"\xff", b"# %%\na = 1\n"), strict=True):
        path.write_bytes(data)
    assert main([*map(str, paths), "workshop/en/ch01_second.py"]) == 2
    assert paths[1].read_bytes() == b"\xff"
    with pytest.raises(KitError):
        merge_file("workshop/en/ch01_second.ipynb", b"", b"{}", b"")
