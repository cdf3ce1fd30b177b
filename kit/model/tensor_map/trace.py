"""The shapes that hooks see while the model runs: what goes into each module, what comes out, and a few functions'.

It runs the last step of `generate`, then a forward pass with targets and its gradients. All of this happens on
PyTorch's `meta` device: same code, same hooks, same shapes, but no numbers, so the largest model takes no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from kit.model.tensor_map.settings import Settings
from nanogpt import BigramLanguageModel

Size = tuple[int, ...]
NEW_TOKENS = 100  # as many as the model writes in chapter 11; we trace the last of those steps
FUNCTIONS = {"mean", "softmax", "cross_entropy", "multinomial", "cat"}


@dataclass(frozen=True, slots=True)
class Trace:
    """Shapes by the path of a module (`""` is the model) or by `path:function`. The last call of each counts."""

    went_in: dict[str, Size] = field(default_factory=dict)
    came_out: dict[str, Size] = field(default_factory=dict)
    parameters: dict[str, Size] = field(default_factory=dict)
    buffers: dict[str, Size] = field(default_factory=dict)
    gradients: dict[str, Size] = field(default_factory=dict)


def shape(values: Any) -> Size | None:
    """The shape of the first tensor among some values, however deeply they are nested."""
    if isinstance(values, torch.Tensor):
        return tuple(values.shape)
    if isinstance(values, Iterable) and not isinstance(values, str):
        return next((found for found in map(shape, values) if found is not None), None)
    return None


def record(table: dict[str, Size], path: str, values: Any) -> None:
    """Put the shape of the first tensor among `values` into a table of the trace."""
    found = shape(values)
    if found is not None:
        table[path] = found


class Tracer(TorchFunctionMode):
    """Records shapes: with hooks on every module and, as a function mode, for the functions called in between."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.trace = Trace(
            parameters={name: tuple(parameter.shape) for name, parameter in model.named_parameters()},
            buffers={name: tuple(buffer.shape) for name, buffer in model.named_buffers()},
        )
        self.running: list[str] = []  # paths of the modules whose forward is running, the innermost last
        self.hooks = ExitStack()
        for path, module in model.named_modules():
            self.hooks.callback(module.register_forward_pre_hook(partial(self.enter, path)).remove)
            self.hooks.callback(module.register_forward_hook(self.leave).remove)

    def enter(self, path: str, module: nn.Module, inputs: Any) -> None:
        """The hook before a module's forward."""
        self.running.append(path)
        record(self.trace.went_in, path, inputs)

    def leave(self, module: nn.Module, inputs: Any, outputs: Any) -> None:
        """The hook after a module's forward."""
        record(self.trace.came_out, self.running.pop(), outputs)

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run a function of PyTorch, and record the shapes if it's one that the map shows."""
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if name in FUNCTIONS:
            path = f"{self.running[-1] if self.running else 'generate'}:{name}"
            record(self.trace.went_in, path, args)
            record(self.trace.came_out, path, result)
        return result


@cache
def trace(settings: Settings, device: str = "meta") -> Trace:
    """Run the model with these settings: the last step of writing, then one step of training."""
    with torch.device(device):
        model = BigramLanguageModel(settings.vocab, settings.config).eval()
        text = torch.zeros(settings.batch, settings.sequence + NEW_TOKENS - 1, dtype=torch.long)
    ids = text[:, : settings.sequence]
    tracer = Tracer(model)
    with tracer.hooks, tracer:
        model.generate(text, 1)
        _, loss = model(ids, ids)
    loss.backward()
    for name, parameter in model.named_parameters():
        record(tracer.trace.gradients, name, parameter.grad)
    return tracer.trace
