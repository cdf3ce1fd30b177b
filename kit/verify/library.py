"""What a trial sees of the system: a copy, in memory, of Python's own library and of the packages that answers import.

    sys.path --worth_copying--> files --copy_into--> a file system in memory, which becomes the trial's root

A file that the whole machine shares is a message board: one trial reads it, and another can measure that it's in the
page cache now. The copy is always in memory, only this sandbox has it, and nobody can write to it. What the process has
already loaded stays mapped from the system's own files, so all of that is read beforehand (`Mapped`).
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

# What answers import beyond Python's own library, with all that these need; what chapters import is loaded by then.
ROOTS = ("torch", "numpy", "matplotlib", "safetensors")
NOT_NEEDED = re.compile(r"nvidia|triton")  # by torch without a graphics card
LEFT_OUT = frozenset({"site-packages", "dist-packages", "test", "tests", "include", "bin", "share", "__pycache__"})
LEFT_OUT |= {"idlelib", "ensurepip", "lib2to3", "turtledemo", "tkinter", "pydoc_data", "sample_data"}
WITH_SOURCE = re.compile(r"/torch/.*config\w*\.py$|/torch/_decomp/\w+\.py$|/torch/jit/\w+\.py$")  # they read their own
ENDS = (".so", ".json", ".typed", ".afm", ".ttf", ".mplstyle", "matplotlibrc", ".png", ".svg", ".txt")
LARGEST = 16 << 20  # bytes of a file that's copied
NOT_LOADED = re.compile(r"_test|_?xx|_tkinter|_ctypes_test|_curses|readline|nis|audioop|ossaudiodev|spwd|_crypt")
STEP = 512 << 10  # bytes that the kernel is asked to read at a time


def installed(roots: Iterable[str] = ROOTS) -> Iterator[Path]:
    """The folders and single files of these packages, as far as they're installed, and of everything they need."""
    waiting, seen = list(roots), set[str]()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen or NOT_NEEDED.match(name):
            continue
        seen.add(name)
        with contextlib.suppress(PackageNotFoundError):
            found = distribution(name)
            lines = (found.read_text("RECORD") or "").splitlines()
            tops = {line.replace(",", "/").partition("/")[0] for line in lines}
            yield from (Path(str(found.locate_file(top))) for top in sorted(tops) if top not in ("", "..", *LEFT_OUT))
            needs = (need for need in found.requires or () if "extra ==" not in need)
            waiting += [re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in needs]


def worth_copying() -> Iterator[tuple[str, str]]:
    """Each file to copy, and the place at which a trial finds it."""
    standard = Path(os.__file__).parent
    for top in (standard, *installed()):
        if top.is_file():
            yield str(top), str(top)
        for folder, folders, names in os.walk(top):
            folders[:] = [name for name in folders if name not in LEFT_OUT and not name.startswith("config-")]
            compiled = compiled_in(folder)
            for name in names:
                path = f"{folder}/{name}"
                if name.endswith(".py"):
                    found = compiled.get(name[:-3])
                    is_read = found is None or WITH_SOURCE.search(path) is not None
                    if found:
                        yield found, found if is_read else f"{path}c"
                    if is_read:
                        yield path, path
                elif name.endswith(ENDS) or ".so." in name:
                    yield path, path


def compiled_in(folder: str) -> dict[str, str]:
    """The modules of a folder that Python has compiled, by name. Without its source next to it, one loads as it is."""
    end = f".{sys.implementation.cache_tag}.pyc"
    try:
        names = os.listdir(f"{folder}/__pycache__")
    except OSError:
        return {}
    return {name.removesuffix(end): f"{folder}/__pycache__/{name}" for name in names if name.endswith(end)}


def copy_into(root: str) -> None:
    """Copy the library below another root, at the same places. A file that can't be read is left out."""
    made: set[str] = set()
    for source, place in worth_copying():
        with contextlib.suppress(OSError), open(source, "rb", buffering=0) as file:
            there = os.fstat(file.fileno())
            if there.st_size > LARGEST:
                continue
            folder, name = os.path.split(place)
            if folder not in made:
                os.makedirs(root + folder, exist_ok=True)
                made.add(folder)
            target = os.open(f"{root}{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            try:
                done = 0
                while done < there.st_size and (sent := os.sendfile(target, file.fileno(), done, there.st_size)):
                    done += sent
            finally:
                os.close(target)
            os.utime(f"{root}{folder}/{name}", ns=(there.st_atime_ns, there.st_mtime_ns))


def load_what_needs_the_system() -> None:
    """Import Python's own compiled modules: a trial doesn't see the system's libraries that they need."""
    for folder in filter(lambda place: place.endswith("lib-dynload"), sys.path):
        for name in sorted({file.partition(".")[0] for file in os.listdir(folder)}):
            if not NOT_LOADED.match(name):
                with contextlib.suppress(ImportError):
                    import_module(name)


class Mapped:
    """The files that this process has mapped. They're read whole, so that no trial can tell which parts others used."""

    def __init__(self) -> None:
        """Ask for all of them; the kernel reads while this process goes on."""
        self.pieces: list[tuple[int, int]] = []  # an open file and a position in it
        self.files: dict[str, int] = {}
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
            mappings = [line.rstrip("\n").split(maxsplit=5) for line in file]
        for span, _, offset, _, number, *path in mappings:
            if number == "0" or not path:
                continue
            with contextlib.suppress(OSError):
                if path[0] not in self.files:
                    self.files[path[0]] = os.open(path[0], os.O_RDONLY)
                start, end = (int(address, 16) for address in span.split("-"))
                first = int(offset, 16)
                self.pieces += [(self.files[path[0]], at) for at in range(first, first + end - start, STEP)]
        for descriptor, at in self.pieces:
            with contextlib.suppress(OSError):
                os.posix_fadvise(descriptor, at, STEP, os.POSIX_FADV_WILLNEED)

    def wait(self) -> None:
        """Wait until they have been read."""
        for descriptor, at in self.pieces:
            with contextlib.suppress(OSError):
                os.pread(descriptor, 1, at + STEP - 1)
        for descriptor in self.files.values():
            os.close(descriptor)
