"""What hooks see while the model runs: the shape of whatever goes into a module, comes out of it, or passes a function.

The last step of `generate`, a forward pass with targets, its gradients, and a step of AdamW. Large models run on
PyTorch's `meta` device: the same code, the same hooks, the same shapes, and no numbers behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from kit.model.tensor_map.settings import Settings
from nanogpt import BigramLanguageModel

Size = tuple[int, ...]
NEW_TOKENS = 100  # as many as chapter 11 lets the model write; the last of these steps is traced
MOST_NUMBERS = 20_000_000  # from here on the pass runs without numbers
FUNCTIONS = {"mean", "softmax", "cross_entropy", "multinomial", "cat"}


@dataclass(frozen=True, slots=True)
class Trace:
    """Shapes by the path of a module (`""` is the model) or by `path:function`; the last call of each counts."""

    went_in: dict[str, Size] = field(default_factory=dict)
    came_out: dict[str, Size] = field(default_factory=dict)
    parameters: dict[str, Size] = field(default_factory=dict)
    buffers: dict[str, Size] = field(default_factory=dict)
    gradients: dict[str, Size] = field(default_factory=dict)
    means: dict[str, Size] = field(default_factory=dict)


def shape(values: Any) -> Size | None:
    """The shape of the first tensor among some values, however they are nested."""
    if isinstance(values, torch.Tensor):
        return tuple(values.shape)
    if isinstance(values, Iterable) and not isinstance(values, str):
        return next((found for found in map(shape, values) if found is not None), None)
    return None


class Listener(TorchFunctionMode):
    """Hooks on every module, and an ear for the functions in between."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.trace = Trace(
            parameters={name: tuple(parameter.shape) for name, parameter in model.named_parameters()},
            buffers={name: tuple(buffer.shape) for name, buffer in model.named_buffers()},
        )
        self.open: list[str] = []
        self.hooks = ExitStack()
        for path, module in model.named_modules():
            self.hooks.callback(module.register_forward_pre_hook(self.entering(path)).remove)
            self.hooks.callback(module.register_forward_hook(self.leaving(path)).remove)

    def entering(self, path: str) -> Callable[[nn.Module, Any], None]:
        """The hook for what goes into a module."""

        def hook(module: nn.Module, values: Any) -> None:
            self.open.append(path)
            self.note(self.trace.went_in, path, values)

        return hook

    def leaving(self, path: str) -> Callable[[nn.Module, Any, Any], None]:
        """The hook for what comes out of a module."""

        def hook(module: nn.Module, values: Any, result: Any) -> None:
            self.open.pop()
            self.note(self.trace.came_out, path, result)

        return hook

    def note(self, where: dict[str, Size], path: str, values: Any) -> None:
        """Keep the shape of the first tensor."""
        found = shape(values)
        if found is not None:
            where[path] = found

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Let the function run, and keep the shapes of the few that the map names."""
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if name in FUNCTIONS:
            path = f"{self.open[-1] if self.open else 'generate'}:{name}"
            self.note(self.trace.went_in, path, args)
            self.note(self.trace.came_out, path, result)
        return result


def device_for(settings: Settings) -> str:
    """Where the pass runs: on the processor, or, when its numbers would fill the memory, nowhere (`meta`)."""
    places = settings.batch * settings.sequence
    block = settings.width * (4 * settings.width + 2 * settings.hidden)
    numbers = (
        places * (settings.width * 8 * settings.layers + settings.hidden + settings.vocab + settings.sequence)
        + settings.layers * block
        + settings.heads * settings.layers * settings.sequence**2
        + settings.width * (2 * settings.vocab + settings.sequence)
    )
    return "cpu" if numbers <= MOST_NUMBERS else "meta"


@contextmanager
def one_thread() -> Iterator[None]:
    """For tensors this small a second thread only waits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@cache
def trace(settings: Settings, device: str | None = None) -> Trace:
    """Run the model of these settings once for the last step of writing, and for one step of training."""
    place = device or device_for(settings)
    with one_thread(), torch.random.fork_rng(devices=[]):
        with torch.device(place):
            model = BigramLanguageModel(settings.vocab, settings.config).eval()
        optimizer = torch.optim.AdamW(model.parameters())
        written = torch.zeros(settings.batch, settings.sequence + NEW_TOKENS - 1, dtype=torch.long, device=place)
        ids = written[:, : settings.sequence]
        listener = Listener(model)
        with listener.hooks, listener:
            model.generate(written, 1)
            _, loss = model(ids, ids)
        loss.backward()
        optimizer.step()
    seen = listener.trace
    for name, parameter in model.named_parameters():
        seen.gradients[name] = shape(parameter.grad) or ()
        seen.means[name] = shape(optimizer.state[parameter]["exp_avg"]) or ()
    return seen
