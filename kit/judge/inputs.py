"""What a `#! redraw:` line draws its inputs with, under the name `new`: the same inputs for the same seed and line.

    #! redraw: sentence = new.sentence()
    #! redraw: config = Config(**new.sizes(batch_size=4))

Whatever a check could mix up is drawn apart: the sizes of a config are all different, and a sentence has a letter both
small and capital, one that occurs twice, and a length of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Container, Mapping
from typing import TypeVar

WORDS = (
    *("all", "alas", "arm", "away", "banish", "blood", "come", "dare", "dead", "ear", "eyes", "fall", "fool", "good"),
    *("grace", "hear", "heart", "hence", "here", "him", "his", "how", "king", "lend", "let", "lie", "live", "lord"),
    *("love", "me", "moon", "more", "night", "no", "not", "now", "peace", "royal", "see", "sleep", "so", "speak"),
    *("stay", "sweet", "sword", "tell", "tears", "thee", "then", "thou", "thy", "till", "tomorrow", "us", "was", "yet"),
)
ENDS = (",", ".", "!", "?", ";", ":")
HEADS = (3, 5)
TRIES = 10_000
WIDTHS = (3, 5, 6, 7)  # of a head
BATCHES = (3, 5, 6, 7, 9)
LENGTHS = (5, 6, 7, 9, 10, 11)
ON_THE_PAGE = {1, 2, 4, 8, 16, 24, 32, 64, 256}  # the sizes of both configs: typed in, they must fail
Value = TypeVar("Value")


class Inputs:
    """Draws inputs by a seed."""

    def __init__(self, seed: str) -> None:
        """`seed` may be any text."""
        self.random = random.Random(seed)

    def whole(self, low: int, high: int) -> int:
        """A whole number, from `low` to `high`, both included."""
        return self.random.randint(low, high)

    def wholes(self, count: int, low: int, high: int) -> list[int]:
        """As many different whole numbers, in no order.

        Raises:
            ValueError: there aren't that many.
        """
        return self.random.sample(range(low, high + 1), count)

    def number(self, low: float, high: float) -> float:
        """A float between two others."""
        return self.random.uniform(low, high)

    def pick(self, *values: Value) -> Value:
        """One of these values."""
        return self.random.choice(values)

    def sentence(self, words: int = 3) -> str:
        """About as many words, the first one with a capital that also occurs small; some letter occurs twice."""
        return self.until(lambda: self.any_sentence(words), is_telling)

    def any_sentence(self, words: int) -> str:
        """Words with a capital, spaces, and one sign."""
        chosen = self.random.choices(WORDS, k=max(2, words + self.random.randint(-1, 1)))
        place = self.random.randrange(len(chosen))
        chosen[place] += self.random.choice(ENDS)
        return " ".join([chosen[0].capitalize(), *chosen[1:]])

    def until(self, draw: Callable[[], Value], fits: Callable[[Value], bool]) -> Value:
        """Draw until it fits.

        Raises:
            ValueError: nothing that is drawn does.
        """
        for _ in range(TRIES):
            if fits(value := draw()):
                return value
        raise ValueError("no inputs like these can be drawn: there are too few that differ as they must")

    def sizes(self, **fixed: int) -> dict[str, int]:
        """The sizes of a config: batch, input sequence, heads, embedding, hidden. `fixed` ones are as given.

        All are different, the width of a head included, and none is a size of the chapters' configs.

        Raises:
            ValueError: that can't be with the `fixed` ones.
        """
        return self.until(lambda: self.any_sizes(fixed), lambda sizes: all_different(sizes, fixed))

    def any_sizes(self, fixed: dict[str, int]) -> dict[str, int]:
        """Sizes of which some may be equal. The embedding is a multiple of the heads."""
        heads = fixed.get("num_heads") or self.random.choice(HEADS)
        width = fixed.get("embedding_dim") or heads * self.random.choice(WIDTHS)
        drawn = {
            "batch_size": self.random.choice(BATCHES),
            "input_sequence_length": self.random.choice(LENGTHS),
            "embedding_dim": width,
            "hidden_dim": self.until(lambda: self.whole(width + 1, 4 * width - 1), lambda n: n not in ON_THE_PAGE),
            "num_heads": heads,
        }
        return drawn | fixed


def is_telling(sentence: str) -> bool:
    """Whether a sentence tells small letters from capitals, characters from different ones, and its ends apart."""
    small = sentence.lower()
    return (
        len(set(small)) < len(set(sentence)) < len(sentence) - 1
        and sentence[0] != sentence[-1]
        and len({sentence.count(character) for character in sentence}) > 2
    )


def all_different(sizes: Mapping[str, int], fixed: Container[str] = ()) -> bool:
    """Whether no two sizes could be taken for each other, the width of a head included, and heads divide the width.

    Two `fixed` ones may be equal.
    """
    width, heads, hidden = sizes["embedding_dim"], sizes["num_heads"], sizes["hidden_dim"]
    drawn = [size for name, size in sizes.items() if name not in fixed] + [width // heads]
    given = [size for name, size in sizes.items() if name in fixed]
    apart = len(set(drawn)) == len(drawn) and not set(drawn) & set(given)
    return width % heads == 0 and apart and hidden % width != 0
