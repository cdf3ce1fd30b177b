"""Which strings in code are texts, and which are data."""

from __future__ import annotations

import ast

import pytest

from kit.course.chapter import Code
from kit.translation.code import rewrite, spots


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ('print("some words")', ["some words"]),
        ('print(f"{n:,} lines", n, f"{x}")', ["{n:,} lines"]),
        ('print(f"{n} {{in}} " "two pieces")', ["{n} {{in}} two pieces"]),
        ('print("{:.0%} of them".format(x))', ["{:.0%} of them"]),
        ('print("yes, all" if x else "no, none")', ["yes, all", "no, none"]),
        ('print(f"{n}: {n!r}", "x", "=", "12")', []),
        ('print("-".join(["some words"]), names["some words"], sep="some words")', []),
        ('print(f"{names[\'some words\']} are here")', ["{names['some words']} are here"]),
        ('name = "some words"', []),
        ('print(tell("some words"))', []),
        ('names = {"some words": 1}', []),
        ('raise ValueError("some words")', []),
        ('draw.heat(m, rows=["the first", *[f"row {n}" for n in ns]], title="A map", alt=f"It is {x}.")',
         ["the first", "row {n}", "A map", "It is {x}."]),
        ('draw.heat(m, rows="Lets", columns=list("Lets"), title=name, alt=other)', []),
        ('draw.lines({"the loss": losses, name: others}, x_name="step", y_name="loss of it")',
         ["the loss", "step", "loss of it"]),
        ('draw.bars(["one bar", "x"], values["some words"], title="A bar", alt="One " + word + " bar")',
         ["one bar", "A bar", "One ", " bar"]),
        ('draw.heat(m, rows=[f"{way}: {n}" for n in ns for way in ("width", "places")], title="", alt="")',
         ["width", "places"]),
        ('draw.heat(m, rows=[f"{way}: {moved[way]}" for way in ("width", "places")], title="", alt="")', []),
        ('for how, x in (("leaning on", a), ("listening to", b)):\n    print(f"{how:<9} {x}")',
         ["leaning on", "listening to"]),
        ('for how, x in (("leaning on", a), ("listening to", b)):\n    print(f"{how!r} {x}")', []),
        ('for how, x in (("leaning on", a), ("listening to", b)):\n    print(how, table[how])', []),
        ('for n, word in enumerate(("never met", "met once")):\n    print(word, n)', ["never met", "met once"]),
        ('for word in ("some", "words"):\n    print(word)', ["some", "words"]),
        ("x = 1  # a comment in words", ["a comment in words"]),
        ("x = 1  # (8, 8)", []),
        ("x = 1  # type: ignore", []),
        ('def f():\n    """What it does.\n\n    And when.\n    """', ["What it does.\n\nAnd when."]),
        ('x = """not a docstring"""', []),
    ],
)  # fmt: skip
def test_texts_are_found_by_rule(code: str, texts: list[str]) -> None:
    assert [spot.text for spot in spots(code)] == texts


@pytest.mark.parametrize(
    ("code", "said", "want"),
    [
        ("print('a word')", 'it\'s "so"', """it's "so\""""),
        ("print('a word')", "tab\tand\nline \\ and { braces }", "tab\tand\nline \\ and { braces }"),
        ('print("a word")', "a very long text " * 20, "a very long text " * 20),
        ('print("a word")', "とても長い文" * 40, "とても長い文" * 40),
    ],
)
def test_any_text_can_be_written(code: str, said: str, want: str) -> None:
    made = rewrite(Code(code, 1), lambda *_: said, True).code
    (call,) = [node for node in ast.walk(ast.parse(made)) if isinstance(node, ast.Call)]
    assert isinstance(call.args[0], ast.Constant) and call.args[0].value == want
    assert all(len(line) <= 120 for line in made.split("\n"))


def test_a_placeholder_with_quotes_keeps_them() -> None:
    code = """print(f'{names["a"]} and "so" on')"""
    made = rewrite(Code(code, 1), lambda *_: """it's "{names["a"]}" {{so}}""", True).code
    assert eval(made.removeprefix("print"), {"names": {"a": 1}}) == """it's "1" {so}"""


def test_a_docstring_with_quotes_and_backslashes_stays_one() -> None:
    code = 'def f() -> None:\n    """What it does."""'
    for said in ('say """so"""', 'ends with "', "a \\ b", "long words " * 30, "one\n\nand two"):
        made = rewrite(Code(code, 1), lambda *_, said=said: said, True).code
        (function,) = ast.parse(made).body
        assert isinstance(function, ast.FunctionDef)
        assert (ast.get_docstring(function) or "").split() == said.split()
