"""Canonical cells: only what Python ignores is left out, and if that isn't certain, nothing is."""

from __future__ import annotations

import ast

import pytest

from kit.course.own_code import SEAM
from kit.verify.canonical import MAX_CELL, CanonicalCells, without_comments

SAME = [
    "# a thought\nx = 1\n\n    # another\ny = x  # beside it\n",
    "def f():\n    # why\n    return 'Let us'\n",
    "x = [\n    1,\n    # two is left out\n    3,\n]",
    "#| export\nclass A:\n\n    pass",
    "x = '# no comment'\n  \ny = \"#\"",
    "# é – “so”\nx = 1 \t\n\n",
]
KEPT = [
    "'''\n# a string's line\n'''",
    'x = """\n\n"""',
    "x = 'a\\\n# b'",
    "# a\rx = 1",
    "# a\x0cx = 1\n",
    "# a\x00\nx = 1",
    "# \ud800\nx = 1",
    "x = 1\nf'{\n# shown\nx=}'",
    "x = 1\nf'{x=\n# shown\n}'",
    "# a\nx = ____",
    "# " + "a" * MAX_CELL + "\nx = 1",
]


@pytest.mark.parametrize("code", SAME)
def test_the_program_is_the_same(code: str) -> None:
    assert len(without_comments(code)) < len(code)
    assert ast.dump(ast.parse(without_comments(code))) == ast.dump(ast.parse(code))
    assert without_comments(without_comments(code)) == without_comments(code)


@pytest.mark.parametrize("code", KEPT)
def test_a_cell_stays_as_it_is_where_that_is_not_certain(code: str) -> None:
    assert without_comments(code) == code


def test_a_cell_that_is_ours_but_for_comments_is_judged_as_ours() -> None:
    canonical = CanonicalCells([("00.01", "# why\nx = 1"), ("00.01", "x = 2")])
    assert canonical.find("00.01", "x = 1  \n# mine") == "# why\nx = 1"
    assert canonical.find("00.02", "x = 1  \n# mine") == "x = 1"
    assert canonical.find("00.01", "# a\nx = 3") == "x = 3"


def test_what_stands_above_our_own_cell_is_left_out_unless_it_needs_something() -> None:
    needs = {"right = 1": frozenset[str](), "right = mine": frozenset({"mine"})}
    cells = CanonicalCells({("00.01", code) for code in needs}, lambda _, code: needs[code])
    assert cells.find("00.01", SEAM.join(["mine = 1", "# so\nright = 1"])) == "right = 1"
    for source in ("right = mine", "right = 2"):
        assert cells.find("00.01", SEAM.join(["mine = 1", source])) == SEAM.join(["mine = 1", source])
