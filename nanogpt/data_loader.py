"""DataLoader. Made from checkpoints/ch01_data_loader.py by scripts/build.py; edit that file instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch


@dataclass(frozen=True)
class Config:
    """The settings that all parts of the model share."""

    batch_size: int = 24  # windows in a batch
    input_sequence_length: int = 32  # characters in a window: as far back as the model can see
    embedding_dim: int = 64  # numbers that describe one character inside the model
    hidden_dim: int = 256  # width of the hidden layer of FeedForward
    num_heads: int = 4  # attention heads in a block, each embedding_dim / num_heads wide
    num_layers: int = 4  # blocks, one after the other
    dropout: float = 0.0  # share of the numbers that are set to 0, in training only
    seed: int = 1337  # where random numbers start
    steps: int = 750  # batches that the model learns from
    learning_rate: float = 0.015  # size of a training step, at its largest
    final_learning_rate: float = 0.0  # and its size at the last step
    warmup_steps: int = 100  # steps at the beginning, over which the learning rate grows to its largest
    evaluate_every: int = 100  # steps from one look at the validation text to the next
    evaluation_batches: int = 10  # batches in each of these looks

    @classmethod
    def small(cls) -> Self:
        """Settings for following the numbers by hand: one window of eight characters, eight numbers each."""
        return cls(
            batch_size=1, input_sequence_length=8, embedding_dim=8, hidden_dim=16, num_heads=2, num_layers=2, dropout=0.1
        )


class DataLoader:
    """Cuts a text into examples: windows of ids, and the same windows one place further on."""

    def __init__(self, text: str, config: Config) -> None:
        """Number the characters of `text`, and split its ids into `train_ids` and `validation_ids`."""
        self.text = text
        self.config = config
        self.characters = sorted(set(text))  # the vocabulary of `text`, as a sorted list
        self.vocab_size = len(self.characters)
        self.id_of = {character: number for number, character in enumerate(self.characters)}  # from character to id
        self.train_ids, self.validation_ids = self.split_data()

    def encode(self, text: str) -> list[int]:
        """The id of each character of `text`; ValueError names the characters that have none."""
        unknown = sorted(set(text) - set(self.characters))
        if unknown:
            raise ValueError(f"not in the vocabulary: {', '.join(map(repr, unknown))}")
        return [self.id_of[character] for character in text]  # the ids, in a list

    def decode(self, ids: list[int] | torch.Tensor) -> str:
        """The text of a list of ids, or of a tensor (length,) of them."""
        return "".join(self.characters[number] for number in ids)  # the characters, in one string

    def split_data(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The ids of the first 90% of the loader's text, and those of the rest: two rows of int64."""
        ids = torch.tensor(self.encode(self.text), dtype=torch.long)  # the ids of the loader's text, as a tensor
        boundary = int(0.9 * len(ids))  # nine tenths of the length, rounded down
        return ids[:boundary], ids[boundary:]  # both parts, train first

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets from random places of "train" or "validation": each (batch, sequence), int64."""
        ids = {"train": self.train_ids, "validation": self.validation_ids}[split]  # the part that `split` names
        length = self.config.input_sequence_length
        if len(ids) <= length:
            raise ValueError(f"{split} has {len(ids)} characters, a window and its target need {length + 1}")
        starts = torch.randint(len(ids) - length, (self.config.batch_size,))  # one random start for each window
        inputs = torch.stack([ids[place : place + length] for place in starts])  # the windows, stacked
        targets = torch.stack([ids[place + 1 : place + length + 1] for place in starts])  # their targets
        return inputs, targets
