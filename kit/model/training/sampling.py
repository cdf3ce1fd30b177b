"""Sampling: a model continues a prompt, one character at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from kit.errors import KitError
from kit.model.training.predictor import Predictor
from nanogpt import BigramLanguageModel


def encode(prompt: str, characters: str) -> list[int]:
    """The ids of a prompt. An empty prompt becomes a line break, which is what comes before a speech.

    Raises:
        KitError: the prompt has a character that isn't in the model's vocabulary, `characters`.
    """
    ids = {character: place for place, character in enumerate(characters)}
    unknown = sorted(set(prompt) - set(characters))
    if unknown:
        raise KitError(
            f"the model has never seen {' '.join(map(repr, unknown))}; it knows {' '.join(map(repr, characters))}",
            "the prompt",
            "leave out what it doesn't know",
        )
    return [ids[character] for character in prompt] or [ids.get("\n", 0)]


@torch.inference_mode()
def sample(
    model: BigramLanguageModel,
    ids: Sequence[int],
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int | None = None,
) -> Iterator[int]:
    """The ids that the model writes after `ids`, one by one and without end.

    The logits are divided by `temperature`; at 0 the likeliest id is taken every time. With `top_k`, only the k
    likeliest ids can be drawn. The same seed gives the same ids; without one, they differ each time.
    """
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    predictor, window = Predictor(model), list(ids)
    while True:
        window = window[-model.config.input_sequence_length :]
        logits = predictor.logits(window)  # (vocab_size,)
        if temperature == 0:
            chosen = int(logits.argmax())
        else:
            if top_k is not None:
                least = logits.topk(min(top_k, len(logits))).values[-1]
                logits = logits.masked_fill(logits < least, float("-inf"))
            chances = ((logits - logits.max()) / temperature).softmax(dim=-1)  # 0 at most, so exp can't overflow
            chosen = int(torch.multinomial(chances, num_samples=1, generator=generator))
        window.append(chosen)
        yield chosen
