"""Long proofs, made once: a test isn't run again if not a byte of its inputs has changed since it passed.

    test --> Proof.once(files, body) --> body(), or nothing when it passed before on these very files

What's proven is remembered in `.proofs/`, by a digest of everything that the proof depends on: the files that the test
names, including itself, the versions of Python, torch and NumPy, the kind of machine, and the WORKSHOP_ variables.
`pytest --prove-again` looks nothing up. A proof that fails is never remembered.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from kit.cache import Cache, code_files, files_digest, key_of
from kit.course.chapter import Chapter

FOLDER = ".proofs"
KEPT, MADE = "taken from the cache", "made"


@cache
def judging_packages() -> frozenset[str]:
    """The packages in kit/ that the judge or workshop/ imports, directly or through others."""
    import grimp

    graph = grimp.build_graph("kit", "workshop", cache_dir=None)
    below = {name for top in ("kit.judge", "workshop") for name in graph.find_upstream_modules(top, as_package=True)}
    return frozenset({"judge"} | {name.split(".")[1] for name in below if name.startswith("kit.")})


def chapter_files(root: Path, chapter: Chapter, *more: str) -> Iterator[Path]:
    """Every file that decides how the cells of a chapter are judged, besides those named by `more`.

    The chapter and those before it, the syllabus, the exported package, the code that runs and judges cells, the pins.
    """
    last = Path(chapter.path).name
    yield from (path for path in sorted((root / "checkpoints").glob("*.py")) if path.name <= last)
    yield from sorted((root / "nanogpt").glob("*.py"))
    yield from code_files(root, judging_packages())
    yield from (root / name for name in ("chapters.toml", "requirements.txt", "tests/support/proofs.py", *more))


def surroundings() -> Iterator[str]:
    """What a proof depends on, apart from files."""
    yield from (sys.version, platform.system(), platform.machine(), version("torch"), version("numpy"))
    yield from sorted(f"{name}={text}" for name, text in os.environ.items() if name.startswith("WORKSHOP_"))


class Proof:
    """The proof that one test makes."""

    def __init__(self, name: str, root: Path, again: bool = False) -> None:
        """`name` tells proofs on the same files apart; with `again`, nothing is looked up."""
        self.name, self.root, self.again = name, root, again
        self.outcome = ""

    def once(self, files: Iterable[Path], body: Callable[[], None]) -> None:
        """Run `body`, unless it has already passed on these files."""
        key = key_of("proof", self.name, files_digest(self.root, files), *surroundings())
        cache = Cache(self.root / FOLDER)
        try:
            if not self.again and cache.get(key) is not None:
                self.outcome = KEPT
                return
            body()
            cache.put({key: b"proven"})
            self.outcome = MADE
        finally:
            cache.close()
