"""Batches: cut out of the text in one operation, and handed over where the model is."""

from __future__ import annotations

import torch

from nanogpt import Config, DataLoader


class VectorisedLoader(DataLoader):
    """The chapters' loader with one look into the text for all windows. The same seed gives the same batches."""

    def __init__(self, text: str, config: Config) -> None:
        """See `DataLoader`."""
        super().__init__(text, config)
        self.reach = torch.arange(config.input_sequence_length + 1)  # a window, and the target of its last place

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets from random places of "train" or "validation": each (batch, sequence), int64.

        Raises:
            ValueError: that part of the text is shorter than a window and its target.
        """
        ids = self.train_ids if split == "train" else self.validation_ids
        places = len(ids) - self.config.input_sequence_length
        if places <= 0:
            raise ValueError(f"{split} has {len(ids)} characters, a window and its target need {len(self.reach)}")
        windows = ids[torch.randint(places, (self.config.batch_size, 1)) + self.reach]
        return windows[:, :-1], windows[:, 1:]


class DeviceBatches:
    """A loader whose batches arrive on a device. Where they are cut is drawn on the CPU, the same for each device."""

    def __init__(self, loader: DataLoader, device: torch.device) -> None:
        """`loader` stays as it is."""
        self.loader, self.device = loader, device

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """The loader's next batch, on the device."""
        inputs, targets = self.loader.get_batch(split)
        return inputs.to(self.device), targets.to(self.device)
