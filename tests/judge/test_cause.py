from __future__ import annotations

import pytest

from kit.judge.cause import makes_the_change, types_in_a_value

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

    assert makes_the_change(FINISHED, whole(wrong), whole(learner)) is made


def test_a_typed_in_value() -> None:
    assert types_in_a_value("x = y / len(z)", "x = y / 7")
    assert not types_in_a_value("x = y / len(z)", "x = y // len(z)")
    assert not types_in_a_value("x = y", "x = (")
