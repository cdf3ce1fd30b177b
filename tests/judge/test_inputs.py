"""Redrawn inputs: the same for the same seed, and never equal by accident."""

from __future__ import annotations

import pytest

from kit.judge.inputs import ON_THE_PAGE, Inputs, all_different, is_telling

SEEDS = range(300)


def test_a_seed_draws_the_same_again() -> None:
    def drawn(seed: str) -> object:
        new = Inputs(seed)
        return (
            new.sentence(),
            new.sizes(),
            new.whole(0, 10**9),
            new.wholes(3, 0, 50),
            new.number(0, 1),
            new.pick("a", "b"),
        )

    assert drawn("1") == drawn("1") != drawn("2")


@pytest.mark.parametrize("words", [2, 3, 5])
def test_a_sentence_tells_letters_from_capitals_and_its_ends_apart(words: int) -> None:
    sentences = {Inputs(str(seed)).sentence(words) for seed in SEEDS}
    assert all(map(is_telling, sentences)) and len(sentences) > 0.9 * len(SEEDS)


def test_sizes_are_all_different_and_heads_divide_the_width() -> None:
    drawn = [Inputs(str(seed)).sizes() for seed in SEEDS]
    assert all(map(all_different, drawn))
    assert len({tuple(sizes.values()) for sizes in drawn}) > 0.9 * len(SEEDS)
    assert not any(ON_THE_PAGE & {*sizes.values(), sizes["embedding_dim"] // sizes["num_heads"]} for sizes in drawn)
    assert all(Inputs(str(seed)).sizes(batch_size=1)["batch_size"] == 1 for seed in SEEDS)


def test_different_whole_numbers() -> None:
    assert all(len(set(Inputs(str(seed)).wholes(5, 1, 5))) == 5 for seed in SEEDS)
