"""What a training is: everything that its numbers depend on, apart from the code and the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kit.errors import KitError
from kit.model.training.execution import Execution
from kit.model.training.saved_model import parse_config
from nanogpt import Config

ANEW = "or leave out --resume to begin anew"


@dataclass(frozen=True)
class Plan:
    """Which recipe, with which settings, on which text."""

    recipe: str  # its name in `recipes`
    config: Config
    mine: bool  # whether it trains the learner's own classes
    data: str  # the text's file; empty for the course's plays
    digest: str  # of the text
    processes: int = 1  # that train together
    execution: Execution | None = None  # how the numbers are computed, once it's been chosen

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Plan:
        """The plan that `as_dict` took apart; `KeyError` or `TypeError` if there's none in these values."""
        execution = values["execution"] and Execution(**values["execution"])
        return cls(**{**values, "config": parse_config(values["config"]), "execution": execution})

    def as_dict(self) -> dict[str, Any]:
        """Plain values only."""
        return asdict(self)

    def require_options(self, given: Mapping[str, Any], where: str) -> None:
        """Make sure that options, by name, are those that this training began with. One that wasn't given is empty.

        Raises:
            KitError: one isn't.
        """
        began: dict[str, Any] = {
            "--mine": self.mine,
            "--data": self.data,
            "--config": self.recipe,
            "--steps": self.config.steps,
            "--seed": self.config.seed,
        }
        for option, value in given.items():
            if value is not None and value is not False and str(value) != str(began[option]):
                raise KitError(f"this training began without {option} {value}", where, f"leave out {option}, {ANEW}")

    def require_text(self, digest: str, where: str) -> None:
        """Make sure that the text is the one that this training began with.

        Raises:
            KitError: it has changed.
        """
        if digest != self.digest:
            raise KitError("this text has changed since the training began", where, f"put it back as it was, {ANEW}")

    def require_processes(self, count: int, where: str) -> None:
        """Make sure that as many processes train together as at the beginning.

        Raises:
            KitError: there are more or fewer.
        """
        if count != self.processes:
            raise KitError(
                f"this training began with a process count of {self.processes}, and now it's {count}",
                where,
                f"torchrun --nproc-per-node {self.processes} scripts/train.py --resume, {ANEW}",
            )
