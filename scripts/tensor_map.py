"""Draw the tensor map, as far as you have noted it: `python scripts/tensor_map.py [--config small]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.terminal import guarded

SIZES = ("batch", "sequence", "width", "heads", "layers", "hidden", "vocab")


def run(config: str, sizes: dict[str, int | None], language: str, finished: bool, outputs: list[Path]) -> int:
    """Write the map and say where; what could not be read is a question mark and a line here."""
    from kit.course.course import Course, find_root
    from kit.model.tensor_map.draw import draw_map

    course = Course(find_root(Path.cwd()))
    for line in draw_map(course, config, sizes, language, finished, outputs):
        print(line)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """The command line's door."""
    parser = argparse.ArgumentParser(
        prog="tensor_map.py", description="Draw every tensor of the model, as far as your chapters note its shape."
    )
    parser.add_argument("--config", choices=["small", "default"], default="default", help="the settings to start from")
    for name in SIZES:
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"another {name}")
    parser.add_argument("--lang", default="en", metavar="LANG", help="the language of your files (en)")
    parser.add_argument("--finished", action="store_true", help="the finished map, whatever your chapters say")
    parser.add_argument(
        "--output", action="append", type=Path, metavar="FILE", help="a .svg or .png (both, into build/)"
    )
    given = parser.parse_args(argv)
    sizes = {name: getattr(given, name) for name in SIZES}
    return guarded(lambda: run(given.config, sizes, given.lang, given.finished, given.output or []))


if __name__ == "__main__":
    sys.exit(main())
