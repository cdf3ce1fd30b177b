"""Texts side by side: on a page, and in print."""

from __future__ import annotations

import IPython.display
import pytest
from rich.cells import cell_len

from workshop import columns

TEXTS = {"before <1>": "x & y\n\nlast", "after": "word " * 20 + "w" * 80}


def test_print_has_a_heading_above_each_column_and_no_line_is_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    columns.show(TEXTS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["before", "<1>", "after"]
    left, right = ([line[start:].strip() for line in lines] for start in (0, columns.WIDTH + len(columns.GAP)))
    assert [line[: columns.WIDTH].strip() for line in lines[2:5]] == ["x & y", "", "last"] and left
    assert "".join(right[2:]).replace(" ", "") == TEXTS["after"].replace(" ", "")
    assert max(map(len, lines)) <= 2 * columns.WIDTH + len(columns.GAP)


def test_columns_begin_at_one_place_in_every_script(capsys: pytest.CaptureFixture[str]) -> None:
    columns.show({"前": "損失が小さくなりました。" * 4, "পরে": "x\ny\nz"})
    lines = capsys.readouterr().out.splitlines()
    marks = {lines[0]: "প", lines[2]: "x", lines[3]: "y", lines[4]: "z"}
    starts = [cell_len(line[: line.rindex(mark)]) for line, mark in marks.items()]
    assert set(starts) == {columns.WIDTH + len(columns.GAP)}


def test_a_notebook_gets_both_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    bundles: list[dict[str, str]] = []
    monkeypatch.setattr(columns, "in_notebook", lambda: True)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: bundles.append(bundle))
    columns.show(TEXTS)
    assert "before &lt;1&gt;" in bundles[0]["text/html"] and "x &amp; y\n\nlast" in bundles[0]["text/html"]
    assert bundles[0]["text/html"].count("<pre") == 2
    assert bundles[0]["text/plain"].startswith("before <1>")
