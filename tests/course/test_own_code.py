"""What a learner's other cells lend an exercise: chosen by text, then by what is needed."""

from __future__ import annotations

import pytest

from kit.course.course import Course
from kit.course.own_code import SEAM, known_names, lent, offered, parted, to_judge


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("import numpy as np", {"numpy", "as", "np"}),
        ("from math import (\n    sqrt,\n    pi,\n)", {"math", "import", "sqrt", "pi"}),
        ("def double(x):\n    inner = 2\n    return inner * x", {"double"}),
        ("async def later(): ...", {"later"}),
        ("class Mine:\n    pass", {"Mine"}),
        ("a, b = 1, 2\nc: int = 3", {"a", "b", "c"}),
        ("x == 3\nprint(y)\nz[0] = 1", set()),
    ],
)
def test_what_a_cell_offers(cell: str, names: set[str]) -> None:
    assert offered(cell) == names


def test_only_cells_that_lend_something_come_along() -> None:
    above = ["import numpy as np", "x = 1", "def mean(v):\n    return np.mean(v)", "unused = 5"]
    assert to_judge("y = x + 1", above, {"x"}) == "y = x + 1"
    text = to_judge("y = mean(x)", above, {"x"})
    assert parted(text) == (("import numpy as np", "def mean(v):\n    return np.mean(v)"), "y = mean(x)")
    assert parted("y = 1") == ((), "y = 1")


def test_only_what_is_needed_and_missing_is_lent() -> None:
    own = ("import math, os\nV = size * 2\nprint(V)", "def f(a):\n    return math.sqrt(a) + V", "x = (")
    assert lent(own, "y = f(x)", {"size", "x"}) == [
        "import math, os",
        "V = size * 2",
        "def f(a):\n    return math.sqrt(a) + V",
    ]
    assert lent(own, "y = f(x)", {"size", "x", "f"}) == []
    assert lent(own, "f = len\ny = f(x)", {"x"}) == []


def test_a_name_of_the_chapter_is_never_lent() -> None:
    chapter = Course().chapter("00")
    first = chapter.exercises[0]
    names = known_names(chapter)
    assert {"characters", "sentence"} <= names[first.id]
    assert names[first.id] < names[chapter.exercises[-1].id]
    assert SEAM not in to_judge(first.code, ["sentence = 'mine'"], names[first.id])
