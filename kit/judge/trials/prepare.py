"""What a process gets ready before it forks: its children get it for free.

    prepare_torch       torch, imported without the two parts that exercises don't use
    prepare_workshop    what chapters import of `workshop`
    prepare_for_many    numpy's random numbers, the corpus, and memory in large pages

    left out                    what it's for                                            saves, of processor time
    torch._meta_registrations   shapes without numbers: the device `meta`, the compiler  0.4 s of 1.4 at each start
    torch._dynamo               the compiler; an optimizer's first step imports it       1 s for each walker that trains

Stand-ins take their places. If anything asks a stand-in for more than it has, or imports a module that builds on these
two, the real ones are imported first.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import version
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

from kit.errors import KitError
from kit.judge.records import JUDGING

TRIED = "2.6."  # the version of torch this was tried with; of any other, only the compiler is left out
LEFT_OUT = ("torch._meta_registrations", "torch._dynamo")
BUILD_ON_THEM = ("torch._decomp", "torch._prims", "torch._refs")
# Modules that aren't listed import the finished classes of `nanogpt`, which no stranger's cell may find in memory.
WORKSHOP_MODULES = ("columns", "corpus", "draw", "here", "lesson", "live", "rehearsal", "running", "threads", "values")
COLLAPSE = 25  # MADV_COLLAPSE, Linux 6.1: put this memory into large pages, now


def prepare_torch() -> None:
    """Make this a judging process: torch imported, one thread, no accelerator, nothing shown."""
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ[JUDGING] = "1"
    vars(builtins)["display"] = show_nothing  # a notebook has it without an import
    gc.disable()  # an import leaves hardly any garbage, and looking for it takes a fifth of the time
    if not version("torch").startswith(TRIED):
        import_module("torch")
    sys.meta_path.insert(0, STAND_INS)
    import torch

    gc.freeze()
    gc.enable()
    torch.set_num_threads(1)


def show_nothing(*_: object, **__: object) -> None:
    """What `display` does here."""


class StandIn(ModuleType):
    """A module that was left out. It has what an optimizer's step asks the compiler for: to stay out of it."""

    @staticmethod
    def disable(function: Any, *_: Any, **__: Any) -> Any:
        """The function itself: nothing is compiled."""
        return function

    @staticmethod
    def graph_break() -> None:
        """Nothing: there's no graph."""

    def __getattr__(self, name: str) -> Any:
        """What the real module has under this name."""
        if name.startswith("__"):
            raise AttributeError(name)  # inspect asks every module for such names
        import_left_out()
        return getattr(sys.modules[self.__name__], name)


class StandIns(MetaPathFinder, Loader):
    """Python's import asks here first; it gets a stand-in or the real modules, and nothing for any other name."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """A spec for the modules that were left out and for those that build on them."""
        if name in LEFT_OUT or name in BUILD_ON_THEM or name.rpartition(".")[0] in LEFT_OUT:
            return spec_from_loader(name, self, is_package=name in LEFT_OUT)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A stand-in for a module that was left out; any other module is the real one."""
        if spec.name in LEFT_OUT:
            return StandIn(spec.name)
        import_left_out()
        return import_module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: the module is complete."""


STAND_INS = StandIns()


def import_left_out() -> None:
    """Import the modules that were left out, in place of their stand-ins."""
    if STAND_INS in sys.meta_path:
        sys.meta_path.remove(STAND_INS)
        for name in LEFT_OUT:
            if isinstance(sys.modules.get(name), StandIn):
                del sys.modules[name]
        for name in LEFT_OUT:
            import_module(name)


def import_for(*codes: str) -> None:
    """Import what this code needs. A tensor on the device `meta` asks no module for anything, so we go by the name."""
    if any("meta" in code for code in codes):
        import_left_out()


def prepare_workshop() -> None:
    """Import what chapters import of `workshop`. A sandboxed trial doesn't see our files, so there this must be all."""
    for name in WORKSHOP_MODULES:
        import_module(f"workshop.{name}")


def prepare_for_many() -> None:
    """Get ready for hundreds of trials: load what nearly every chapter needs, and use large pages.

    A fork copies an entry for each page of memory: one for 2 MB instead of 512 for 4 kB each. This takes half a second.
    """
    import_module("numpy.random")
    with contextlib.suppress(ImportError, KitError):
        import_module("kit.course.corpus").shakespeare()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):  # not Linux, or an old one
        use_large_pages()


def use_large_pages() -> None:
    """Put this process's own memory into large pages, as far as it fills them.

    Raises:
        OSError, AttributeError: the system has no such call.
    """
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    with open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        mappings = [line.split() for line in file]
    for span, access, _, _, _, *path in mappings:
        if access == "rw-p" and path in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in span.split("-"))
            advise(start, end - start, COLLAPSE)
