"""Magics are found where IPython finds them, and nothing a cell holds ends the parser."""

from __future__ import annotations

import ast
from contextlib import suppress

import pytest

from kit.course.course import Course
from kit.course.syntax import code_alone, magic_lines, parse, without_magics


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("%matplotlib inline\nx = 1", {0}),
        ("x = 1\n!echo don't (\n%timeit f(x)\nlen?\n??len\nnames = !ls\nx.shape??", {1, 2, 3, 4, 5, 6}),
        ("%%time\nx = 1", {0}),
        ("if x:\n    %timeit f(x)", {1}),
        ("%timeit f(x) \\\n  + 1\nx = 1", {0, 1}),
        ("x = (a\n% b)", set()),
        ("x = a \\\n% b", set()),
        ("x = [\n    # what? (\n!ls\n]", set()),
        ('x = """\n%time\n!ls\nlen?\n"""\n!ls', {5}),
        ("x = 'a = %s' % b\ny = 5 %3\nz = 1  # why?", set()),
        ("x = f'{a}(' \n%time y = 1", {1}),
        ("x != y", set()),
    ],
)
def test_magics_are_lines_where_a_statement_may_start(code: str, lines: set[int]) -> None:
    assert magic_lines(code) == lines
    plain = without_magics(code)
    assert plain.count("\n") == code.count("\n")
    kept = [line for number, line in enumerate(code.split("\n")) if number not in lines]
    assert set(kept) <= set(plain.split("\n"))


@pytest.mark.parametrize("code", ["%time y = f(x)", "  %time y = f(x)", "# notebook: %time y = f(x)"])
def test_a_timed_statement_stays(code: str) -> None:
    assert without_magics(code).strip() == "y = f(x)"


def test_a_block_with_nothing_but_a_magic_is_still_one() -> None:
    assert [type(node) for node in parse("if x:\n    %timeit f(x)\ny = 1").body] == [ast.If, ast.Assign]


def test_the_course_has_no_magics(course: Course) -> None:
    for chapter in course.chapters:
        assert not any(magic_lines(exercise.code) for exercise in chapter.exercises)


@pytest.mark.parametrize(
    "code",
    [
        "-" * 20_000 + "1",
        "(" * 20_000,
        "[" * 5000 + "]" * 5000,
        "+".join(["1"] * 20_000),
        "x" + ".a" * 20_000,
        "x\0",
        "(",
    ],
    ids=["signs", "brackets", "lists", "sums", "dots", "null", "open"],
)
def test_nothing_but_a_syntax_error_comes_out(code: str) -> None:
    with suppress(SyntaxError):  # some versions of Python parse deeper than others
        assert isinstance(parse(code), ast.Module)


def test_code_alone_has_no_comments_and_no_texts() -> None:
    code = 'x = "check(1)"  # check(2)\ny = f"{check(3)}"'
    assert len(code_alone(code)) == len(code)
    assert [found in code_alone(code) for found in ("check(1)", "check(2)", "check(3)")] == [False, False, True]
