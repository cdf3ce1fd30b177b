"""Several processes that train one model, each on its share of every batch, by PyTorch's DistributedDataParallel.

    torchrun --nproc-per-node 2 scripts/train.py

Each of them has the recipe's batch, so N processes train as one would with a batch N times as large: all draw the same
places of the text, and each takes its rows. DistributedDataParallel averages the gradients. The first process alone
prints and saves.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeVar

from kit.errors import KitError
from kit.model.training.saved_model import TRAIN

if TYPE_CHECKING:
    import torch
    from torch import nn

    from nanogpt import DataLoader, Trainer

Value = TypeVar("Value")


@dataclass(frozen=True)
class Processes:
    """How many there are, and which one this is."""

    count: int = 1
    rank: int = 0  # the first one is 0
    here: int = 1  # how many on this machine
    local: int = 0  # which one of them this is

    @property
    def first(self) -> bool:
        """Whether this one prints and saves."""
        return self.rank == 0

    def device(self, device: torch.device) -> torch.device:
        """This process's own device of a kind."""
        import torch

        return torch.device("cuda", self.local) if device.type == "cuda" and self.count > 1 else device

    @contextmanager
    def joined(self, device: torch.device, advice: Callable[[], str]) -> Iterator[None]:
        """Meet the others, and part from them at the end. All processes but the first are silent.

        `advice` says what to do if another process ends too early.

        Raises:
            KitError: another one has ended too early.
        """
        if self.count == 1:
            yield
            return
        import torch.distributed as dist

        def ended(number: int, frame: object) -> NoReturn:
            raise self.alone(advice())

        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        before, stdout = signal.signal(signal.SIGTERM, ended), sys.stdout
        try:
            with open(os.devnull, "w") as nowhere:
                sys.stdout = stdout if self.first else nowhere
                yield
        except RuntimeError as error:
            if "onnection" not in str(error) and not isinstance(error, dist.DistError):
                raise
            raise self.alone(advice()) from error
        finally:
            sys.stdout = stdout
            signal.signal(signal.SIGTERM, before)
            dist.destroy_process_group()

    @property
    def command(self) -> str:
        """What starts as many of them."""
        return f"torchrun --nproc-per-node {self.here} scripts/train.py" if self.count > 1 else TRAIN

    def alone(self, advice: str) -> KitError:
        """What to say when another process has ended."""
        return KitError(f"another of the {self.count} training processes has ended, so this one has, too", "", advice)

    def agreed(self, value: Value) -> Value:
        """The first process's value, in all of them."""
        if self.count == 1:
            return value
        import torch.distributed as dist

        values = [value]
        dist.broadcast_object_list(values)
        return values[0]

    def wrap(self, model: nn.Module) -> nn.Module:
        """The model for a Trainer: the same, and its gradients are the mean over all processes."""
        if self.count == 1:
            return model
        from torch.nn.parallel import DistributedDataParallel

        return DistributedDataParallel(model, broadcast_buffers=False)

    def average_losses(self, trainer: Trainer) -> None:
        """Let the losses that a Trainer reports be the mean over all processes."""
        if self.count > 1:
            trainer.train_step = self.averaged(trainer.train_step)  # type: ignore[method-assign]
            trainer.evaluate = self.averaged(trainer.evaluate)  # type: ignore[method-assign]

    def averaged(self, loss: Callable[[], float]) -> Callable[[], float]:
        """The mean over all processes of what `loss` returns in each."""

        def mean() -> float:
            import torch
            import torch.distributed as dist

            total = torch.tensor(loss(), dtype=torch.float64)
            if dist.get_backend() == "nccl":
                total = total.cuda()
            dist.all_reduce(total)
            return total.item() / self.count

        return mean


ALONE = Processes()


def found() -> Processes:
    """The processes that torchrun started this one among; just this one if it didn't."""
    words = {name: os.environ.get(name, "") for name in ("WORLD_SIZE", "RANK", "LOCAL_WORLD_SIZE", "LOCAL_RANK")}
    return Processes(*map(int, words.values())) if all(words.values()) else ALONE


class Share:
    """A process's rows of every batch. The Trainer takes it in place of a `DataLoader`."""

    def __init__(self, loader: DataLoader, processes: Processes, batch_size: int) -> None:
        """`loader` makes batches for all processes together; each of them gets `batch_size` windows."""
        self.loader = loader
        self.rows = slice(processes.rank * batch_size, (processes.rank + 1) * batch_size)

    def get_batch(self, split: str = "train") -> tuple[torch.Tensor, torch.Tensor]:
        """This process's inputs and targets of the next batch."""
        inputs, targets = self.loader.get_batch(split)
        return inputs[self.rows], targets[self.rows]
