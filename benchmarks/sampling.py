"""How fast a model of the default size writes, with keys and values kept and without."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from itertools import islice

import torch

from benchmarks import Row
from kit.model.training.recipes import recipes
from kit.model.training.sampling import encode, sample
from kit.model.training.train import prepare
from nanogpt import BigramLanguageModel

CHARACTERS = 1000
MOST_SECONDS = 1.0
ROUNDS = 3
SEED = 1337


@torch.inference_mode()
def plainly(model: BigramLanguageModel, ids: list[int]) -> Iterator[int]:
    """What `sample` writes, with the whole window computed for each id by the chapters' model."""
    generator, window = torch.Generator().manual_seed(SEED), list(ids)
    while True:
        window = window[-model.config.input_sequence_length :]
        logits = model(torch.tensor([window]))[0][0, -1]  # (vocab_size,)
        chances = (logits - logits.max()).softmax(dim=-1)
        window.append(int(torch.multinomial(chances, num_samples=1, generator=generator)))
        yield window[-1]


def timed(ids: Iterator[int]) -> tuple[list[int], float]:
    """So many characters' ids, and the seconds they took."""
    start = time.perf_counter()
    return list(islice(ids, CHARACTERS)), time.perf_counter() - start


def row(text: str) -> Row:
    """`sample.py` after its start: a thousand characters in turns, with keys and values kept and without."""
    run = prepare(recipes()["chapter"].changed(steps=20), text, torch.device("cpu"))
    run.trainer.train()
    run.model.eval()
    prompt = encode("ROMEO:", "".join(run.loader.characters))
    kept, plain, same = [], [], True
    for _ in range(ROUNDS):
        written, seconds = timed(sample(run.model, prompt, seed=SEED))
        expected, without = timed(plainly(run.model, prompt))
        kept.append(seconds)
        plain.append(without)
        same = same and written == expected
    middle = statistics.median(kept)
    faster = statistics.median(without / seconds for without, seconds in zip(plain, kept, strict=True))
    return Row(
        f"sample.py, {CHARACTERS:,} characters",
        f"{middle:.2f} s, {CHARACTERS / middle:,.0f} a second",
        f"< {MOST_SECONDS:g} s, same text",
        same and middle < MOST_SECONDS,
        f"{'the same' if same else 'ANOTHER'} text as without kept keys and values, {faster:.1f} times as fast as the "
        f"{CHARACTERS / statistics.median(plain):,.0f} a second of the chapters' model; medians of {ROUNDS}",
    )
