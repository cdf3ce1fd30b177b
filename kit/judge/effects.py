"""What a cell leaves behind besides values: whether what it made can learn, and what it changed of what was there.

    value --back through its graph--> leaves (parameters, inputs) --> a row for each: what it holds, its gradient
    Snapshot(state) --the cell runs--> changed(): names whose values hold something else now

Runs where the cell ran, so torch is there. A leaf is known by what it holds, not by its name: two models whose
parameters were filled alike have the same leaves. What it holds and its gradient travel as the length and two
projections onto fixed random directions, which differ whenever the numbers do, and hardly when the last digits do. A
tensor counts its own changes; a small one is compared number by number as well, since `.data` goes past the counter.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

Row = list[Any]  # [the leaf's shape; length and two projections of what it holds; the same of its gradient]
SMALL = 4096  # elements that are compared one by one
SAMPLE = 64  # of a longer list
WITHOUT_REFERENCES = 2  # marshal's version: the bytes depend on what a value holds alone
SEED = 20_011  # of the weights and directions, the same for every value of one shape


@lru_cache(maxsize=256)
def random_like(shape: tuple[int, ...], seed: int) -> Any:
    """Normal random numbers that depend on the shape and the seed alone."""
    import torch

    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def leaves_of(value: Any) -> list[Any]:
    """The tensors at the end of a tensor's graph that gradients are gathered in, each once."""
    if value.grad_fn is None:
        return [value] if value.requires_grad else []
    found: dict[int, Any] = {}
    seen, waiting = set(), [value.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if variable is not None:
            found[id(variable)] = variable
        waiting += [parent for parent, _ in node.next_functions]
    return list(found.values())


def measured(tensor: Any) -> list[float]:
    """A tensor's length, and two projections of it."""
    flat = (tensor.to_dense() if tensor.is_sparse else tensor).detach().double().cpu().flatten()
    directions = (random_like(tuple(flat.shape), seed) for seed in (SEED + 1, SEED + 2))
    return [float(flat.norm()), *(float(flat @ direction) for direction in directions)]


def gradients(value: Any, leaves: list[Any]) -> list[Any]:
    """The gradient of a fixed random weighting of a tensor's numbers, for each leaf; None where there is none.

    Raises:
        RuntimeError: the graph is used up, or a tensor in it was changed in place.
    """
    import torch

    weights = random_like(tuple(value.shape), SEED).to(value.dtype).to(value.device)
    total = (value * weights).sum()  # not `grad_outputs=weights`, for which torch imports sympy: 0.4 s
    return list(torch.autograd.grad(total, leaves, retain_graph=True, allow_unused=True))


def learning(value: Any) -> list[Row] | str:
    """A row for each leaf that a tensor's gradient reaches, sorted; the reason where there is no way back any more."""
    leaves = leaves_of(value)
    try:
        found = gradients(value, leaves)
    except RuntimeError as error:
        return str(error).split("\n")[0].partition(" Hint:")[0][:300].rstrip(".")
    return sorted(
        [str(tuple(leaf.shape)), *measured(leaf), *measured(gradient)]
        for leaf, gradient in zip(leaves, found, strict=True)
        if gradient is not None
    )


def tensors_in(value: Any, depth: int = 0) -> Iterator[Any]:
    """The tensors with a gradient's way back in a value: itself, or in lists and tuples."""
    import torch

    if isinstance(value, torch.Tensor):
        if value.requires_grad and value.is_floating_point():
            yield value
    elif isinstance(value, list | tuple) and depth < 4:
        for item in value:
            yield from tensors_in(item, depth + 1)


def learns(value: Any) -> bool:
    """Whether a value is, or has in its lists and tuples, a tensor with a gradient's way back."""
    return next(tensors_in(value), None) is not None


def never_start(value: Any) -> list[str]:
    """The shapes of leaves that are all zero and whose gradient is, too: no step will ever move them."""
    found: list[str] = []
    known: dict[int, tuple[Any, bool]] = {}
    for tensor in tensors_in(value):
        leaves = leaves_of(tensor)
        try:
            theirs = gradients(tensor, leaves)
        except RuntimeError:
            continue
        for leaf, gradient in zip(leaves, theirs, strict=True):
            still = gradient is None or not bool(gradient.count_nonzero())
            known[id(leaf)] = (leaf, still and known.get(id(leaf), (leaf, True))[1])
    for leaf, still in known.values():
        if still and not bool(leaf.count_nonzero()):
            found.append(str(tuple(leaf.shape)))
    return sorted(found)


class Snapshot:
    """The values that can be changed in place, by name, with a mark of what they hold."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.values = {name: (value, mark(value)) for name, value in state.items() if watched(name, value)}

    def changed(self) -> tuple[str, ...]:
        """The names whose values hold something else now."""
        return tuple(sorted(name for name, (value, before) in self.values.items() if mark(value) != before))


def watched(name: str, value: object) -> bool:
    """Whether a name's value is one that a cell could change in place."""
    torch = sys.modules.get("torch")
    kinds: tuple[type, ...] = (list, dict, set, bytearray)
    if torch is not None:
        kinds += (torch.Tensor, torch.nn.Module)
    return not name.startswith("_") and isinstance(value, kinds)


def mark(value: Any, depth: int = 0) -> object:
    """Something that differs when a value holds something else. A tensor's gradient doesn't count."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        small = value.numel() <= SMALL and value.device.type != "meta" and not value.is_sparse
        return (value._version, value.requires_grad, tuple(value.shape), bytes_of(value) if small else b"")
    if torch is not None and isinstance(value, torch.nn.Module):
        tensors = [mark(one) for one in (*value.parameters(), *value.buffers())]
        return (tensors, [module.training for module in value.modules()])
    if depth > 3:
        return type(value)
    if isinstance(value, list | tuple):
        items = value if len(value) <= SMALL else value[:: max(1, len(value) // SAMPLE)]
        return (len(value), packed(items) or [mark(item, depth + 1) for item in items])
    if isinstance(value, dict):
        if len(value) > SMALL:
            return len(value)
        return packed(value) or [(key, mark(item, depth + 1)) for key, item in value.items()]
    if isinstance(value, set):
        return frozenset(value) if len(value) <= SMALL else len(value)
    if isinstance(value, int | float | str | bytes | bool | type(None)):
        return value
    return bytes(value) if isinstance(value, bytearray) else id(value)


def packed(value: Any) -> bytes:
    """What a value made of Python's own simple ones holds, as bytes; empty if anything else is in it."""
    try:
        return marshal.dumps(value, WITHOUT_REFERENCES)
    except ValueError:
        return b""


def bytes_of(tensor: Any) -> bytes:
    """A dense tensor's numbers as bytes, from the first to the last."""
    plain = tensor.detach().cpu()
    try:
        return plain.numpy().tobytes()  # type: ignore[no-any-return]
    except (TypeError, RuntimeError):  # a kind of number that numpy doesn't have
        return plain.contiguous().view(-1).view(sys.modules["torch"].uint8).numpy().tobytes()  # type: ignore[no-any-return]
