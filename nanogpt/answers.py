"""Answers. Made from checkpoints/ch13_answers.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
import torch.nn.functional as F

from nanogpt.data_loader import DataLoader


def question(said: str, characters: Sequence[str]) -> str:
    """What somebody said, as a turn that waits for its answer: small letters, spaces and apostrophes, if they're known."""
    kept = [c for c in said.lower().replace("’", "'") if c in characters and (c.isalpha() or c in " '")]  # in small letters
    words = "".join(kept).split()  # so that no space is left over
    return f"You: {' '.join(words)}\nGPT: "  # the turn, with one space between two words; it ends with the space after `GPT:`


def window(inputs: torch.Tensor, targets: torch.Tensor, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`length` places of an example, from its beginning or a random one; a short one is filled up with what doesn't count."""
    lacking = max(0, length - len(inputs))  # how many places it's short of; 0 if it's long enough
    inputs = F.pad(inputs, (0, lacking))
    targets = F.pad(targets, (0, lacking), value=-100)  # what doesn't count
    start = torch.randint(len(inputs) - length + 1, ()).item()  # how many windows there are
    if torch.rand(()) < 0.5:
        start = 0
    return inputs[start : start + length], targets[start : start + length]


class Dialogues:
    """Batches of pairs, something said and its reply, in which only the replies count."""

    def __init__(self, train: list[tuple[str, str]], validation: list[tuple[str, str]], plays: DataLoader) -> None:
        """The pairs to learn from, and those for the exam. `plays` has the characters, and the settings."""
        self.pairs = {"train": train, "validation": validation}
        self.plays = plays
        self.config = plays.config

    def example(self, said: str, reply: str) -> tuple[torch.Tensor, torch.Tensor]:
        """A pair as inputs and targets: one row each, as long as the pair has characters, less one."""
        turn = question(said, self.plays.characters)  # what was said, as a turn
        ids = torch.tensor(self.plays.encode(turn + reply + "\n"))  # the whole text of the pair, to its last character
        inputs, targets = ids[:-1], ids[1:].clone()
        targets[: len(turn) - 1] = -100  # which don't count; what to put there
        return inputs, targets

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """Windows of random pairs from "train" or "validation": inputs and targets, each (batch, sequence), int64."""
        pairs = self.pairs[split]  # those of this split
        places = torch.randint(len(pairs), (self.config.batch_size,))
        rows = [window(*self.example(*pairs[place]), self.config.input_sequence_length) for place in places]  # one of them
        inputs, targets = zip(*rows, strict=True)
        return torch.stack(inputs), torch.stack(targets)  # its targets, on top of each other


def choose(row: torch.Tensor, temperature: float) -> int:
    """An id by its row of scores (vocabulary,): at temperature 0 the likeliest, otherwise drawn from scores / temperature."""
    if temperature == 0:
        return row.argmax().item()  # the likeliest, as a plain whole number
    return torch.multinomial((row / temperature).softmax(dim=-1), num_samples=1).item()  # the chances at this temperature


@torch.no_grad()
def answer(model: nn.Module, said: str, characters: Sequence[str], temperature: float = 0.0, longest: int = 80) -> str:
    """What a model answers, up to its line end, or `longest` characters of it."""
    ids = [characters.index(character) for character in question(said, characters)]
    start = len(ids)
    was_training = model.training
    model.eval()
    while len(ids) - start < longest:
        context = ids[-model.config.input_sequence_length :]  # the last ids, as many as the model can see
        row = model(torch.tensor([context]))[0][0, -1]  # the scores for what comes next
        chosen = choose(row, temperature)
        if characters[chosen] == "\n":  # has it finished?
            break
        ids.append(chosen)
    model.train(was_training)
    return "".join(characters[number] for number in ids[start:])  # the answer only


class Mixed:
    """Batches whose rows come from two loaders."""

    def __init__(self, first, second, share: float) -> None:
        """`share` of the rows, rounded, come from `first`, the rest from `second`. Both have batches of the same shape."""
        self.first = first
        self.second = second
        self.share = share

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """The first rows of a batch of `first`, and the other rows of one of `second`: inputs and targets."""
        inputs, targets = self.first.get_batch(split)
        others, their_targets = self.second.get_batch(split)  # a batch of the other one, from the same split
        rows = round(self.share * len(inputs))  # how many rows come from `first`, a whole number
        return torch.cat((inputs[:rows], others[rows:])), torch.cat((targets[:rows], their_targets[rows:]))  # that many of the first; the rest of the second; and their targets
