from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text import label, visible


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
        ("র\u200d্যাম বাক্\u200cযন্ত্র", "র\u200d্যাম বাক্\u200cযন্ত্র"),
        ("pay\u200cpal 学\u200d生 1\u200c2", "paypal 学生 12"),
        ("\u200cবাক্\u200d বাক্\u200c\u200cয\u200d", "বাক্ বাক্য"),
        ("বাক্\u202e\u200cয", "বাক্\u200cয"),
        ("১\u200c২", "১২"),
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
    joined = re.sub("(?<=[\u0600-\u17ff])[\u200c\u200d](?=[\u0600-\u17ff])", "", clean)
    assert not {unicodedata.category(c) for c in joined} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert label(clean) == clean


@given(st.text(st.sampled_from("ab ক্যা\u200c\u200d\u202e\x1b[\n"), max_size=30))
def test_joiners_stay_between_letters_only(text: str) -> None:
    for clean in (label(text), label(text, 5), visible(text)):
        assert not re.search("(?<![কয্া])[\u200c\u200d]|[\u200c\u200d](?![কয্া])", clean)
        assert label(clean) in (clean, " ".join(clean.split()))
