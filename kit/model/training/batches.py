"""Faster batches: cut from the text in one operation, and moved to the model's device."""

from __future__ import annotations

import torch

from nanogpt import Config, DataLoader


class VectorisedLoader(DataLoader):
    """The chapters' loader, but it indexes the text once for the whole batch. The same seed gives the same batches."""

    def __init__(self, text: str, config: Config) -> None:
        """See `DataLoader`."""
        super().__init__(text, config)
        self.offsets = torch.arange(config.input_sequence_length + 1)  # a window, and the target of its last character

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets from random places of "train" or "validation": each (batch, sequence), int64.

        Raises:
            ValueError: the split is shorter than one window and its last target.
        """
        ids = self.train_ids if split == "train" else self.validation_ids
        starts = len(ids) - self.config.input_sequence_length
        if starts <= 0:
            raise ValueError(f"{split} has {len(ids)} characters; a window and its target need {len(self.offsets)}")
        windows = ids[torch.randint(starts, (self.config.batch_size, 1)) + self.offsets]  # (batch, sequence + 1)
        return windows[:, :-1], windows[:, 1:]


class DeviceBatches:
    """A loader whose batches arrive on a device. The random places are drawn on the CPU, so every device gets the same.

    The Trainer takes it in place of a `DataLoader`, since it calls nothing but `get_batch`.
    """

    def __init__(self, loader: DataLoader, device: torch.device) -> None:
        """`loader` itself doesn't change."""
        self.loader, self.device = loader, device

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """The loader's next batch, on the device."""
        inputs, targets = self.loader.get_batch(split)
        return inputs.to(self.device), targets.to(self.device)
