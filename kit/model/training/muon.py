"""Muon: steps of gradient descent whose matrices are made orthogonal first.

The idea is Keller Jordan's (https://kellerjordan.github.io/posts/muon/, 2024): the update of a hidden layer's matrix is
its gradient with momentum, with all its singular values moved near 1, so that directions that the gradient hardly has
are learned as fast as those it is full of. The singular values are moved by an odd polynomial of the matrix, five
times over, whose coefficients are the published ones; it needs matrix products only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of x, x^3 and x^5: steep at 0, near 1 after five rounds
ROUNDS = 5


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """The same matrices, (number, rows, columns) with rows <= columns, with singular values of about 1."""
    first, third, fifth = COEFFICIENTS
    x: torch.Tensor = matrices / (matrices.norm(dim=(-2, -1), keepdim=True) + 1e-7)  # no singular value above 1
    for _ in range(ROUNDS):
        square = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=third, alpha=fifth), x, beta=first)
    return x


class Muon(torch.optim.Optimizer):
    """Muon for matrices. Those of one shape, or of its mirror image, are computed together."""

    def __init__(
        self, params: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        """`lr` is about the spectral norm of a step; ValueError for a parameter that is no matrix."""
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        for group in self.param_groups:
            if any(parameter.ndim != 2 for parameter in group["params"]):
                raise ValueError("Muon is for matrices")

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One step, from the gradients that the parameters have."""
        for group in self.param_groups:
            shapes: dict[tuple[int, ...], list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes.setdefault(tuple(sorted(parameter.shape)), []).append(parameter)
            for parameters in shapes.values():
                self.move(parameters, group)

    def move(self, parameters: list[nn.Parameter], group: dict[str, Any]) -> None:
        """Move matrices of one shape."""
        gradients = torch.stack([lying(parameter.grad) for parameter in parameters if parameter.grad is not None])
        state = self.state[parameters[0]]  # one momentum for all of them
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(gradients)
        momentum: torch.Tensor = state["momentum"]
        momentum.lerp_(gradients, 1 - group["momentum"])
        updates = orthogonal(gradients.lerp(momentum, group["momentum"]))  # Nesterov's look ahead
        for parameter, update in zip(parameters, updates, strict=True):
            rows, columns = parameter.shape
            size = group["lr"] * max(1.0, rows / columns) ** 0.5
            parameter.mul_(1 - group["lr"] * group["weight_decay"])
            parameter.add_(update if rows <= columns else update.mT, alpha=-size)


def lying(matrix: torch.Tensor) -> torch.Tensor:
    """The matrix, turned where it stands upright, so that it has no more rows than columns."""
    return matrix if matrix.shape[0] <= matrix.shape[1] else matrix.mT


class CombinedOptimizer(torch.optim.Optimizer):
    """Several optimizers in the place of one."""

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        """Each has its own parameters; a rate that is set here is set there."""
        groups = [group for part in parts for group in part.param_groups]
        super().__init__([parameter for group in groups for parameter in group["params"]], {})
        self.parts, self.param_groups = parts, groups

    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One step of each."""
        for part in self.parts:
            part.step()
