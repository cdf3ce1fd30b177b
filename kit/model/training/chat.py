"""A conversation with a model that has learned to answer (chapter 13): a line in, an answer out, each on its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError
from kit.model.training.sampling import sample
from kit.model.training.saved_model import ANSWERS, SETTINGS, SavedModel, load

if TYPE_CHECKING:
    from nanogpt import BigramLanguageModel

LONGEST = 100  # characters, for an answer that doesn't end
CHAPTER = "do chapter 13, or run python checkpoints/ch13_answers.py"


def find(folder: Path) -> SavedModel:
    """The model in a folder that answers: the one in it, or else the one beside it, in its folder `answers`.

    Raises:
        KitError: neither has learned to answer, or can't be read.
    """
    saved = load(folder)
    if saved.answers:
        return saved
    if (folder / ANSWERS / SETTINGS).is_file():
        return load(folder / ANSWERS)
    raise KitError("this model hasn't learned to answer: it only goes on writing", str(folder), CHAPTER)


def answer(
    model: BigramLanguageModel, characters: str, said: str, temperature: float, top_k: int | None, seed: int | None
) -> Iterator[str]:
    """The characters of an answer to what somebody said, as they come. What the model can't read is left out."""
    from nanogpt import question

    ids = [characters.index(character) for character in question(said, characters)]
    written = (characters[number] for number in sample(model, ids, temperature, top_k, seed))
    return islice(takewhile(lambda character: character != "\n", written), LONGEST)


def typed() -> Iterator[str]:
    """What a person types, line by line, until an empty one or the end."""
    while True:
        try:
            said = input("You: ").strip()
        except EOFError:
            print()
            return
        if not said:
            return
        yield said


def converse(saved: SavedModel, said: Sequence[str], temperature: float, top_k: int | None, seed: int | None) -> None:
    """Answer each of these lines, and then each that's typed, as soon as it's there."""
    model = saved.model()
    for line in chain(said, typed()):
        print("GPT: ", end="", flush=True)
        for character in answer(model, saved.characters, line, temperature, top_k, seed):
            print(character, end="", flush=True)
        print()
