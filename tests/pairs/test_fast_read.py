from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.course.answers import read_work
from kit.course.course import Course
from kit.pairs import fast_read
from kit.pairs.fast_read import NotSplittable, read_side, script_content, split_notebook, split_script
from tests.support.forks import answers, notebook, script


def assert_same(data: bytes, is_notebook: bool) -> None:
    """A side says what `read_work` says."""
    work, seen = read_work(data, is_notebook), read_side(data, is_notebook)
    assert {item_id: (answer.source, answer.filled) for item_id, answer in seen.answers.items()} == {
        item_id: (answer.source, answer.filled) for item_id, answer in work.answers.items()
    }
    assert seen.ticks == {item_id: item.ticked for item_id, item in work.items.items()}
    assert seen.flags == work.flags


LINES = st.sampled_from(
    [
        *("# %%", "#%%", "#\t%%", "# %% [markdown]", "# %% [raw]", "# %%%", "#\u00a0%%", "  # %%", "%%", "# text"),
        *(
            'check("00.01")',
            "check('00.02')",
            '  check("00.01")',
            "x = ____",
            "x = 1",
            "def f(",
            '"""',
            "# - [x] 00.01 a",
        ),
        *("# - [ ] 00.02 b", "# 1. [✓] 00.01 c", "- [x] 00.03 d", '# <input type="checkbox" checked> 00.04 e', ""),
        *("<<<<<<< a", "=======", ">>>>>>> b", "é", "\r", "\ufeff", "\x0c", "\x1c# %%", "\u2028# %%", "\0"),
    ]
)


@given(
    st.lists(LINES, max_size=14),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]),
)
@settings(max_examples=300)
def test_scripts_as_read_work_reads_them(lines: list[str], end: str, encoding: str) -> None:
    assert_same(end.join(lines).encode(encoding, errors="replace"), False)


SOURCES = st.lists(LINES, max_size=5).map("\n".join)
CELLS = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["markdown", "code", "raw", "odd"]),
        "source": SOURCES | st.lists(SOURCES) | st.none(),
    },
    optional={"metadata": st.just({"a": ["},\n  {\n"]}), "outputs": st.just([{"text": 'check("00.01")'}])},
)


@given(
    st.lists(CELLS, max_size=5), st.sampled_from([None, 1, 2]), st.booleans(), st.text(max_size=3), st.integers(0, 400)
)
@settings(max_examples=300)
def test_notebooks_as_read_work_reads_them(
    cells: list[object], indent: int | None, plain_text: bool, typed: str, place: int
) -> None:
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=indent, ensure_ascii=plain_text)
    assert_same(text.encode(errors="replace"), True)
    broken = text[:place] + typed + text[place:]
    assert_same(broken.encode(errors="replace"), True)


CODE = '"cell_type": "code", "source": '
CHECK = '"check(\\"00.01\\")"'


@pytest.mark.parametrize(
    ("cells", "end"),
    [
        # each looks like nbformat's line endings, but is something else
        (f'{CODE}"a"}}, {{{CODE}{CHECK}', '"x": 1\n}'),
        (f'{CODE}"a"}}], "more": [{{"b": 1', '"x": 1\n}'),
        (f"{CODE}{CHECK}", '"cells": []\n}'),
        (f'{CODE}"a",\n  {{\n{CODE}"b"', '"x": 1\n}'),
        (f'{CODE}"a"', '"x": 1\n}}'),
        ('"cell_type": "code"', '"x": 1\n}'),
    ],
)
def test_forged_line_ends(cells: str, end: str) -> None:
    forged = f'{{\n "cells": [\n  {{\n{cells}\n  }}\n ],\n {end}'
    assert_same(forged.encode(), True)


def test_the_course_takes_the_short_way(course: Course) -> None:
    chapter = course.chapter("00")
    done = answers(chapter, "00.01")
    assert len(split_script(script(chapter, done, ["00.01"]))) > 3
    assert len(split_notebook(notebook(chapter, done, ["00.01"]))) > 3
    assert_same(script(chapter, done, ["00.01"]), False)
    assert_same(notebook(chapter, done, ["00.01"]), True)


@pytest.mark.parametrize("data", [b"", b"text", b"# %%%\n", b"# %%\n#%%\n", b"# %%\n#\xc2\xa0%%\n"])
def test_uncertain_cuts_are_not_made(data: bytes) -> None:
    with pytest.raises(NotSplittable):
        list(map(script_content, split_script(data)))


def test_a_cell_is_parsed_once(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[object] = []
    original = fast_read.content_of
    monkeypatch.setattr(fast_read, "content_of", lambda *cell: parsed.append(cell) or original(*cell))  # type: ignore[func-returns-value]
    fast_read.script_content.cache_clear()
    chapter = course.chapter("00")
    read_side(script(chapter), False)
    first = len(parsed)
    read_side(script(chapter, answers(chapter, "00.01")), False)
    assert first > 3
    assert len(parsed) == first + 1


@pytest.mark.parametrize(
    "data",
    [
        b'# %%\ncheck("00.01")' + b" " * 300_000 + b"x",
        b'# %%\ncheck("00.01")' + b"\n" * 300_000 + b"x",
        b"# %%\n" + b"check(\n" * 40_000,
        b"# %% [markdown]\n# " + b"<input checkbox " * 20_000,
        b"# %% [markdown]\n# " + b"checkbox <input " * 20_000,
        b"# %% [markdown]\n# <input checkbox>" + b" " * 300_000,
        b"# %% [markdown]\n# " + b"<input checkbox>" * 20_000,
        b"# %% [markdown]\n" + b"# - [x] 00.01\n" * 40_000,
        b"# %% [markdown]\n#" + b" " * 300_000 + b"- [x 00.01",
        b"# %%\nx = ____ " + b"(" * 100_000 + b'\ncheck("00.01")',
        b"# %%\nx = ____ " + b"[[" * 50_000 + b'\ncheck("00.01")',
        b"<<<<<<< " * 50_000,
        b"# %%\n" * 60_000,
    ],
    ids=range(13),
)
@pytest.mark.parametrize("form", ["script", "notebook"])
def test_hostile_text_costs_no_time(data: bytes, form: str) -> None:
    start = time.process_time()
    if form == "script":
        read_side(data, False)
    else:
        cells = [{"cell_type": kind, "source": data.decode()} for kind in ("markdown", "code")]
        read_side(json.dumps({"cells": cells}).encode(), True)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "source",
    ['x = ____\\ud800\ncheck("00.01")', 'x = ____\\u0000\ncheck("00.01")', "[" * 5000, '{"a":' * 5000, '"\\ud83d"'],
)
def test_hostile_notebooks(source: str) -> None:
    text = '{"cells": [{"cell_type": "code", "source": "' + source.replace("\n", "\\n").replace('"', '\\"') + '"}]}'
    assert_same(text.encode(), True)
    assert_same(source.encode(), True)
