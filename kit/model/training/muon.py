"""Muon: momentum whose update is orthogonalised, for the weight matrices of hidden layers.

After Keller Jordan, https://kellerjordan.github.io/posts/muon/ (2024): take the gradient with momentum, and move all
its singular values close to 1. Directions that are faint in the gradient are then learned as fast as the strong ones.
Odd polynomials of the matrix, applied one after another, do this with matrix products alone: they act on each singular
value and leave the singular vectors as they are. `NEWTON_SCHULZ` has the same one five times, as published with Muon.
`POLAR_EXPRESS` has a polynomial for each iteration, the best for what the one before leaves, and four bring the values
to between 0.4 and 1.6, which is enough; after Amsel, Persson, Musco and Gower, https://arxiv.org/abs/2505.16932 (2025).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import torch
from torch import nn

Polynomial: TypeAlias = tuple[float, float, float]  # the coefficients of x, x^3 and x^5
NEWTON_SCHULZ: tuple[Polynomial, ...] = ((3.4445, -4.7750, 2.0315),) * 5  # steep at 0, so that small values grow fast
MARGIN = 1.01  # for rounding: a value just above 1 would be sent far away
POLAR_EXPRESS: tuple[Polynomial, ...] = (
    (8.28721201814563 / MARGIN, -23.595886519098837 / MARGIN**3, 17.300387312530933 / MARGIN**5),
    (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
    (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
    (3.3184196573706015, -2.488488024314874, 0.51004894012372),
)


def orthogonalise(matrices: torch.Tensor, polynomials: Sequence[Polynomial] = NEWTON_SCHULZ) -> torch.Tensor:
    """The matrices (count, rows, columns), rows <= columns, with all singular values moved close to 1.

    The polynomials are all in `gram`, so we multiply them with one another and with the long matrix only at the end.
    """
    x: torch.Tensor = matrices / (matrices.norm(dim=(-2, -1), keepdim=True) + 1e-7)  # no singular value above 1
    gram = x @ x.mT  # (count, rows, rows)
    whole = None
    for left, (a, b, c) in zip(reversed(range(len(polynomials))), polynomials, strict=True):
        step = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)  # b gram + c gram²
        step.diagonal(dim1=-2, dim2=-1).add_(a)
        whole = step if whole is None else step @ whole
        gram = step @ (gram @ step) if left else gram
    return whole @ x


class Muon(torch.optim.Optimizer):
    """Muon for matrices. All matrices of one shape, or of its transpose, are computed in one batch."""

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        polynomials: Sequence[Polynomial] = NEWTON_SCHULZ,
    ) -> None:
        """`lr` is about the spectral norm of a step.

        Raises:
            ValueError: a parameter isn't a matrix.
        """
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.polynomials = tuple(polynomials)
        for group in self.param_groups:
            if any(parameter.ndim != 2 for parameter in group["params"]):
                raise ValueError("Muon is for matrices")

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One step along the gradients that the parameters have."""
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[nn.Parameter]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape[tuple(sorted(parameter.shape))].append(parameter)
            for parameters in by_shape.values():
                self.update(parameters, group)

    def update(self, parameters: list[nn.Parameter], group: dict[str, Any]) -> None:
        """One step for matrices of one shape."""
        gradients = torch.stack([wide(parameter.grad) for parameter in parameters if parameter.grad is not None])
        state = self.state[parameters[0]]  # holds the momentum of all of them
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(gradients)
        momentum: torch.Tensor = state["momentum"]
        momentum.lerp_(gradients, 1 - group["momentum"])
        ahead = gradients.lerp(momentum, group["momentum"])  # Nesterov's version of momentum
        updates = orthogonalise(ahead, self.polynomials)
        shapes = [tuple(parameter.shape) for parameter in parameters]
        updates *= updates.new_tensor([max(1.0, rows / columns) ** 0.5 for rows, columns in shapes])[:, None, None]
        steps = [
            update if rows <= columns else update.mT for update, (rows, columns) in zip(updates, shapes, strict=True)
        ]
        tensors: list[torch.Tensor] = list(parameters)
        torch._foreach_mul_(tensors, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(tensors, steps, alpha=-group["lr"])


def wide(matrix: torch.Tensor) -> torch.Tensor:
    """The matrix, transposed if it has more rows than columns."""
    return matrix if matrix.shape[0] <= matrix.shape[1] else matrix.mT
