"""Catalogues over time: English texts that are new, move, change, go and come back; what people wrote is never lost."""

from __future__ import annotations

from dataclasses import replace

import polib
import pytest

from kit.errors import KitError
from kit.translation.catalogue import Changes, key_of, merged, parse, to_bytes
from kit.translation.entry import Entry, Kind
from kit.translation.language import Language

GERMAN = Language("de", "Deutsch")


def entry(place: int, text: str, cell: str = "ex-06-03", kind: Kind = "paragraph") -> Entry:
    return Entry(f"{cell} {kind} {place}", kind, text, "a note")


ONE = entry(1, "The first text of this cell has seven words.")
TWO = entry(2, "And the second one is another text.")
HINT = entry(1, "Look at the shapes of both.", kind="hint")


def translated(*texts: Entry, **flags: bool) -> polib.POFile:
    """A catalogue in which each of these is translated."""
    made, _ = merged(polib.POFile(), texts, GERMAN)
    for each in made:
        each.msgstr = f"deutsch: {each.msgid}"
    return made


def again(catalogue: polib.POFile) -> polib.POFile:
    """The catalogue, written and read."""
    return parse(to_bytes(catalogue), "de.po")


def test_a_new_catalogue_has_every_entry_and_no_translation() -> None:
    made, changes = merged(polib.POFile(), [ONE, TWO, HINT], GERMAN)
    assert [key_of(each) for each in made] == [ONE.key, TWO.key, HINT.key]
    assert changes == Changes(new=3)
    assert not any(each.msgstr or each.fuzzy for each in again(made))
    assert again(made)[0].comment == "a note"


def test_nothing_changes_nothing() -> None:
    made = translated(ONE, TWO, HINT)
    same, changes = merged(again(made), [ONE, TWO, HINT], GERMAN)
    assert not changes
    assert to_bytes(same) == to_bytes(made)


def test_a_changed_text_is_fuzzy_with_the_english_it_was_made_for() -> None:
    changed = replace(ONE, text="The first text of this cell has eight words.")
    made, changes = merged(translated(ONE, TWO), [changed, TWO], GERMAN)
    first, second = again(made)
    assert changes == Changes(fuzzy=1)
    assert (first.msgid, first.msgstr, first.fuzzy) == (changed.text, f"deutsch: {ONE.text}", True)
    assert first.previous_msgid == ONE.text
    assert not second.fuzzy


def test_a_fuzzy_one_that_changes_again_keeps_the_first_english() -> None:
    once, _ = merged(translated(ONE), [replace(ONE, text="The first text of this cell has eight words.")], GERMAN)
    twice, _ = merged(again(once), [replace(ONE, text="The first text of that cell has eight words.")], GERMAN)
    assert again(twice)[0].previous_msgid == ONE.text


def test_a_looked_at_one_forgets_the_old_english() -> None:
    changed = replace(ONE, text="The first text of this cell has eight words.")
    made, _ = merged(translated(ONE), [changed], GERMAN)
    made[0].fuzzy = False
    made, _ = merged(again(made), [changed], GERMAN)
    assert (made[0].previous_msgid, made[0].fuzzy) == (None, False)


def test_a_text_that_moves_takes_its_translation_along() -> None:
    new = entry(1, "Something else, put in front.")
    moved = [new, entry(2, ONE.text), entry(3, TWO.text)]
    made, changes = merged(translated(ONE, TWO), moved, GERMAN)
    assert [each.msgstr for each in made] == ["", f"deutsch: {ONE.text}", f"deutsch: {TWO.text}"]
    assert not any(each.fuzzy for each in made)
    assert changes == Changes(new=1, moved=2)


def test_equal_texts_in_different_places_are_apart() -> None:
    here, there = entry(1, "place", kind="axis name"), entry(2, "place", kind="axis name")
    made = translated(here, there)
    made[1].msgstr = "Ort"
    same, _ = merged(again(made), [here, there], GERMAN)
    assert [each.msgstr for each in same] == ["deutsch: place", "Ort"]


def test_what_is_gone_stays_at_the_end_and_can_come_back() -> None:
    made, changes = merged(translated(ONE, TWO), [TWO], GERMAN)
    assert changes == Changes(gone=1)
    assert [each.obsolete for each in again(made)] == [False, True]
    same, changes = merged(again(made), [TWO], GERMAN)
    assert not changes
    assert to_bytes(same) == to_bytes(made)
    back, changes = merged(again(made), [ONE, TWO], GERMAN)
    assert changes == Changes(moved=1)
    assert [(each.msgstr, each.obsolete) for each in back] == [
        (f"deutsch: {ONE.text}", False),
        (f"deutsch: {TWO.text}", False),
    ]


def test_a_text_of_another_kind_is_no_neighbour() -> None:
    made, changes = merged(translated(HINT), [entry(1, f"{HINT.text} Twice.")], GERMAN)
    assert (made[0].msgstr, changes) == ("", Changes(new=1, gone=1))


def test_a_damaged_catalogue_says_so() -> None:
    for data in (b'msgid "a\nmsgstr', b"\xff\xfe", b"nonsense"):
        with pytest.raises(KitError):
            parse(data, "de.po")


def test_every_kind_of_character_survives() -> None:
    odd = entry(1, 'quotes " and \\ and\ttabs,\nlines, ␣ and 日本語 ' + "long " * 40)
    assert again(translated(odd))[0].msgid == odd.text
