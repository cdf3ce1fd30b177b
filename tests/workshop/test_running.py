"""The running example: what leaves one chapter is what the next one begins with."""

from __future__ import annotations

import pytest
import torch

from kit.course.course import Course
from kit.judge.trials.trial import script_cells, walk
from workshop import running

LEAVES = {  # by chapter, the expression for what its finished notebook ends up with
    "02": "token_embedding(sentence_batch)",
    "03": "position_vectors",
    "04": "x",
    "05": "ready",
    "06": "leaving",
    "07": "mixed",
    "08": "after",
    "09": "block(stream)",
    "10": "bet",
}


@pytest.mark.parametrize("chapter", LEAVES)
def test_what_a_finished_chapter_ends_with_is_what_leaves_it(chapter: str) -> None:
    *_, (_, state, _) = walk(script_cells(Course().chapter(chapter)), 0)  # the state continues to the chapter's end
    assert torch.equal(eval(LEAVES[chapter], state).detach(), running.after(chapter))


def test_every_part_is_small_and_quiet() -> None:
    for chapter in LEAVES:
        one, other = running.part(chapter), running.part(chapter)
        assert not one.training
        assert all(torch.equal(p, q) for p, q in zip(one.parameters(), other.parameters(), strict=True))


def test_random_numbers_outside_are_left_alone() -> None:
    torch.manual_seed(3)
    running.after("10")
    drawn = torch.rand(2)
    torch.manual_seed(3)
    assert torch.equal(drawn, torch.rand(2))
