"""A prompt continued, character by character."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from kit.errors import KitError
from nanogpt import BigramLanguageModel


def encode(prompt: str, characters: str) -> list[int]:
    """The ids of a prompt; a prompt of nothing begins with a new line, as a speech does.

    Raises:
        KitError: a character of the prompt is not among those that the model knows.
    """
    ids = {character: number for number, character in enumerate(characters)}
    unknown = sorted(set(prompt) - set(characters))
    if unknown:
        never = "this character" if len(unknown) == 1 else "these characters"
        raise KitError(
            f"the model has never seen {never}: {' '.join(map(repr, unknown))}; it knows "
            f"{' '.join(map(repr, characters))}",
            "the prompt",
            "leave them out",
        )
    return [ids[character] for character in prompt] or [ids.get("\n", 0)]


@torch.inference_mode()
def continuation(
    model: BigramLanguageModel,
    ids: Sequence[int],
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int | None = None,
) -> Iterator[int]:
    """The ids that the model puts after these, one after the other, without an end.

    The logits are divided by `temperature` (0: always the highest); only the `top_k` highest of them can be drawn.
    """
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    window = list(ids)
    while True:
        window = window[-model.config.input_sequence_length :]
        logits = model(torch.tensor([window]))[0][0, -1]  # (vocab_size,)
        if temperature == 0:
            chosen = int(logits.argmax())
        else:
            if top_k is not None:
                least = logits.topk(min(top_k, len(logits))).values[-1]
                logits = logits.masked_fill(logits < least, float("-inf"))
            chances = ((logits - logits.max()) / temperature).softmax(dim=-1)  # the largest is 0: no overflow
            chosen = int(torch.multinomial(chances, num_samples=1, generator=generator))
        window.append(chosen)
        yield chosen
