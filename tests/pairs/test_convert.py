from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kit.course.cells import Cell, from_notebook, from_percent
from kit.course.notebook import to_notebook
from kit.errors import KitError
from kit.pairs import convert

LINES = st.one_of(
    st.sampled_from(["# %% x", "%% x", "#%%", "# %%%", "%time f()", "!ls", "%%time", "%%bash", "x = 1", "", " ", "#"]),
    st.sampled_from(['check("01.01")', "- [ ] 01.01 a", "def f():", '"""', "# notebook: %x", "# notebook:", "\t%y"]),
    st.text(max_size=8),
)
CELLS = st.lists(
    st.builds(Cell, st.sampled_from(["code", "markdown", "raw"]), st.lists(LINES, max_size=5).map("\n".join)),
    max_size=6,
)


@given(CELLS)
def test_a_notebook_says_the_same_after_a_walk_through_the_script(cells: list[Cell]) -> None:
    notebook = to_notebook(cells, "01").encode("utf-8", "surrogatepass")
    first = convert.notebook_cells(notebook, "n")
    script = convert.script_bytes(first)
    again = convert.script_cells(script, "s")
    assert convert.keys(again) == convert.keys(first)
    back = convert.notebook_bytes(again, "01")
    assert convert.keys(convert.notebook_cells(back, "n")) == convert.keys(first)
    assert convert.script_bytes(again) == script


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_a_script_says_the_same_after_a_walk_through_the_notebook(text: str) -> None:
    assume("<<<<<<<" not in text)
    cells = convert.script_cells(text.encode(), "s")
    back = convert.notebook_cells(convert.notebook_bytes(cells, "01"), "n")
    assert convert.keys(back) == convert.keys(cells)
    for line in text.split("\n"):
        assert all(word in convert.script_bytes(cells).decode() for word in line.split() if word.isalnum())


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ("%timeit f()", "# notebook: %timeit f()"),
        ('%%time\nx = 1\ncheck("01.01")', '# notebook: %%time\nx = 1\ncheck("01.01")'),
        ("!pip list\nx = 1", "# notebook: !pip list\nx = 1"),
        (
            "%%bash\nls -l\n\nfor x in *; do",
            "# notebook: %%bash\n# notebook: ls -l\n# notebook:\n# notebook: for x in *; do",
        ),
        ('x = """\n%d\n"""', 'x = """\n%d\n"""'),
    ],
)
def test_magics_are_comments_in_the_script_and_magics_in_the_notebook(shown: str, kept: str) -> None:
    assert convert.for_script(Cell("code", shown)).source == kept
    assert convert.for_notebook(Cell("code", kept)).source == shown
    assert convert.parses(kept)


def test_a_comment_of_the_learner_about_notebooks_stays_one() -> None:
    cell = Cell("code", "# notebook: see page 3\nx = 1")
    assert convert.for_notebook(cell) == cell


def test_words_behind_a_marker_are_kept() -> None:
    cells = convert.script_cells(b"# %% my try\nx = 1\n\n# %% [markdown] a title\n# text\n\n# %%\ny\n", "s")
    assert [(cell.kind, cell.source) for cell in cells] == [
        ("code", "# my try\nx = 1"),
        ("markdown", "a title\ntext"),
        ("code", "y"),
    ]


@pytest.mark.parametrize("data", [b"# %%\nx = '\xe9'\n", b"# %%\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> z\n"])
def test_a_script_that_cannot_be_understood_is_refused(data: bytes) -> None:
    with pytest.raises(KitError) as stop:
        convert.script_cells(data, "here.py")
    assert stop.value.where == "here.py"


def with_outputs(data: bytes) -> bytes:
    document = json.loads(data)
    for number, raw in enumerate(document["cells"]):
        raw["metadata"] = {"tags": [f"t{number}"]}
        if raw["cell_type"] == "code":
            raw |= {"execution_count": number, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["hi"]}]}
    document["metadata"]["kernelspec"]["name"] = "mine"
    return json.dumps(document).encode()


def test_what_is_unchanged_keeps_its_outputs_ids_and_metadata() -> None:
    cells = from_percent('# %%\na = 1\n# %%\nb = ____\ncheck("01.01")\n# %%\nc = 1\n# %% [markdown]\n# end\n')
    old = with_outputs(convert.notebook_bytes(cells, "01"))
    added = (cells[0], Cell("code", "mine = 1"), Cell("code", 'b = 2\ncheck("01.01")'), *cells[2:])
    before, after = json.loads(old)["cells"], json.loads(convert.notebook_bytes(added, "01", old))["cells"]
    assert [after[0], *after[3:]] == [before[0], *before[2:]]
    assert after[2]["id"] == before[1]["id"] == "ex-01-01"
    assert after[2]["outputs"] == []
    assert after[2]["metadata"] == {"tags": ["t1"]}
    assert len({raw["id"] for raw in after}) == 5
    assert json.loads(convert.notebook_bytes(added, "01", old))["metadata"]["kernelspec"]["name"] == "mine"


def test_moved_cells_keep_their_ids() -> None:
    cells = from_percent("# %%\na = 1\n# %%\nb = 2\n# %%\nc = 3\n")
    old = convert.notebook_bytes(cells, "01")
    ids = {"".join(raw["source"]): raw["id"] for raw in json.loads(old)["cells"]}
    new = json.loads(convert.notebook_bytes([cells[2], cells[0], cells[1]], "01", old))["cells"]
    assert {"".join(raw["source"]): raw["id"] for raw in new} == ids


@given(CELLS, CELLS)
def test_any_notebook_over_any_other_says_what_it_shall(one: list[Cell], two: list[Cell]) -> None:
    old = convert.notebook_bytes([convert.for_script(cell) for cell in one], "01")
    cells = convert.notebook_cells(to_notebook(two, "01").encode("utf-8", "surrogatepass"), "n")
    new = convert.notebook_bytes(cells, "01", old)
    assert convert.keys(convert.notebook_cells(new, "n")) == convert.keys(cells)
    ids = [raw["id"] for raw in json.loads(new)["cells"]]
    assert len(set(ids)) == len(ids) == len(from_notebook(new))


def test_half_a_character_is_written_as_json_writes_it() -> None:
    data = convert.encode(to_notebook([Cell("code", "x = '\ud83d'")], "01"))
    assert b"\\ud83d" in data
    assert len(convert.script_bytes(convert.notebook_cells(data, "n")).decode().split()) == 5
