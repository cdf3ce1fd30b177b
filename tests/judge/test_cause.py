from __future__ import annotations

import pytest

from kit.judge.cause import agreement, changed_lines, changed_spans, method_lines, types_in_a_value

FINISHED = 'lines = text.count("\\n")\nkept = self.dropout(x) @ value'


@pytest.mark.parametrize(
    ("wrong", "learner", "made"),
    [
        ('lines = len(text.split("\\n"))', 'lines = len(text.split("\\n"))', True),
        ('lines = len(text.split("\\n"))', 'n = len(text.split("\\n"))\nlines = n', True),
        ('lines = len(text.split("\\n"))', 'lines = text.count("\\n") + 1', False),
        ("kept = x @ value", "kept = x @ value", True),
        ("kept = x @ value", "kept = x @ self.dropout(value)", False),
        ("kept = value @ self.dropout(x)", "kept = value @ self.dropout(x)", True),
        ("kept = value @ self.dropout(x)", "kept = self.dropout(x) @ value * 2", False),
    ],
)
def test_a_cause_is_what_the_text_does(wrong: str, learner: str, made: bool) -> None:
    first, second = FINISHED.split("\n")

    def whole(line: str) -> str:
        return f"{line}\n{second}" if line.startswith(("lines", "n =")) else f"{first}\n{line}"

    assert bool(agreement(FINISHED, whole(wrong), whole(learner))) is made


def test_a_change_in_the_same_place_counts_for_more() -> None:
    finished = "mean = x.mean(d, keepdim=True)\nvariance = x.var(d, keepdim=True)"
    no_mean = finished.replace("mean(d, keepdim=True)", "mean(d)")
    no_variance = finished.replace("var(d, keepdim=True)", "var(d)")
    assert agreement(finished, no_variance, no_variance) == 3
    assert agreement(finished, no_variance, no_variance.replace("mean(d", "mean(1")) == 2
    assert agreement(finished, no_mean, no_variance) < 2


def test_the_lines_that_were_changed() -> None:
    finished = (
        "class Loader:\n    def __init__(self, text):\n        self.text = text\n"
        "    def get(self, n):\n        return self.text[n:]"
    )
    assert changed_lines(finished, finished.replace("[n:]", "[:n]")) == [5]
    assert changed_lines(finished, f"# mine\n{finished}") == []
    assert changed_spans("y = 1", "y = f(\n    2,\n)\nif y:\n    z = 1") == [range(1, 4), range(4, 5), range(5, 6)]
    assert changed_lines("def f():\n    return 1", 'def f():\n    """Mine."""\n    return 1') == []
    assert changed_lines(finished, finished.replace("(self, n)", "(self, n, m)")) == [4]
    assert list(method_lines(finished, "get")) == [4, 5]
    assert not method_lines(finished, "put") and changed_lines(finished, "x = (") == []


def test_a_typed_in_value() -> None:
    assert types_in_a_value("x = y / len(z)", "x = y / 7")
    assert not types_in_a_value("x = y / len(z)", "x = y // len(z)")
    assert not types_in_a_value("x = y", "x = (")


def test_a_docstring_in_another_language_is_no_change() -> None:
    finished = 'def f(x):\n    """The mean."""\n    return x.mean()'
    wrong, own = finished.replace("mean()", "sum()"), finished.replace("The mean.", "平均。")
    assert agreement(finished, wrong, own.replace("mean()", "sum()")) == 3
    assert not types_in_a_value(finished, own)
    assert types_in_a_value(finished, own.replace("x.mean()", "7"))
