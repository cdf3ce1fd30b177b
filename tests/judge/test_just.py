"""What an answer owes besides equal values, and what it doesn't: each tried on the real course."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.course.course import Course
from kit.judge.diagnosis import UNORDERED
from kit.judge.judge import Judge
from kit.judge.trials.runners import ForkRunner

HEAD = [f"        self.{name} = nn.Linear(config.embedding_dim, head_size, bias=False)" for name in ("query", "key")]
GAIN = "        self.gain = nn.Parameter(torch.ones(dim))"
BIAS = "        self.bias = nn.Parameter(torch.zeros(dim))"
WRONG = {
    "what is returned doesn't learn": (
        "05.11",
        {"self.gain * normalised + self.bias": "(self.gain * normalised).detach() + self.bias"},
    ),
    "a part on the way doesn't learn": (
        "05.11",
        {"correction=0, keepdim=True)": "correction=0, keepdim=True).detach()"},
    ),
    "a frozen table": ("02.10", {"return self.table(ids)": "return self.table.requires_grad_(False)(ids)"}),
    "a row that never learns": (
        "02.10",
        {"nn.Embedding(vocab_size, embedding_dim)": "nn.Embedding(vocab_size, embedding_dim, padding_idx=0)"},
    ),
    "what was given is changed": ("03.02", {"vectors + places[:, None]": "vectors.add_(places[:, None])"}),
    "an argument is changed": (
        "03.05",
        {"rows / rows.norm": "rows.div_(rows.norm", "keepdim=True)  #": "keepdim=True))  #"},
    ),
    "a class that needs the notebook": (
        "01.17",
        {"self.characters = sorted(set(text))": "self.characters = characters"},
    ),
    "the order of a set": ("01.02", {"sorted(different)": "list(different)"}),
    "a type that the text asks for": ("07.03", {"width // heads_wanted": "width / heads_wanted"}),
}
RIGHT = {
    "declared in another order": ("05.11", {GAIN: "GAIN", BIAS: GAIN, "GAIN": BIAS}),
    "parameters with other names": ("05.11", {"self.gain": "self.scale", "self.bias": "self.shift"}),
    "equal shapes, another order": ("06.26", {HEAD[0]: "FIRST", HEAD[1]: HEAD[0], "FIRST": HEAD[1]}),
    "equal shapes, other names": ("06.26", {"self.query": "self.q", "self.key": "self.k"}),
    "a number in a tensor": ("05.01", {"x.std().item()": "x.std()"}),
    "a tuple for a list": ("01.01", {"list(sentence)": "tuple(sentence)"}),
    "in place, on something new": ("03.02", {"vectors + places[:, None]": "vectors.clone().add_(places[:, None])"}),
    "more random numbers than ours": (
        "01.15",
        {"torch.randint(len(ids) - length, (batch_size,))": "torch.randperm(len(ids) - length)[:batch_size]"},
    ),
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    runner = ForkRunner(Course().root)
    yield Judge(runner)
    runner.close()


def cell(exercise_id: str, changes: dict[str, str]) -> str:
    """The finished cell with these changes, made one after the other."""
    code = Course().exercise(exercise_id)[1].code
    for old, new in changes.items():
        assert old in code, old
        code = code.replace(old, new)
    return code


@pytest.mark.parametrize("what", WRONG)
def test_equal_values_are_not_all(judge: Judge, what: str) -> None:
    exercise_id, changes = WRONG[what]
    assert judge.judge(*Course().exercise(exercise_id), cell(exercise_id, changes)).outcome in ("failed", "error")


@pytest.mark.parametrize("what", RIGHT)
def test_what_does_not_matter(judge: Judge, what: str) -> None:
    exercise_id, changes = RIGHT[what]
    verdict = judge.judge(*Course().exercise(exercise_id), cell(exercise_id, changes))
    assert verdict.outcome == "passed", verdict


def test_the_reason_is_the_order_of_a_set(judge: Judge) -> None:
    verdict = judge.judge(*Course().exercise("01.02"), cell("01.02", {"sorted(different)": "[*different]"}))
    assert (verdict.outcome, verdict.message, verdict.mistake) == ("failed", UNORDERED, None)
