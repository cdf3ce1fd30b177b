"""Text in lines, by the columns it takes."""

from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kit.wrap import padded, wrapped


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("損失が小さくなりました", 10, ["損失が小さ", "くなりまし", "た"]),
        ("損失が小さい。次は?", 12, ["損失が小さ", "い。次は?"]),
        ("これは「埋め込み」です", 8, ["これは", "「埋め込", "み」です"]),
        ("次は 06.03, workshop/ja/ch06.py です", 16, ["次は 06.03,", "workshop/ja/ch06.py", "です"]),
        ("ক্ষতি কমেছে আবার", 9, ["ক্ষতি কমেছে", "আবার"]),
        ("café au lait", 7, ["café au", "lait"]),
        ("", 10, []),
        ("字", 1, ["字"]),
    ],
)
def test_lines(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@given(st.text(st.sampled_from("ab 字「」。ক্ি"), max_size=60), st.integers(4, 20), st.sampled_from(["", "  "]))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int, indent: str) -> None:
    lines = wrapped(text, width, indent)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines[1:]:
        assert line.startswith(indent)
        assert line.strip()[0] not in "。」" or re.search(r"(?:^|\s)[。」]", text)
    for line in lines:
        assert cell_len(line) <= width or " " not in line.strip()


@given(st.text(st.sampled_from("ab é"), max_size=60), st.integers(3, 20))
def test_words_between_spaces_are_wrapped_as_ever(text: str, width: int) -> None:
    text = text.strip()
    found = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False, subsequent_indent="  ")
    assert wrapped(text, width, "  ") == found


def test_a_long_word_is_broken_if_it_may_be() -> None:
    assert wrapped("字é" * 4, 6, whole_words=False) == ["字é字é", "字é字é"]
    assert wrapped("é" * 10, 6, whole_words=False) == ["é" * 6, "é" * 4]
    assert wrapped("e" * 10, 6, whole_words=False) == ["e" * 6, "e" * 4]
    assert wrapped("é" * 10, 6) == ["é" * 10]


def test_padded() -> None:
    assert [cell_len(padded(text, 8)) for text in ("損失", "loss", "ক্ষতি", "")] == [8] * 4
    assert padded("損失損失", 4) == "損失損失"
