from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text import label


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("student-01", "student-01"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07name", "name"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jname", "name"),
        ("one\r\ntwo\tthree", "one two three"),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("nul\0l", "null"),
        ("\ud800half", "half"),
        ("  spaces  ", "spaces"),
        ("Zoë 学生", "Zoë 学生"),
    ],
)
def test_stripped(raw: str, clean: str) -> None:
    assert label(raw) == clean


def test_cut() -> None:
    assert label("x" * 500, 10) == "x" * 9 + "…"
    assert len(label("\x1b[1m" * 10**6 + "x" * 10**6)) <= 200


@given(st.text(max_size=300))
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    clean = label(text)
    assert len(clean) <= 200
    assert not {unicodedata.category(c) for c in clean} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert label(clean) == clean
